"""What the labels of a split say about it, in plain words: rules on counts, without reading a file."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Iterable, Sequence

import numpy as np

from deeplab_tf2.data.catalog import Descriptor, constant_answer_miou
from deeplab_tf2.pictures.overlay import IGNORED
from deeplab_tf2.pictures.palettes import default_colors

SHOWN = 20
_DOMINANT_SHARE = 0.95
_SINGLE_SHARE = 0.5
_LEAST_GREY_STEP = 10
# Red, green and blue as brightness: by Pillow (ITU-R 601), and by the PNG reader of TensorFlow (ITU-R 709).
_BRIGHTNESS = ((0.299, 0.587, 0.114), (0.2126, 0.7152, 0.0722))


class Severity(enum.IntEnum):
    """How bad a finding is; with an error, training must not start."""

    NOTE = 0
    WARNING = 1
    ERROR = 2


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing to know about a dataset, in plain words.

    Attributes:
        text: the finding, with the names of the examples it is about.
        severity: how bad it is.
    """

    text: str
    severity: Severity = Severity.WARNING

    @property
    def error(self) -> bool:
        """Whether training must not start."""
        return self.severity == Severity.ERROR


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by severity; those of one severity keep their order."""
    return sorted(findings, key=lambda finding: -finding.severity)


def listed(names: Sequence[str], count: int | None = None, shown: int = 5) -> str:
    """The first names of many, and how many more there are: "a, b and 7 more"."""
    more = (len(names) if count is None else count) - len(names[:shown])
    return ", ".join(names[:shown]) + (f" and {more} more" if more else "")


def strange_labels(name: str, pixels: np.ndarray, descriptor: Descriptor) -> list[Finding]:
    """The labels of one mask that are neither a class nor the ignore label.

    Args:
        name: name of the example.
        pixels: pixels of each value, int [256].
        descriptor: says what is legal.
    """
    strange = {value: int(pixels[value]) for value in _strange(pixels, descriptor)}
    if not strange:
        return []
    shown = ", ".join(f"{value} ({count} pixels)" for value, count in list(strange.items())[:5])
    return [
        Finding(
            f"the mask of {name} has labels outside 0..{descriptor.num_classes - 1} and the ignore label "
            f"{descriptor.ignore_label}: {shown}",
            Severity.ERROR,
        )
    ]


def _strange(pixels: np.ndarray, descriptor: Descriptor) -> list[int]:
    legal = {*range(descriptor.num_classes), descriptor.ignore_label}
    return [int(value) for value in np.flatnonzero(pixels) if int(value) not in legal]


def odd_values(pixels: np.ndarray, descriptor: Descriptor) -> list[Finding]:
    """Mask values that look like a picture rather than like class indices.

    Args:
        pixels: pixels of each value over all masks, int [256].
        descriptor: says what is legal.
    """
    values = [int(value) for value in np.flatnonzero(pixels)]
    strange = _strange(pixels, descriptor)
    severity = Severity.ERROR if strange else Severity.WARNING
    if values == [0, 255] and descriptor.ignore_label == 255:
        return [
            Finding(
                f"the masks hold nothing but 0 and 255, as black-and-white pictures do, and 255 is the ignore label: "
                f"only {descriptor.class_names[0]} could be learned. If white is a class, convert with --binary_masks",
                Severity.ERROR,
            )
        ]
    if strange == [descriptor.num_classes]:
        return [
            Finding(
                f"there are {strange[0]} class names and a label {strange[0]}, but labels count from 0: was a class "
                "left out of the names, such as the background? If the masks count from 1, say so by the ids of a "
                "--label_map",
                severity,
            )
        ]
    grey = [value for value in values if value not in (0, descriptor.ignore_label)]
    step = math.gcd(*grey)
    divided = bool(strange) and step > 1 and max(grey) // step < descriptor.num_classes
    if not divided and _is_brightness(strange, descriptor):
        return [
            Finding(
                f"the labels {listed([str(value) for value in strange])} are the brightness of colours, not class "
                "indices: masks in colour were read as grey. Convert again from the original masks",
                severity,
            )
        ]
    # Two classes of many may well be 5 and 15.
    if len(grey) > 1 and (divided or step >= _LEAST_GREY_STEP):
        return [
            Finding(
                f"all labels are multiples of {step} ({listed([str(value) for value in grey])}), as grey levels drawn "
                f"for the eye are; class indices count 0, 1, 2, ...: if that is so, divide the masks by {step}, or "
                "give the classes these ids in a --label_map",
                severity,
            )
        ]
    return []


def _is_brightness(values: Sequence[int], descriptor: Descriptor) -> bool:
    """Whether every value is the brightness of a colour of the dataset, or every one that of a PASCAL VOC colour."""
    # Of the many colours of PASCAL VOC, two hit two values by chance.
    for colors, least in ((descriptor.colors, 2), (default_colors(21), 3)):
        levels = [np.rint(np.array([*colors, IGNORED]) @ np.array(factors)) for factors in _BRIGHTNESS]
        near = any(all(np.abs(level - value).min() <= 1 for value in values) for level in levels)
        if near and len(values) >= least:
            return True
    return False


def balance(class_pixels: np.ndarray, descriptor: Descriptor) -> list[Finding]:
    """What the shares of the classes say.

    Args:
        class_pixels: pixels of each class [classes].
        descriptor: the class names.
    """
    total = int(np.sum(class_pixels))
    if not total:
        text = "no pixel belongs to any class: every mask is empty or ignored"
        return [Finding(text, Severity.ERROR)]
    missing = [
        name
        for label, (name, pixels) in enumerate(zip(descriptor.class_names, class_pixels, strict=True))
        if not pixels and label != descriptor.ignore_label
    ]
    findings = []
    if missing:
        text = f"no pixel belongs to {listed(missing, shown=12)}: nothing can be learned or measured about it"
        findings.append(Finding(text))
    largest = int(np.argmax(class_pixels))
    share = class_pixels[largest] / total
    if share > _DOMINANT_SHARE:
        findings.append(
            Finding(
                f"{descriptor.class_names[largest]} covers {share:.1%} of the pixels: always answering it scores "
                f"{share:.1%} pixel accuracy and {constant_answer_miou(class_pixels):.3f} mIoU, so judge the run by "
                "mIoU per class, and consider --label_weights=auto"
            )
        )
    return findings


def uniform_masks(single: int, empty: Sequence[str], empty_count: int, masks: int) -> list[Finding]:
    """Masks that hold one class only, or none.

    Args:
        single: masks with exactly one class.
        empty: names of the first examples whose mask has ignored pixels only.
        empty_count: how many those are in all.
        masks: masks in all.
    """
    findings = []
    if empty_count:
        what = "1 mask holds" if empty_count == 1 else f"{empty_count} masks hold"
        findings.append(Finding(f"{what} ignored pixels only and teach nothing: {listed(empty, empty_count)}"))
    if single:
        severity = Severity.WARNING if single > _SINGLE_SHARE * masks else Severity.NOTE
        findings.append(Finding(f"{single} of {masks} masks ({single / masks:.0%}) hold one class only", severity))
    return findings
