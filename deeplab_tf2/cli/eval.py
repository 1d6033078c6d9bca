"""The command eval: scores a run on a split."""

from __future__ import annotations

import dataclasses
import os
import sys
import typing

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.run_flags import OFFICIAL, RunFlags, find_subject
from deeplab_tf2.cli.subject import Subject, plain_errors
from deeplab_tf2.config import InputError, ModelConfig, leaf, write_json

if typing.TYPE_CHECKING:
    from deeplab_tf2.evaluation.confusion import Scores
    from deeplab_tf2.inference.loading import Run

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class EvalConfig(RunFlags):
    """Which run is scored on which split, and how images are padded."""

    eval_logdir: str | None = leaf(None, "Folder for the report; unset: the folder eval in the run.")
    eval_split: str = leaf("val", "Split to score.")
    eval_crop_size: tuple[int, ...] | None = leaf(
        None,
        "Pad every image to this height,width (official); unset: each to its own next k * output_stride + 1.",
    )
    eval_batch_size: int = leaf(1, "Images per batch; more than one needs --eval_crop_size.")


def main() -> None:
    """Runs the command line."""
    binding.run(command, EvalConfig, ModelConfig, official=OFFICIAL)


def command(given: binding.Given) -> None:
    """Scores the run once, prints the table and writes the report."""
    config = EvalConfig(**given[EvalConfig])
    subject = find_subject(
        config,
        given[ModelConfig],
        "eval",
        config.eval_split,
        config.eval_crop_size,
        config.eval_batch_size,
    )
    if not subject.details.labelled:
        raise InputError(
            f"the split {subject.split!r} has no masks to score against: use vis.py to see predictions, "
            f"or score one of {', '.join(_labelled(subject)) or 'no split'}"
        )
    run = subject.load()
    scores = _score(subject, run)
    folder = config.eval_logdir or os.path.join(subject.folder, "eval")
    print(_told(subject, run, scores))
    print(f"report: {_report(subject, run, scores, folder)}")


def _labelled(subject: Subject) -> list[str]:
    return sorted(name for name, split in subject.descriptor.splits.items() if split.labelled)


def _score(subject: Subject, run: Run) -> Scores:
    from tqdm import tqdm

    from deeplab_tf2.evaluation.evaluate import evaluate

    descriptor = subject.descriptor
    with (
        plain_errors(subject),
        tqdm(total=subject.details.examples, desc="evaluating", unit="image", file=sys.stderr) as bar,
    ):
        predict = subject.labeller(run)
        return evaluate(
            predict, subject.batches(), descriptor.num_classes, descriptor.ignore_label, progress=bar.update
        )


def _told(subject: Subject, run: Run, scores: Scores) -> str:
    from deeplab_tf2.evaluation.confusion import takeover_warning
    from deeplab_tf2.evaluation.table import format_table

    names = subject.descriptor.class_names
    heading = f"{run.checkpoint}, step {run.step}, on {subject.details.examples} images of {subject.split!r}"
    warning = takeover_warning(scores, names)
    return "\n\n".join([heading, format_table(scores, names), *([warning] if warning else [])])


def _report(subject: Subject, run: Run, scores: Scores, folder: str) -> str:
    from deeplab_tf2.evaluation.confusion import takeover_warning
    from deeplab_tf2.evaluation.table import to_json

    names = subject.descriptor.class_names
    report = to_json(
        scores,
        names,
        run=os.path.abspath(subject.folder),
        checkpoint=str(run.checkpoint),
        step=int(run.step),
        dataset=subject.dataset_name,
        dataset_dir=storage.absolute(subject.records),
        split=subject.split,
        images=subject.details.examples,
        output_stride=subject.output_stride,
        padding=subject.padding,
        resizing=dataclasses.asdict(subject.resizing),
        eval_scales=subject.scales,
        add_flipped_images=subject.flip,
        warning=takeover_warning(scores, names),
    )
    os.makedirs(folder, exist_ok=True)
    return write_json(os.path.join(folder, f"{subject.split}_scores.json"), report)
