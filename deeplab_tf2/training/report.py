"""A run as a page: how it went, what it can tell apart, what it sees, and how it was set."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.evaluation.figures import example_row
from deeplab_tf2.evaluation.visualise import Example
from deeplab_tf2.pictures.charts import charts
from deeplab_tf2.pictures.legend import percent
from deeplab_tf2.pictures.page import Html, bar, element, named, save_page, table
from deeplab_tf2.pictures.series import Panel
from deeplab_tf2.training.batch_norm_rule import told
from deeplab_tf2.training.schedules import starting_rate
from deeplab_tf2.training.validation import IOU

FILE_NAME = "report.html"

Rows = Sequence[Mapping[str, str]]


@dataclasses.dataclass(frozen=True, eq=False)
class Story:
    """How far a run came, and how.

    Attributes:
        step: number of steps done.
        lines: rows of the log of progress.
        scores: rows of the log of validation.
        panels: charts of both.
        examples: images of the newest validation.
    """

    step: int
    lines: Rows
    scores: Rows
    panels: Sequence[Panel]
    examples: Sequence[Example]


def write_report(folder: str, config: RunConfig, descriptor: Descriptor, story: Story) -> str:
    """Writes `report.html` into `folder`, whole or not at all, and returns its path.

    Args:
        folder: folder of the run.
        config: its settings.
        descriptor: class names, colours and what the splits hold.
        story: how it went.
    """
    content = [
        *_state(config, story),
        *_charts(story),
        *_classes(config, descriptor, story),
        *_pictures(descriptor, story),
        *_settings(config, descriptor),
    ]
    title = f"Training {storage.last_name(folder)}"
    return save_page(storage.join(folder, FILE_NAME), title, content)


def _state(config: RunConfig, story: Story) -> Iterator[Html]:
    last = config.optimizer.training_number_of_steps
    done = story.step >= last
    text = f"Done: {last:,} steps." if done else f"Step {story.step:,} of {last:,}."
    yield element("p", text, kind="good" if done else "note")
    facts = []
    if story.lines:
        facts.append(f"loss {float(story.lines[-1]['loss']):.4f}")
        speeds = [float(row["images_per_second"]) for row in story.lines]
        facts.append(f"{np.median(speeds):.1f} images/s")
    if story.scores:
        best, newest = best_row(story.scores), story.scores[-1]
        facts.append(f"mIoU {_number(newest['mIoU'])} on {config.run.validation_split}")
        if best is not newest:
            facts.append(f"the best was {_number(best['mIoU'])} after step {int(best['step']):,}")
    if facts:
        yield element("p", "; ".join(facts), ".")


def _charts(story: Story) -> Iterator[Html]:
    yield element("h2", "Curves")
    yield charts(story.panels)


def best_row(rows: Rows) -> Mapping[str, str]:
    """The row with the highest mIoU; the first of several."""
    return max(rows, key=lambda row: float(row["mIoU"] or "-inf"))


def _classes(config: RunConfig, descriptor: Descriptor, story: Story) -> Iterator[Html]:
    if not story.scores:
        return
    newest, best = story.scores[-1], best_row(story.scores)
    columns = [newest] if best is newest else [newest, best]
    heads = [f"IoU, {name}" for name in ("newest", f"best (step {int(best['step']):,})")][: len(columns)]
    split = descriptor.splits.get(config.run.validation_split)
    pixels = np.array(split.class_pixels if split else ())
    rows = [_row(element("strong", "mean"), "", columns, "mIoU", "-")]
    for label, (name, color) in enumerate(zip(descriptor.class_names, descriptor.colors, strict=True)):
        share = percent(pixels[label] / pixels.sum()) if pixels.sum() else ""
        rows.append(_row(named(color, name), share, columns, f"{IOU}{name}", "absent"))
    yield element("h2", f"Classes on {config.run.validation_split}")
    yield table(("class", heads[0], "", *heads[1:], "share of pixels"), rows, text_columns=(0, 2))


def _row(name: object, share: str, columns: Rows, key: str, absent: str) -> tuple[object, ...]:
    newest, *others = (_number(row.get(key, ""), absent) for row in columns)
    return name, newest, bar(float(columns[0].get(key) or 0)), *others, share


def _number(text: str, absent: str = "-") -> str:
    value = float(text or "nan")
    return absent if math.isnan(value) else f"{value:.4f}"


def _pictures(descriptor: Descriptor, story: Story) -> Iterator[Html]:
    if not story.examples:
        return
    yield element("h2", "What the network sees")
    yield element("p", "Images from all over the split: photo, truth and prediction, in the colours of the table.")
    for example in story.examples:
        yield example_row(example, descriptor.colors, descriptor.ignore_label)


def _settings(config: RunConfig, descriptor: Descriptor) -> Iterator[Html]:
    model, data, optimizer, machine = config.model, config.data, config.optimizer, config.machine
    policy = "constant" if optimizer.optimizer == "adam" else optimizer.learning_policy
    train = descriptor.splits.get(data.train_split)
    start = config.run.tf_initial_checkpoint or config.run.initial_weights or "random weights"
    rows = [
        ("network", f"{model.model_variant}, output stride {model.output_stride}, {model.num_classes} classes"),
        ("start", start),
        ("data", f"{descriptor.name}, {data.train_split}" + (f": {train.examples:,} images" if train else "")),
        ("batch", f"{data.train_batch_size} crops of {data.train_crop_size[0]} x {data.train_crop_size[1]} pixels"),
        ("optimizer", f"{optimizer.optimizer}, learning rate {starting_rate(optimizer):g}, {policy}"),
        ("batch norm statistics", told(model, optimizer.freeze_backbone)),
        ("precision", machine.precision),
    ]
    if config.loss.label_weights:
        rows.insert(5, ("label weights", ", ".join(f"{weight:g}" for weight in _numbers(config))))
    yield element("h2", "Settings")
    yield table(("setting", "value"), rows, text_columns=(0, 1))
    yield element("p", "All of them: ", element("code", "config.json"), " beside this page.")


def _numbers(config: RunConfig) -> Sequence[float]:
    weights = config.loss.label_weights
    return () if weights is None or isinstance(weights, str) else weights
