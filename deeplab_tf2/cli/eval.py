"""The command eval: scores a run, or saved predictions, on a split."""

from __future__ import annotations

import dataclasses
import sys
import typing
from typing import Literal

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.run_flags import OFFICIAL, RunFlags, find_subject
from deeplab_tf2.cli.scored import Scored, of_files, of_run
from deeplab_tf2.cli.watching import watched
from deeplab_tf2.config import InputError, ModelConfig, leaf
from deeplab_tf2.evaluation.result import SHOWN_IMAGES, TRIMAP_WIDTHS

if typing.TYPE_CHECKING:
    from deeplab_tf2.evaluation.result import Evaluation

flags.disclaim_key_flags()

# What else may be said of predictions that were saved: they cannot be made anew.
_OF_FILES = ("prediction_dir", "dataset_dir", "dataset", "eval_split", "eval_logdir")
_OF_ALL = ("trimap_widths", "trimap_border", "shown_images")


@dataclasses.dataclass(frozen=True)
class EvalConfig(RunFlags):
    """What is scored on which split, how images are padded, and what the report holds."""

    eval_logdir: str | None = leaf(None, "Folder for the report; unset: the folder eval in the run.")
    eval_split: str = leaf("val", "Split to score.")
    eval_crop_size: tuple[int, ...] | None = leaf(
        None,
        "Pad every image to this height,width (official); unset: each to its own next k * output_stride + 1.",
    )
    eval_batch_size: int = leaf(1, "Images per batch; more than one needs --eval_crop_size.")
    max_number_of_evaluations: int = leaf(0, "With --watch: checkpoints after which it ends; 0 for no limit.")
    prediction_dir: str | None = leaf(
        None, "Score the PNG files in this folder, one of the name of each image, in place of a run."
    )
    trimap_widths: tuple[int, ...] = leaf(
        TRIMAP_WIDTHS, "Widths, in pixels, of the bands along borders that are scored; none: no bands."
    )
    trimap_border: Literal["void", "edges"] | None = leaf(
        None,
        "What the bands lie along: void (ignored pixels) or edges (of true classes); unset: void where there is any.",
    )
    shown_images: int = leaf(SHOWN_IMAGES, "How many of the worst and of the best images the report shows.")


def main() -> None:
    """Runs the command line."""
    binding.run(command, EvalConfig, ModelConfig, official=OFFICIAL)


def command(given: binding.Given) -> None:
    """Scores the split, with --watch for each new checkpoint, prints the table and writes the report."""
    config = EvalConfig(**given[EvalConfig])
    for chosen in watched(config, "eval", config.max_number_of_evaluations):
        _pass(chosen, given)


def _pass(config: EvalConfig, given: binding.Given) -> None:
    scored = _saved(config, given) if config.prediction_dir else _predicted(config, given)
    evaluation = _examined(scored, config)
    folder = config.eval_logdir or scored.folder
    print(_told(scored, evaluation))
    print("\n".join(_written(evaluation, folder)))


def _predicted(config: EvalConfig, given: binding.Given) -> Scored:
    crop, batch = config.eval_crop_size, config.eval_batch_size
    return of_run(find_subject(config, given[ModelConfig], "eval", config.eval_split, crop, batch))


def _saved(config: EvalConfig, given: binding.Given) -> Scored:
    idle = [name for names in given.values() for name in names if name not in (*_OF_FILES, *_OF_ALL)]
    if idle:
        raise InputError(
            f"--prediction_dir scores files as they are, on which --{', --'.join(idle)} cannot act: leave one out"
        )
    if not config.dataset_dir:
        raise InputError("--dataset_dir is missing: --prediction_dir needs the folder of the records with the truth")
    return of_files(config.prediction_dir or "", config.dataset_dir, config.dataset, config.eval_split)


def _examined(scored: Scored, config: EvalConfig) -> Evaluation:
    from tqdm import tqdm

    from deeplab_tf2.evaluation.confusion import takeover_warning
    from deeplab_tf2.evaluation.examination import Examination

    descriptor = scored.descriptor
    examination = Examination(descriptor, config.trimap_widths, config.trimap_border, config.shown_images)
    for example in tqdm(scored.examples, total=scored.images, desc="evaluating", unit="image", file=sys.stderr):
        examination.add(example)
    warning = takeover_warning(examination.scores, descriptor.class_names)
    return examination.evaluation(**scored.facts, warning=warning)


def _told(scored: Scored, evaluation: Evaluation) -> str:
    from deeplab_tf2.evaluation.table import format_table

    heading = f"{scored.told}, on {scored.images} images of {scored.split!r}"
    more = {"boundary IoU": evaluation.boundary_iou}
    table = format_table(evaluation.scores, evaluation.class_names, more, evaluation.ignore_label)
    warning = evaluation.facts["warning"]
    return "\n\n".join([heading, table, *([warning] if warning else [])])


def _written(evaluation: Evaluation, folder: str) -> tuple[str, str]:
    from deeplab_tf2.evaluation.report import save_report
    from deeplab_tf2.evaluation.score_files import save_scores

    storage.make_folder(folder)
    return f"scores: {', '.join(save_scores(evaluation, folder))}", f"report: {save_report(evaluation, folder)}"
