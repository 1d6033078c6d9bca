"""The command vis: draws what a run predicts on a split."""

from __future__ import annotations

import dataclasses
import os
import sys
import typing
from typing import Literal

import numpy as np
from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.run_flags import OFFICIAL, RunFlags, find_subject
from deeplab_tf2.cli.subject import Subject, plain_errors
from deeplab_tf2.config import InputError, ModelConfig, leaf
from deeplab_tf2.pictures.palettes import colormap

if typing.TYPE_CHECKING:
    from deeplab_tf2.evaluation.visualise import Style

flags.disclaim_key_flags()

_TAKEOVER_SHARE = 0.99


@dataclasses.dataclass(frozen=True)
class VisConfig(RunFlags):
    """Which run is drawn on which split, how images are padded and in which colours."""

    vis_logdir: str | None = leaf(None, "Folder for the pictures; unset: the folder vis in the run.")
    vis_split: str = leaf("val", "Split to draw; it needs no masks.")
    vis_crop_size: tuple[int, ...] | None = leaf(
        None,
        "Pad every image to this height,width (official); unset: each to its own next k * output_stride + 1.",
    )
    vis_batch_size: int = leaf(1, "Images per batch; more than one needs --vis_crop_size.")
    colormap_type: Literal["pascal", "cityscapes", "ade20k"] | None = leaf(
        None, "Colours: pascal, cityscapes or ade20k; unset: the dataset's own."
    )
    also_save_raw_predictions: bool = leaf(False, "Also store the predicted class numbers as grey PNG files.")

    def __post_init__(self) -> None:
        legal = ("pascal", "cityscapes", "ade20k")
        if self.colormap_type is not None and self.colormap_type not in legal:
            raise InputError(f"colormap_type is {self.colormap_type}; legal are {', '.join(legal)}")


def main() -> None:
    """Runs the command line."""
    binding.run(command, VisConfig, ModelConfig, official=OFFICIAL)


def command(given: binding.Given) -> None:
    """Draws the split once and says where the pictures are."""
    config = VisConfig(**given[VisConfig])
    subject = find_subject(
        config, given[ModelConfig], "vis", config.vis_split, config.vis_crop_size, config.vis_batch_size
    )
    style = _style(subject, config.colormap_type)
    folder = config.vis_logdir or os.path.join(subject.folder, "vis")
    pixels = _draw(subject, folder, style, config.also_save_raw_predictions)
    winner = int(pixels.argmax())
    if pixels[winner] > _TAKEOVER_SHARE * pixels.sum():
        share = 100 * pixels[winner] / pixels.sum()
        print(
            f"warning: {style.names[winner]!r} covers {share:.2f} % of all predicted pixels; "
            "eval.py on a split with masks says what that is worth"
        )
    _say_where(folder, subject.details.examples, config.also_save_raw_predictions)


def _style(subject: Subject, colormap_type: str | None) -> Style:
    from deeplab_tf2.evaluation.visualise import CITYSCAPES_IDS, Style

    descriptor = subject.descriptor
    colors = np.array(descriptor.colors, np.uint8) if colormap_type is None else colormap(colormap_type)
    if len(colors) < descriptor.num_classes:
        raise InputError(
            f"colormap_type {colormap_type} has {len(colors)} colours for {descriptor.num_classes} "
            "classes: leave the flag out"
        )
    # Cityscapes records number the classes for training; the benchmark wants its own numbers.
    cityscapes = subject.dataset_name == "cityscapes" and descriptor.num_classes == len(CITYSCAPES_IDS)
    return Style(
        names=descriptor.class_names,
        colors=colors,
        ignore_label=descriptor.ignore_label,
        raw_ids=CITYSCAPES_IDS if cityscapes else None,
    )


def _draw(subject: Subject, folder: str, style: Style, save_raw: bool) -> np.ndarray:
    from tqdm import tqdm

    from deeplab_tf2.evaluation.visualise import visualise

    predict = subject.labeller(subject.load())
    with (
        plain_errors(subject),
        tqdm(total=subject.details.examples, desc="drawing", unit="image", file=sys.stderr) as bar,
    ):
        return visualise(predict, subject.batches(), folder, style, save_raw, progress=bar.update)


def _say_where(folder: str, images: int, save_raw: bool) -> None:
    from deeplab_tf2.evaluation.visualise import PICTURES, RAW

    print(f"pictures of {images} images: {os.path.join(folder, PICTURES)}")
    if save_raw:
        print(f"raw predictions: {os.path.join(folder, RAW)}")
