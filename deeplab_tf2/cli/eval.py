"""The command eval: scores a run, or saved predictions, on a split."""

from __future__ import annotations

import collections
import dataclasses
import sys
import typing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.crf import before_and_after, chosen_crf, facts, save_before
from deeplab_tf2.cli.run_flags import OFFICIAL, RunFlags, find_subject
from deeplab_tf2.cli.scored import Scored, of_files, of_run
from deeplab_tf2.cli.watching import watched
from deeplab_tf2.config import CrfConfig, InputError, ModelConfig, check_choices, leaf
from deeplab_tf2.evaluation.result import SHOWN_IMAGES, TRIMAP_WIDTHS
from deeplab_tf2.evaluation.trimap import check_widths

if typing.TYPE_CHECKING:
    from deeplab_tf2.evaluation.result import Evaluation
    from deeplab_tf2.evaluation.visualise import Example

flags.disclaim_key_flags()

# What else may be said of predictions that were saved: they cannot be made anew.
_OF_FILES = ("prediction_dir", "prediction_ids", "dataset_dir", "dataset", "eval_split", "eval_logdir")
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
    prediction_ids: Literal["classes", "cityscapes"] | None = leaf(
        None,
        "What the pixels of --prediction_dir are: classes, or cityscapes (7, 8, 11, ... as its benchmark has them); "
        "unset: as vis.py writes them for the dataset.",
    )
    trimap_widths: tuple[int, ...] = leaf(
        TRIMAP_WIDTHS, "Widths, in pixels, of the bands along borders that are scored; none: no bands."
    )
    trimap_border: Literal["void", "edges"] | None = leaf(
        None,
        "What the bands lie along: void (ignored pixels) or edges (of true labels, those of void too); "
        "unset: void where there is any.",
    )
    shown_images: int = leaf(SHOWN_IMAGES, "How many of the worst and of the best images the report shows.")

    def __post_init__(self) -> None:
        check_choices(self)
        if self.trimap_widths:
            check_widths(self.trimap_widths)
        if self.shown_images < 0:
            raise InputError(f"shown_images is {self.shown_images}; 0 is the least")


def main() -> None:
    """Runs the command line."""
    binding.run(command, EvalConfig, ModelConfig, CrfConfig, official=OFFICIAL)


def command(given: binding.Given) -> None:
    """Scores the split, with --watch for each new checkpoint, prints the table and writes the report."""
    config = EvalConfig(**given[EvalConfig])
    if config.prediction_dir:
        _check_idle(given)
    for chosen in watched(config, "eval", config.max_number_of_evaluations):
        _pass(chosen, given)


def _pass(config: EvalConfig, given: binding.Given) -> None:
    crf = chosen_crf(given)
    scored = _saved(config) if config.prediction_dir else _predicted(config, given, crf)
    *before, evaluation = examined(scored, config, crf)
    folder = config.eval_logdir or scored.folder
    print(_told(scored, evaluation))
    print("\n".join(_written(evaluation, folder, before)))


def _predicted(config: EvalConfig, given: binding.Given, crf: CrfConfig) -> Scored:
    if config.prediction_ids:
        raise InputError("--prediction_ids tells what --prediction_dir holds: give that folder too, or leave it out")
    crop, batch = config.eval_crop_size, config.eval_batch_size
    subject = find_subject(config, given[ModelConfig], "eval", config.eval_split, crop, batch)
    return of_run(subject, probabilities=crf.crf)


def _check_idle(given: binding.Given) -> None:
    idle = [name for names in given.values() for name in names if name not in (*_OF_FILES, *_OF_ALL)]
    if idle:
        raise InputError(
            f"--prediction_dir scores files as they are, on which --{', --'.join(idle)} cannot act: leave one out"
        )


def _saved(config: EvalConfig) -> Scored:
    if not config.dataset_dir:
        raise InputError("--dataset_dir is missing: --prediction_dir needs the folder of the records with the truth")
    folder, records = config.prediction_dir or "", config.dataset_dir
    return of_files(folder, records, config.dataset, config.eval_split, config.prediction_ids)


def examined(scored: Scored, config: EvalConfig, crf: CrfConfig) -> list[Evaluation]:
    """What is found: before and after the CRF, where it is in use."""
    from tqdm import tqdm

    from deeplab_tf2.data.conversion.thread_runner import in_order
    from deeplab_tf2.evaluation.confusion import takeover_warning
    from deeplab_tf2.evaluation.examination import Examination

    descriptor = scored.descriptor
    known = [scored.facts, scored.facts | {"crf": facts(crf)}] if crf.crf else [scored.facts]
    examinations = [
        Examination(descriptor, config.trimap_widths, config.trimap_border, config.shown_images) for _ in known
    ]

    def count(made: Sequence[Example]) -> None:
        for examination, example in zip(examinations, made, strict=True):
            examination.add(example)

    examples = before_and_after(scored.examples, crf)
    shown = tqdm(examples, total=scored.images, desc="evaluating", unit="image", file=sys.stderr)
    # One thread counts in order while the network is at the next image.
    with ThreadPoolExecutor(1) as pool:
        collections.deque(in_order(pool, count, shown, ahead=2), maxlen=0)
    return [
        examination.evaluation(**told, warning=takeover_warning(examination.scores, descriptor.class_names))
        for examination, told in zip(examinations, known, strict=True)
    ]


def _told(scored: Scored, evaluation: Evaluation) -> str:
    from deeplab_tf2.evaluation.objects import WITHOUT_SCIPY
    from deeplab_tf2.evaluation.table import format_table

    heading = f"{scored.told}, on {scored.images} images of {scored.split!r}"
    more = {"boundary IoU": evaluation.boundary_iou}
    table = format_table(evaluation.scores, evaluation.class_names, more, evaluation.ignore_label)
    warning = evaluation.facts["warning"]
    notes = [note for note in (warning, None if evaluation.sizes else WITHOUT_SCIPY) if note]
    return "\n\n".join([heading, table, *notes])


def _written(evaluation: Evaluation, folder: str, before: Sequence[Evaluation]) -> Iterator[str]:
    from deeplab_tf2.evaluation.report import save_report
    from deeplab_tf2.evaluation.score_files import save_scores

    storage.make_folder(folder)
    files = save_scores(evaluation, folder)
    for other in before:
        yield from save_before(other, files[0], folder)
    yield f"scores: {', '.join(files)}"
    yield f"report: {save_report(evaluation, folder)}"
