"""The flags of predict, and which of them go together."""

from __future__ import annotations

import dataclasses
import math

from deeplab_tf2.checkpoints import choice
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.crf import chosen_crf
from deeplab_tf2.cli.flag_parsers import Name
from deeplab_tf2.cli.predict_inputs import Input, find_inputs
from deeplab_tf2.config import Config, CrfConfig, InputError, ModelConfig, TileConfig, leaf
from deeplab_tf2.data.files.band_arrays import RGB


@dataclasses.dataclass(frozen=True)
class PredictConfig(Config):
    """What segments which photographs, and where the results go."""

    model: str = leaf("", "Folder of a run, one of its checkpoints, an export, or zoo:NAME of the model zoo.")
    checkpoint: str | None = leaf(None, choice.HELP)
    images: tuple[Name, ...] = leaf(
        (),
        "Image and video files, folders (their own images, not those of their folders), patterns; - for standard "
        "input: an image, or a list of paths.",
    )
    output_dir: str = leaf("", "Folder for the results, <name>_mask.png and <name>_overlay.png of every image.")
    outputs: tuple[str, ...] = leaf(
        ("mask", "overlay"),
        "What is written of every image: mask (class numbers, with a palette), index (the same in grey), overlay, "
        "cutout (transparent background), probabilities (.npz), labelme and coco (polygons).",
    )
    cutout_classes: tuple[str, ...] = leaf((), "Names of the classes that are cut out; unset: all but the first.")
    polygon_tolerance: float = leaf(
        0.0, "Pixels by which polygons may stray from the labels, so that they have fewer points; 0: exact."
    )
    predict_batch_size: int | None = leaf(
        None, "Most images of about one size that are segmented together; unset: by their size."
    )

    def __post_init__(self) -> None:
        if not 0 <= self.polygon_tolerance < math.inf:
            raise InputError(f"polygon_tolerance is {self.polygon_tolerance}; legal are numbers from 0 on")
        if self.predict_batch_size is not None and self.predict_batch_size < 1:
            raise InputError(f"predict_batch_size is {self.predict_batch_size}; at least 1 is needed")


CONFIGS = (PredictConfig, CrfConfig, TileConfig, ModelConfig)


def chosen(given: binding.Given) -> tuple[PredictConfig, CrfConfig, TileConfig]:
    """The flags of predict.

    Raises:
        InputError: one is missing or without effect, or they do not go together.
    """
    from deeplab_tf2.inference import forms

    config, crf = PredictConfig(**given[PredictConfig]), chosen_crf(given)
    tiles = TileConfig(**given.get(TileConfig, {}))
    for name in ("model", "images", "output_dir"):
        if not getattr(config, name):
            raise InputError(f"--{name} is missing: {PredictConfig.__dataclass_fields__[name].metadata['help']}")
    forms.check_forms(config.outputs)
    if tiles.tile_size:
        check_tiled(config, RGB)
    _refuse_idle({**given[PredictConfig], **given.get(TileConfig, {})}, config, bool(tiles.tile_size))
    if tiles.tile_size and crf.crf:
        raise InputError("--tile_size cuts image files into tiles, and --crf needs whole images: leave one of them out")
    return config, crf, tiles


def check_tiled(config: PredictConfig, channels: int) -> None:
    """Refuses forms that are not made of tiles.

    Raises:
        InputError: there is one.
    """
    from deeplab_tf2.inference.large import check_outputs

    try:
        check_outputs(config.outputs, channels)
    except InputError as error:
        raise InputError(f"--{error}") from error


def _refuse_idle(typed: dict[str, object], config: PredictConfig, tiled: bool) -> None:
    """Refuses flags about what is not in use."""
    from deeplab_tf2.inference.forms import COCO

    polygons = {"labelme", COCO} & set(config.outputs)
    for flag, in_use, remedy in (
        ("cutout_classes", "cutout" in config.outputs, "add cutout to --outputs"),
        ("polygon_tolerance", polygons, "add labelme or coco to --outputs"),
        ("tile_overlap", tiled, "add --tile_size"),
        ("tile_pooling", tiled, "add --tile_size"),
        ("predict_batch_size", not tiled, "leave out --tile_size, whose tiles are segmented one by one"),
    ):
        if typed.get(flag) not in (None, ()) and not in_use:
            raise InputError(f"--{flag} has no effect here: {remedy}; or leave --{flag} out")


def chosen_inputs(config: PredictConfig, tiles: TileConfig) -> list[Input]:
    """What --images names; refused where the other flags are not about it.

    Raises:
        InputError: there is nothing, or something from which the results cannot be made.
    """
    from deeplab_tf2.inference import forms, rasters

    inputs = find_inputs(config.images, rasters.EXTENSIONS if tiles.tile_size else ())
    of_files = [name for name in config.outputs if name == forms.COCO or forms.FORMS[name].of_files]
    for one in inputs:
        if one.is_film or one.data is not None:
            what = f"{one.name} is {'a video' if one.is_film else 'no file'}"
            if of_files:
                raise InputError(f"--outputs={of_files[0]} is about image files, and {what}: leave it out")
            if tiles.tile_size:
                raise InputError(f"--tile_size cuts image files into tiles, and {what}: leave one of them out")
    return inputs
