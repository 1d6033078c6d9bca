"""Validation on the way: scores, what is alarming about them, and a few pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.pipeline import evaluation_dataset
from deeplab_tf2.evaluation.confusion import Scores, takeover_warning
from deeplab_tf2.evaluation.evaluate import evaluate, labeller
from deeplab_tf2.evaluation.table import format_table
from deeplab_tf2.evaluation.visualise import Example, examples
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.training.at_steps import AtSteps
from deeplab_tf2.training.cluster import Echo
from deeplab_tf2.training.memory import OUT_OF_MEMORY

# Images that are shown, and classes of which a table is printed at every validation.
PICTURES = 4
_TABLE_CLASSES = 40
# What the columns with the classes' IoU begin with.
IOU = "IoU "


@dataclasses.dataclass(frozen=True, eq=False)
class Validated:
    """What a validation found.

    Attributes:
        scores: scores of the whole split.
        examples: a few of its images, from its beginning to its end.
    """

    scores: Scores
    examples: Sequence[Example]


class Validation(AtSteps):
    """Scores the network on a split, prints the table per class and whatever is alarming, and keeps the scores.

    Args:
        every: steps between validations.
        last: number of the last step.
        validate: scores the network as it is.
        class_names: one name per class.
        echo: prints a line.
        record: keeps a row: step, mIoU, pixel_accuracy, "IoU <class>" of every class, empty where it is absent.

    Attributes:
        latest: what the newest validation found; None before the first.
        row: its row.
        is_scoring: whether the network is being scored, or that failed.
    """

    def __init__(
        self,
        every: int,
        last: int,
        validate: Callable[[], Validated],
        class_names: Sequence[str],
        echo: Echo,
        record: Callable[[dict[str, Any]], object],
    ) -> None:
        super().__init__(every, last)
        self.validate, self.class_names = validate, class_names
        self.echo, self.record = echo, record
        self.latest: Validated | None = None
        self.row: dict[str, Any] = {}
        self.is_scoring = False

    def act(self, step: int, logs: Mapping[str, Any]) -> None:
        self.is_scoring = True
        try:
            self.latest = self.validate()
        except OUT_OF_MEMORY as error:
            raise InputError(
                f"out of memory while validating at step {step}, where images are scored one by one as large as they "
                "are: --max_resize_value makes them smaller; --validation_split=none leaves scoring to eval.py"
            ) from error
        self.is_scoring = False
        scores = self.latest.scores
        self.row = validation_row(step, scores, self.class_names)
        means = f"mIoU {scores.miou:.4f}  pixel accuracy {scores.pixel_accuracy:.4f}"
        self.echo(f"step {step}/{self.last}  validation {means}")
        if len(self.class_names) <= _TABLE_CLASSES or step == self.last:
            self.echo(format_table(scores, self.class_names))
        if warning := takeover_warning(scores, self.class_names):
            self.echo(warning)
        self.record(self.row)


def validation_row(step: int, scores: Scores, class_names: Sequence[str]) -> dict[str, Any]:
    """The scores of a step by the names of their columns; empty where there is none."""
    each = {f"{IOU}{name}": value for name, value in zip(class_names, scores.iou.tolist(), strict=True)}
    values = {"mIoU": scores.miou, "pixel_accuracy": scores.pixel_accuracy, **each}
    return {"step": step, **{name: value if value == value else "" for name, value in values.items()}}


def validation_dataset(config: RunConfig, descriptor: Descriptor, model: DeepLab) -> tf.data.Dataset:
    """The validation split of a run, see `data.pipeline.evaluation_dataset`: images of their own sizes, one by one."""
    data = config.data
    return evaluation_dataset(
        data.dataset_dir,
        config.run.validation_split,
        descriptor,
        output_stride=config.model.output_stride,
        resizing=data.resizing,
        pad_pixel=model.pad_pixel,
    )


def validator(config: RunConfig, descriptor: Descriptor, model: DeepLab) -> Callable[[], Validated]:
    """A function that scores `model`, as it then is, on the validation split of a run."""
    dataset, predict = validation_dataset(config, descriptor, model), labeller(model)
    count = descriptor.split(config.run.validation_split).examples
    shown = set(np.linspace(0, count - 1, PICTURES).astype(int).tolist())

    def validate() -> Validated:
        kept = []

        def watched() -> Iterator[dict[str, Any]]:
            for position, batch in enumerate(dataset):
                if position in shown:
                    kept.append(batch)
                yield batch

        scores = evaluate(predict, watched(), descriptor.num_classes, descriptor.ignore_label)
        return Validated(scores, list(examples(predict, kept)))

    return validate
