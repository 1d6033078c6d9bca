"""The command predict: segments photographs and videos with a run, an export or a published network."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
import typing
from collections.abc import Iterator, Sequence

import numpy as np
from absl import flags

from deeplab_tf2.checkpoints import choice
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.crf import chosen_crf
from deeplab_tf2.cli.predict_inputs import Given, find_inputs, names_in_coco, readable, with_stems
from deeplab_tf2.config import Config, CrfConfig, InputError, ModelConfig, TileConfig, leaf
from deeplab_tf2.pictures.legend import percent

if typing.TYPE_CHECKING:
    from deeplab_tf2.data.catalog import Descriptor
    from deeplab_tf2.inference.photos import Photo
    from deeplab_tf2.inference.polygon_files import CocoFile
    from deeplab_tf2.inference.predict import Predictor
    from deeplab_tf2.inference.writing import Writing, Written

flags.disclaim_key_flags()

_SHOWN_CLASSES = 5
_TAKEOVER_SHARE = 0.99


@dataclasses.dataclass(frozen=True)
class PredictConfig(Config):
    """What segments which photographs, and where the results go."""

    model: str = leaf("", "Folder of a run, one of its checkpoints, an export, or zoo:NAME of the model zoo.")
    checkpoint: str | None = leaf(None, choice.HELP)
    images: tuple[str, ...] = leaf(
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
        if self.polygon_tolerance < 0:
            raise InputError(f"polygon_tolerance is {self.polygon_tolerance}; it cannot be below 0")
        if self.predict_batch_size is not None and self.predict_batch_size < 1:
            raise InputError(f"predict_batch_size is {self.predict_batch_size}; at least 1 is needed")


CONFIGS = (PredictConfig, CrfConfig, TileConfig, ModelConfig)


def main() -> None:
    """Runs the command line."""
    binding.run(command, *CONFIGS)


def command(given: binding.Given) -> int:
    """Segments every image; what fails is listed at the end and makes the exit status 1."""
    from deeplab_tf2.inference.loading import load

    config, crf = PredictConfig(**given[PredictConfig]), chosen_crf(given)
    tiles = TileConfig(**given.get(TileConfig, {}))
    inputs = _inputs(config, crf, tiles)
    predictor = load(config.model, config.checkpoint, **given[ModelConfig])
    inputs = readable(inputs, predictor.descriptor.input_channels)
    writing = _writing(config, crf, predictor)
    tally = _Tally(predictor.descriptor)
    os.makedirs(config.output_dir, exist_ok=True)
    with _coco_file(config, predictor) as coco:
        names = names_in_coco(inputs)
        for photo, written in _outcomes(config, writing, tiles, predictor, inputs):
            tally.add(written)
            if coco is not None and not isinstance(written, InputError):
                coco.add(names[photo.name], written.size, written.parts)
    return tally.tell(config.output_dir)


def _inputs(config: PredictConfig, crf: CrfConfig, tiles: TileConfig) -> list[Given]:
    """What is given, named; refused where the flags do not go together, before anything is loaded."""
    from deeplab_tf2.inference import films, forms

    for name in ("model", "images", "output_dir"):
        if not getattr(config, name):
            raise InputError(f"--{name} is missing: {PredictConfig.__dataclass_fields__[name].metadata['help']}")
    forms.check_forms(config.outputs)
    inputs = find_inputs(config.images)
    whole = [one.name for one in inputs if one.data is not None or one.is_film]
    no_film = [name for name in config.outputs if name == forms.COCO or forms.FORMS[name].of_files]
    for one in inputs:
        if no_film and one.is_film:
            raise InputError(f"--outputs={no_film[0]} is about image files, and {one.name} is a video: leave it out")
    if tiles.tile_size and (crf.crf or whole):
        what = "--crf needs whole images" if crf.crf else f"{whole[0]} is no image file"
        raise InputError(f"--tile_size cuts image files into tiles, and {what}: leave one of them out")
    ends = [f"_{name}.{kind}" for name in config.outputs for kind in ("png", "tif")] if tiles.tile_size else []
    ends += [forms.FORMS[name].end for name in config.outputs if name != forms.COCO]
    return with_stems(inputs, config.output_dir, [*ends, films.END])


def _writing(config: PredictConfig, crf: CrfConfig, predictor: Predictor) -> Writing:
    from deeplab_tf2.inference.forms import Details, labels_of
    from deeplab_tf2.inference.writing import Writing

    details = Details(labels_of(config.cutout_classes, predictor.descriptor), config.polygon_tolerance)
    return Writing(config.outputs, details, crf)


@contextlib.contextmanager
def _coco_file(config: PredictConfig, predictor: Predictor) -> Iterator[CocoFile | None]:
    """The file of all polygons, if it is wanted: there once all went well."""
    from deeplab_tf2.inference.forms import COCO, COCO_FILE
    from deeplab_tf2.inference.polygon_files import CocoFile

    if COCO not in config.outputs:
        yield None
        return
    file = CocoFile(os.path.join(config.output_dir, COCO_FILE), predictor.descriptor)
    try:
        yield file
        file.close()
    finally:
        file.abandon()


def _outcomes(
    config: PredictConfig, writing: Writing, tiles: TileConfig, predictor: Predictor, inputs: Sequence[Given]
) -> Iterator[tuple[Photo, Written | InputError]]:
    """Every image and frame, with what became of it."""
    from tqdm import tqdm

    from deeplab_tf2.inference.writing import write_film, write_large

    photos = [one.photo(predictor.descriptor.input_channels) for one in inputs if not one.is_film]
    with tqdm(total=len(photos), desc="segmenting", unit="image", file=sys.stderr) as bar:
        if tiles.tile_size:
            tell = lambda done, total: bar.set_postfix_str(f"tile {done} of {total}")  # noqa: E731
            found = write_large(predictor, photos, tiles, config.outputs, tell)
        else:
            found = writing.write(predictor, photos, config.predict_batch_size)
        for outcome in found:
            bar.update()
            yield outcome
        for one in (one for one in inputs if one.is_film):
            for outcome in write_film(predictor, one.name, one.stem, writing, config.predict_batch_size):
                bar.update()
                yield outcome


class _Tally:
    """What became of all images, and which classes they show."""

    def __init__(self, descriptor: Descriptor) -> None:
        self.names = descriptor.class_names
        self.shares = np.zeros(descriptor.num_classes)
        self.done, self.failures = 0, list[str]()
        self.notes: dict[str, None] = {}

    def add(self, written: Written | InputError) -> None:
        """Counts an image."""
        if isinstance(written, InputError):
            self.failures.append(str(written))
        else:
            self.done += 1
            self.shares += written.shares
            if written.note:
                self.notes[f"note: {written.note}"] = None

    def tell(self, folder: str) -> int:
        """Says it all, and returns the exit status."""
        if self.done:
            shares = self.shares / self.done
            print(f"segmented {self.done} image{'s' * (self.done > 1)}: {self._commonest(shares)}")
            print(f"results: {folder}")
            if shares.max() > _TAKEOVER_SHARE:
                print("warning: one class nearly everywhere; eval.py on a split with masks says what that is worth")
        print("\n".join(self.notes), end="\n" * bool(self.notes))
        for failure in self.failures:
            print(f"failed: {failure}", file=sys.stderr)
        return 1 if self.failures else 0

    def _commonest(self, shares: np.ndarray) -> str:
        order = [label for label in np.argsort(-shares, kind="stable") if shares[label] > 0]
        shown = [f"{self.names[label]} {percent(shares[label])}" for label in order[:_SHOWN_CLASSES]]
        return ", ".join(shown + ["..."] * (len(order) > _SHOWN_CLASSES))
