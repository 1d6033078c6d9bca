"""The command vis: draws what a run predicts on a split."""

from __future__ import annotations

import dataclasses
import os
import sys
import typing
from collections.abc import Iterator
from typing import Literal

import numpy as np
from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.crf import before_and_after, chosen_crf
from deeplab_tf2.cli.run_flags import OFFICIAL, RunFlags, find_subject
from deeplab_tf2.cli.subject import Subject, plain_errors
from deeplab_tf2.cli.watching import watched
from deeplab_tf2.config import CrfConfig, InputError, ModelConfig, check_choices, leaf
from deeplab_tf2.pictures.palettes import colormap, default_colors

if typing.TYPE_CHECKING:
    from deeplab_tf2.evaluation.server_files import ServerFiles
    from deeplab_tf2.evaluation.visualise import Example, Style

flags.disclaim_key_flags()


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
    colormap_type: Literal["pascal", "cityscapes", "ade20k", "mapillary_vistas"] | None = leaf(
        None,
        "Colours: cityscapes, ade20k, mapillary_vistas, or pascal (any number of classes); unset: the dataset's own.",
    )
    also_save_raw_predictions: bool = leaf(False, "Also store the predicted class numbers as grey PNG files.")
    server_files: Literal["voc2012_comp5", "voc2012_comp6", "cityscapes"] | None = leaf(
        None, "Also store predictions as an evaluation server takes them: voc2012_comp5, voc2012_comp6 or cityscapes."
    )
    max_number_of_iterations: int = leaf(0, "With --watch: checkpoints after which it ends; 0 for no limit.")

    def __post_init__(self) -> None:
        check_choices(self)


def main() -> None:
    """Runs the command line."""
    binding.run(command, VisConfig, ModelConfig, CrfConfig, official=OFFICIAL)


def command(given: binding.Given) -> None:
    """Draws the split, with --watch for each new checkpoint, and says where the pictures are."""
    config = VisConfig(**given[VisConfig])
    for chosen in watched(config, "vis", config.max_number_of_iterations):
        _pass(chosen, given)


def _pass(config: VisConfig, given: binding.Given) -> None:
    subject = find_subject(
        config, given[ModelConfig], "vis", config.vis_split, config.vis_crop_size, config.vis_batch_size
    )
    # Late, for it waits for TensorFlow: what is missing is told at once.
    from tqdm import tqdm

    from deeplab_tf2.evaluation.confusion import TAKEOVER_SHARE
    from deeplab_tf2.evaluation.visualise import visualise

    look = style(subject, config.colormap_type)
    folder = config.vis_logdir or os.path.join(subject.folder, "vis")
    server_files = _server_files(subject, folder, config.server_files)
    found, save_raw = _found(subject, chosen_crf(given)), config.also_save_raw_predictions
    with tqdm(total=subject.details.examples, desc="drawing", unit="image", file=sys.stderr) as bar:
        pixels = visualise(found, folder, look, save_raw, server_files, progress=bar.update)
    winner = int(pixels.argmax())
    if pixels[winner] > TAKEOVER_SHARE * pixels.sum():
        share = 100 * pixels[winner] / pixels.sum()
        print(
            f"warning: {look.names[winner]!r} covers {share:.2f} % of all predicted pixels; "
            "eval.py on a split with masks says what that is worth"
        )
    _say_where(folder, subject.details.examples, save_raw, server_files)


def style(subject: Subject, colormap_type: str | None) -> Style:
    """Names and colours in which a split is drawn."""
    from deeplab_tf2.evaluation.raw_files import raw_ids
    from deeplab_tf2.evaluation.visualise import Style

    descriptor = subject.descriptor
    if colormap_type in (None, "pascal"):
        own = descriptor.colors if colormap_type is None else default_colors(descriptor.num_classes)
        colors = np.array(own, np.uint8)
    else:
        colors = colormap(colormap_type)
    if len(colors) < descriptor.num_classes:
        raise InputError(
            f"colormap_type {colormap_type} has {len(colors)} colours for {descriptor.num_classes} "
            "classes: leave the flag out"
        )
    return Style(
        names=descriptor.class_names,
        colors=colors,
        ignore_label=descriptor.ignore_label,
        raw_ids=raw_ids(subject.dataset_name, descriptor.num_classes),
    )


def _server_files(subject: Subject, folder: str, layout: str | None) -> ServerFiles | None:
    from deeplab_tf2.evaluation.server_files import ServerFiles

    return ServerFiles(layout, folder, subject.split, subject.descriptor.num_classes) if layout else None


def _found(subject: Subject, crf: CrfConfig) -> Iterator[Example]:
    from deeplab_tf2.evaluation.visualise import examples

    run = subject.load()
    predict = subject.answerer(run, probabilities=True) if crf.crf else subject.labeller(run)
    with plain_errors(subject):
        found = examples(predict, subject.batches(originals=True))
        yield from (made[-1] for made in before_and_after(found, crf))


def _say_where(folder: str, images: int, save_raw: bool, server_files: ServerFiles | None) -> None:
    from deeplab_tf2.evaluation.visualise import PICTURES, RAW

    print(f"pictures of {images} images: {os.path.join(folder, PICTURES)}")
    if save_raw:
        print(f"raw predictions: {os.path.join(folder, RAW)}")
    if server_files is not None:
        print(f"files for the server: {server_files.folder}")
