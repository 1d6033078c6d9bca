"""A look at the records before the first step: what would make a network answer one class only."""

from __future__ import annotations

import dataclasses

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import Descriptor, constant_answer_miou
from deeplab_tf2.data.records import Records

MAX_RECORDS = 200
_DOMINANT_SHARE = 0.95


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing to know about a dataset, in plain words; an error means that training cannot start."""

    text: str
    error: bool = False


def check_records(folder: str, split: str, descriptor: Descriptor) -> list[Finding]:
    """Reads the masks of up to 200 records, spread over the split, and the counts of the descriptor.

    Returns:
        What was found, errors first.

    Raises:
        InputError: the split cannot be read at all.
    """
    records = Records(folder, split)
    positions = np.unique(np.linspace(0, len(records) - 1, MAX_RECORDS).astype(int))
    counts = np.zeros(256, np.int64)
    findings = []
    for position in positions:
        try:
            name, label = _label(records.read(int(position)))
        except InputError as error:
            findings.append(Finding(f"record {position} of {split}: {error}", error=True))
            continue
        pixels = np.bincount(label.ravel(), minlength=256)
        findings += _strange_labels(name, pixels, descriptor)
        counts += pixels
    counted = descriptor.splits[split].class_pixels if split in descriptor.splits else ()
    class_pixels = np.array(counted) if counted else counts[: descriptor.num_classes].copy()
    if descriptor.ignore_label < descriptor.num_classes:
        class_pixels[descriptor.ignore_label] = 0
    findings += balance(class_pixels, descriptor)
    return sorted(findings, key=lambda finding: not finding.error)


def _label(record: bytes) -> tuple[str, np.ndarray]:
    fields = schema.parse(tf.constant(record))
    name = fields["filename"].numpy().decode("utf-8", "replace")
    if not fields["label"].numpy():
        raise InputError(f"{name} has no mask")
    try:
        return name, tf.io.decode_png(fields["label"], channels=1).numpy()
    except tf.errors.InvalidArgumentError as error:
        raise InputError(f"the mask of {name} is no PNG that can be read") from error


def _strange_labels(name: str, pixels: np.ndarray, descriptor: Descriptor) -> list[Finding]:
    legal = {*range(descriptor.num_classes), descriptor.ignore_label}
    strange = {int(value): int(pixels[value]) for value in np.flatnonzero(pixels) if int(value) not in legal}
    if not strange:
        return []
    shown = ", ".join(f"{value} ({count} pixels)" for value, count in list(strange.items())[:5])
    return [
        Finding(
            f"the mask of {name} has labels outside 0..{descriptor.num_classes - 1} and the ignore label "
            f"{descriptor.ignore_label}: {shown}",
            error=True,
        )
    ]


def balance(class_pixels: np.ndarray, descriptor: Descriptor) -> list[Finding]:
    """What the shares of the classes say.

    Args:
        class_pixels: pixels of each class.
        descriptor: the class names.
    """
    total = int(np.sum(class_pixels))
    if not total:
        return [Finding("no pixel belongs to any class: every mask is empty or ignored", error=True)]
    missing = [
        name
        for label, (name, pixels) in enumerate(zip(descriptor.class_names, class_pixels, strict=True))
        if not pixels and label != descriptor.ignore_label
    ]
    findings = []
    if missing:
        findings.append(Finding(f"no pixel belongs to {', '.join(missing)}: nothing can be learned about it"))
    largest = int(np.argmax(class_pixels))
    share = class_pixels[largest] / total
    if share > _DOMINANT_SHARE:
        findings.append(
            Finding(
                f"{descriptor.class_names[largest]} covers {share:.1%} of the pixels: always answering it scores "
                f"{share:.1%} pixel accuracy and {constant_answer_miou(class_pixels):.3f} mIoU, so judge the run by "
                "mIoU per class, and consider --label_weights"
            )
        )
    return findings
