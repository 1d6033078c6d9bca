"""What TensorBoard shows of a run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.pictures.overlay import colorize
from deeplab_tf2.training.at_steps import AtSteps
from deeplab_tf2.training.progress import Progress
from deeplab_tf2.training.validation import Validation

_SCALARS = ("loss", "learning_rate", "gradient_norm", "images_per_second", "input_share")


class Summaries(AtSteps):
    """Writes scalars with every line of progress, and scores and pictures with every validation.

    Args:
        progress: what tells loss, rate and speed; it comes before this in the list of callbacks.
        validation: what tells scores, likewise; None without validation.
        folder: folder of the run.
        descriptor: class names and colours.
        pictures: whether photo, truth and prediction of the first images of the validation split are written too.

    Raises:
        InputError: the extra is missing.
    """

    def __init__(
        self, progress: Progress, validation: Validation | None, folder: str, descriptor: Descriptor, pictures: bool
    ) -> None:
        try:
            import tensorboard  # noqa: F401
        except ImportError as error:
            raise InputError("--tensorboard needs the extra: pip install 'deeplab-tf2[tensorboard]'") from error
        super().__init__(1, progress.last)
        self.progress, self.validation = progress, validation
        self.folder, self.descriptor, self.pictures = folder, descriptor, pictures

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        _mark_start(self.folder, self.first)
        self.writer = tf.summary.create_file_writer(self.folder)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        self.writer.close()

    def act(self, step: int, logs: Mapping[str, Any]) -> None:
        validation = self.validation
        with self.writer.as_default(step):
            if self.progress.row.get("step") == step:
                self._write_progress()
            if validation is not None and validation.row.get("step") == step:
                self._write_scores(validation)
                self.writer.flush()

    def _write_progress(self) -> None:
        for name in _SCALARS:
            if self.progress.row[name] != "":
                tf.summary.scalar(name, self.progress.row[name])
        tf.summary.scalar("regularization", tf.add_n(self.model.losses or [0.0]))

    def _write_scores(self, validation: Validation) -> None:
        for name, value in validation.row.items():
            if name != "step" and value != "":
                # What stands before a slash becomes a group of charts.
                tf.summary.scalar(f"validation/{name.replace('IoU ', 'IoU/', 1)}", value)
        for number, example in enumerate(validation.latest.examples if self.pictures and validation.latest else ()):
            colors, ignored = self.descriptor.colors, self.descriptor.ignore_label
            shown = [example.image]
            shown += [] if example.truth is None else [colorize(example.truth, colors, ignored)]
            shown += [colorize(example.labels, colors)]
            strip = np.concatenate(shown, axis=1)[None]
            tf.summary.image(f"photo, truth, prediction/{number}", strip, description=example.name)


def _mark_start(folder: str, step: int) -> None:
    """Tells TensorBoard that a run begins after `step`, and that what an earlier start wrote after it is void."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(folder)
    start = SessionLog(status=SessionLog.START)
    writer.add_event(Event(step=step + 1, wall_time=time.time(), session_log=start))
    writer.close()
