"""What eval scores: what a run predicts for a split, or predictions that were saved."""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Iterator
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.cli.subject import Subject, plain_errors, unusable_records
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.known import described, split_found
from deeplab_tf2.evaluation.raw_files import raw_ids

if typing.TYPE_CHECKING:
    from deeplab_tf2.evaluation.visualise import Example


@dataclasses.dataclass(frozen=True)
class Scored:
    """Predictions whose truth is known.

    Attributes:
        told: what a table says of where they come from.
        descriptor: descriptor of the records.
        split: name of the split.
        folder: where the report belongs.
        facts: what the report says of them.
        examples: the images with truth and prediction, once.
    """

    told: str
    descriptor: Descriptor
    split: str
    folder: str
    facts: dict[str, Any]
    examples: Iterator[Example]

    @property
    def images(self) -> int:
        """Number of images."""
        return self.descriptor.split(self.split).examples


def of_run(subject: Subject, probabilities: bool = False) -> Scored:
    """What a run predicts; `probabilities` says whether those of all classes come too.

    Raises:
        InputError: the split has no masks, or there is no such checkpoint.
    """
    _check_labelled(subject.descriptor, subject.split)
    run = subject.load()
    facts = {
        "run": os.path.abspath(subject.folder),
        "checkpoint": str(run.checkpoint),
        "step": int(run.step),
        **_records(subject.dataset_name, subject.records, subject.descriptor, subject.split),
        "output_stride": subject.output_stride,
        "padding": subject.padding,
        "resizing": dataclasses.asdict(subject.resizing),
        "eval_scales": subject.scales,
        "add_flipped_images": subject.flip,
    }

    def made() -> Iterator[Example]:
        from deeplab_tf2.evaluation.visualise import examples

        with plain_errors(subject):
            yield from examples(subject.answerer(run, probabilities), subject.batches())

    told = f"{run.checkpoint}, step {run.step}"
    return Scored(told, subject.descriptor, subject.split, os.path.join(subject.folder, "eval"), facts, made())


def of_files(folder: str, records: str, dataset: str | None, split: str, ids: str | None = None) -> Scored:
    """The predictions in the PNG files of a folder, see `evaluation.saved`.

    Args:
        folder: folder of the files.
        records: folder of the records with the truth.
        dataset: name of the dataset, where the records do not tell.
        split: name of the split.
        ids: what the pixels are, one of `raw_files.IDS`; None: what vis.py writes for the dataset.

    Raises:
        InputError: there are no such records, or they have no masks.
    """
    descriptor = described(records, dataset)
    name, split = dataset or descriptor.name, split_found(descriptor, split)
    _check_labelled(descriptor, split)
    held = _held(ids, name, descriptor.num_classes)
    numbers = raw_ids(held, descriptor.num_classes)
    known = {"prediction_dir": storage.absolute(folder), "prediction_ids": held}
    facts = known | _records(name, records, descriptor, split)

    def made() -> Iterator[Example]:
        from deeplab_tf2.data.pipeline import evaluation_dataset
        from deeplab_tf2.evaluation.saved import saved_examples

        with unusable_records(records, split):
            batches = evaluation_dataset(records, split, descriptor).as_numpy_iterator()
            yield from saved_examples(batches, folder, descriptor, numbers)

    return Scored(f"predictions in {folder}", descriptor, split, storage.join(folder, "eval"), facts, made())


def _held(ids: str | None, dataset: str, num_classes: int) -> str:
    """What the pixels of files are: what is said, or what vis.py writes for the dataset."""
    fits = raw_ids(ids or dataset, num_classes) is not None
    if not fits and ids not in (None, "classes"):
        raise InputError(
            f"prediction_ids is {ids}, which has another number of classes than the {num_classes} of the records: "
            "leave the flag out"
        )
    return (ids or dataset) if fits else "classes"


def _records(dataset: str, records: str, descriptor: Descriptor, split: str) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "dataset_dir": storage.absolute(records),
        "split": split,
        "images": descriptor.split(split).examples,
    }


def _check_labelled(descriptor: Descriptor, split: str) -> None:
    if not descriptor.split(split).labelled:
        labelled = sorted(name for name, other in descriptor.splits.items() if other.labelled)
        raise InputError(
            f"the split {split!r} has no masks to score against: use vis.py to see predictions, "
            f"or score one of {', '.join(labelled) or 'no split'}"
        )
