"""The curves of a run as a picture and, with all else worth knowing at a glance, as a page beside it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2.config import RunConfig
from deeplab_tf2.data.catalog import Descriptor, constant_answer_miou
from deeplab_tf2.pictures.overlay import save_png
from deeplab_tf2.pictures.plots import draw
from deeplab_tf2.pictures.series import Panel, Series
from deeplab_tf2.training import csv_log
from deeplab_tf2.training.at_steps import AtSteps
from deeplab_tf2.training.report import Story, write_report
from deeplab_tf2.training.validation import IOU, Validation

FILE_NAME = "curves.png"
# So many times as long as it took, nothing is drawn again: a run of quick validations has better to do.
_REST = 20
# Lines of one chart that can be told apart.
_LINES = 8
# The share of a run over which the loss is averaged.
_SMOOTHED = 0.04
# Of a rate that is this many times smaller than at its height, for a fifth of the time, factors are drawn.
_FALL, _SHARE = 20, 0.2


class Curves(AtSteps):
    """Writes `curves.png` and `report.html` after validations and at the end, from the logs: a stop leaves no gap.

    Args:
        config: settings of the run.
        descriptor: class names and colours.
        validation: what validated just before; None without validation.
        train_log: path of the rows of progress.
        validation_log: path of the rows of validation.
    """

    def __init__(
        self,
        config: RunConfig,
        descriptor: Descriptor,
        validation: Validation | None,
        train_log: str,
        validation_log: str,
    ) -> None:
        last = config.optimizer.training_number_of_steps
        super().__init__(config.run.validation_steps or last, last)
        self.config, self.descriptor, self.validation = config, descriptor, validation
        self.logs = train_log, validation_log
        self.drawn: int | None = None
        self.rested = -math.inf

    def act(self, step: int, logs: Mapping[str, Any]) -> None:
        begin = time.perf_counter()
        if begin > self.rested:
            self.draw(step)
            end = time.perf_counter()
            self.rested = end + _REST * (end - begin)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        if self.drawn != self.step:
            self.draw(self.step)

    def draw(self, step: int) -> None:
        """Writes both as they are after `step` steps."""
        self.drawn = step
        lines, scores = map(csv_log.rows, self.logs)
        panels = curves(lines, scores, self.config, self.descriptor)
        folder = self.config.run.train_logdir
        save_png(os.path.join(folder, FILE_NAME), draw(panels, columns=2))
        latest = self.validation.latest if self.validation else None
        story = Story(step, lines, scores, panels, latest.examples if latest else ())
        write_report(folder, self.config, self.descriptor, story)


def curves(
    lines: Sequence[Mapping[str, str]],
    scores: Sequence[Mapping[str, str]],
    config: RunConfig,
    descriptor: Descriptor,
) -> list[Panel]:
    """Charts of loss, validation, learning rate and, of few classes, the IoU of each.

    Args:
        lines: rows of the log of progress.
        scores: rows of the log of validation.
        config: settings of the run.
        descriptor: class names and what the splits hold.
    """
    x_range = (0, config.optimizer.training_number_of_steps)
    loss, rate = column(lines, "loss"), column(lines, "learning_rate")
    panels = [Panel("Loss", _with_mean(loss))]
    if config.run.validation_split:
        panels.append(Panel(f"Validation on {config.run.validation_split}", _means(scores, config, descriptor)))
    positive = rate[:, 1][rate[:, 1] > 0]
    log = bool(positive.size) and float(positive.max()) > _FALL * float(np.quantile(positive, _SHARE))
    panels.append(Panel("Learning rate", [Series("", rate)], log=log))
    if config.run.validation_split and descriptor.num_classes <= _LINES:
        each = [Series(name, column(scores, f"{IOU}{name}"), dots=True) for name in descriptor.class_names]
        panels.append(Panel("IoU by class", each))
    return [Panel(panel.title, panel.series, panel.log, x_range=x_range) for panel in panels]


def _with_mean(loss: np.ndarray) -> list[Series]:
    mean = smoothed(loss)
    if mean is None:
        return [Series("", loss)]
    return [Series("each line", loss, 0, pale=True), Series("mean over neighbours", mean, 0)]


def _means(scores: Sequence[Mapping[str, str]], config: RunConfig, descriptor: Descriptor) -> list[Series]:
    lines = [
        Series("mIoU", column(scores, "mIoU"), dots=True),
        Series("pixel accuracy", column(scores, "pixel_accuracy"), dots=True),
    ]
    split = descriptor.splits.get(config.run.validation_split)
    if split and split.class_pixels:
        constant = constant_answer_miou(np.array(split.class_pixels))
        ends = [(0, constant), (config.optimizer.training_number_of_steps, constant)]
        lines.append(Series("mIoU of the commonest class everywhere", ends, len(lines) + 5, pale=True))
    return lines


def column(rows: Sequence[Mapping[str, str]], name: str) -> np.ndarray:
    """One column of a log as points, float64 [rows, 2] of (step, value); nan where there is none."""
    values = [(float(row["step"]), float(row.get(name) or "nan")) for row in rows]
    return np.array(values, np.float64).reshape(-1, 2)


def smoothed(points: np.ndarray) -> np.ndarray | None:
    """Points whose y is the mean over the neighbours, [points, 2] as they come; None where there are too few."""
    width = 2 * round(len(points) * _SMOOTHED / 2) + 1
    if width == 1:
        return None
    kernel, ones = np.ones(width), np.ones(len(points))
    means = np.convolve(points[:, 1], kernel, "same") / np.convolve(ones, kernel, "same")
    return np.stack([points[:, 0], means], axis=1)
