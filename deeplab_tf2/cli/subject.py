"""A trained run and the split it meets: loads both, and says in plain words when records cannot be used."""

from __future__ import annotations

import contextlib
import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

from deeplab_tf2.config import InputError, Resizing, RunConfig
from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.inference.overrides import shown

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from deeplab_tf2.evaluation.evaluate import Answerer, Labeller
    from deeplab_tf2.inference.loading import Run


@dataclasses.dataclass(frozen=True)
class Subject:
    """A run and the records it meets, found to fit each other.

    Attributes:
        folder: folder of the run.
        checkpoint: which checkpoint, see `checkpoints.choice.choose`; None for the newest.
        config: what the run was made from.
        overrides: settings of the model that differ from the run and that its weights can follow.
        records: folder of the records.
        descriptor: descriptor of the records.
        split: name of the split.
        dataset_name: name of the dataset.
        crop_size: height and width to which all images are padded; None pads each image at its own size.
        batch_size: images per batch.
        resizing: the resizing to range in force.
        scales: input scales whose probabilities are averaged.
        flip: whether mirror images are averaged too.
    """

    folder: str
    checkpoint: str | None
    config: RunConfig
    overrides: dict[str, Any]
    records: str
    descriptor: Descriptor
    split: str
    dataset_name: str
    crop_size: tuple[int, int] | None
    batch_size: int
    resizing: Resizing
    scales: tuple[float, ...] = (1.0,)
    flip: bool = False

    @property
    def details(self) -> Split:
        """What the split holds."""
        return self.descriptor.split(self.split)

    @property
    def output_stride(self) -> int:
        """The output stride in force."""
        return self.overrides.get("output_stride", self.config.model.output_stride)

    @property
    def padding(self) -> dict[str, Any]:
        """How images are padded, for a report."""
        if self.crop_size is None:
            return {"kind": "own size", "multiple": self.output_stride, "plus": 1}
        return {"kind": "crop", "height": self.crop_size[0], "width": self.crop_size[1]}

    def load(self) -> Run:
        """The run with its weights and the overrides in force."""
        from deeplab_tf2.inference.loading import load_run

        return load_run(self.folder, self.checkpoint, **self.overrides)

    def labeller(self, run: Run) -> Labeller:
        """The function from images to labels, with the scales and mirror images in force."""
        from deeplab_tf2.evaluation.evaluate import labeller

        return labeller(run.model, self.scales, self.flip, run.descriptor.mirrored_labels)

    def answerer(self, run: Run, probabilities: bool = False) -> Answerer:
        """As `labeller`, with how sure the run is, and on request the probabilities of all classes."""
        from deeplab_tf2.evaluation.evaluate import answerer

        return answerer(run.model, self.scales, self.flip, run.descriptor.mirrored_labels, probabilities)

    def batches(self, originals: bool = False) -> tf.data.Dataset:
        """The split as padded batches, once; `originals` keeps images and labels before they are resized too."""
        from deeplab_tf2.data.pipeline import evaluation_dataset
        from deeplab_tf2.models.deeplab import input_pixels

        return evaluation_dataset(
            self.records,
            self.split,
            self.descriptor,
            output_stride=self.output_stride,
            crop_size=self.crop_size,
            batch_size=self.batch_size,
            pad_pixel=input_pixels(self.config.model)[1],
            resizing=self.resizing,
            originals=originals,
        )


@contextlib.contextmanager
def plain_errors(subject: Subject) -> Iterator[None]:
    """Turns what TensorFlow says about unusable records of a subject into an `InputError`."""
    with unusable_records(subject.records, subject.split, _crop_advice(subject)):
        yield


@contextlib.contextmanager
def unusable_records(folder: str, split: str, advice: str = "") -> Iterator[None]:
    """Turns what TensorFlow says about unusable records into an `InputError`, which ends with the advice."""
    import tensorflow as tf

    from deeplab_tf2.data.record_tensors import plain_message

    try:
        yield
    except (tf.errors.InvalidArgumentError, tf.errors.DataLossError) as error:
        why = plain_message(error.message)
        raise InputError(f"the split {split!r} in {folder} cannot be used: {why}{advice}") from error


def _crop_advice(subject: Subject) -> str:
    # How large images are is only known once they are read, if they are resized or no descriptor lies beside them.
    if subject.crop_size is None or (not subject.resizing and max(subject.details.largest_image)):
        return ""
    when = "after resizing, " * bool(subject.resizing)
    return f" ({when}each image must fit the crop {shown(subject.crop_size)}: enlarge it)"
