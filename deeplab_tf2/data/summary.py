"""A converted dataset in words: a table of its splits, and what about it may spoil a training."""

from __future__ import annotations

from deeplab_tf2.data.catalog import Descriptor, Split

DOMINANT_SHARE = 0.95


def format_summary(descriptor: Descriptor) -> str:
    """A table of the splits: images, labelled or not, largest image, share of each class."""
    splits = descriptor.splits
    width = max(12, *(len(name) for name in descriptor.class_names))
    rows = [("", *splits)]
    rows.append(("images", *(f"{split.examples}" for split in splits.values())))
    rows.append(("labelled", *("yes" if split.labelled else "no" for split in splits.values())))
    rows.append(("largest", *("{1} x {0}".format(*split.largest_image) for split in splits.values())))
    for label, name in enumerate(descriptor.class_names):
        rows.append((name, *(_share(split, label) for split in splits.values())))
    rows.append(("ignored", *(_ignored(split) for split in splits.values())))
    return "\n".join(f"{row[0]:<{width}}" + "".join(f"{cell:>14}" for cell in row[1:]) for row in rows)


def _share(split: Split, label: int) -> str:
    total = sum(split.class_pixels)
    return f"{100 * split.class_pixels[label] / total:.2f} %" if total else "-"


def _ignored(split: Split) -> str:
    total = sum(split.class_pixels) + split.ignored_pixels
    return f"{100 * split.ignored_pixels / total:.2f} %" if split.labelled and total else "-"


def warnings(descriptor: Descriptor) -> list[str]:
    """Classes that never occur, and classes that cover nearly everything, in plain words."""
    return [
        f"split {name}: {text}"
        for name, split in descriptor.splits.items()
        if split.labelled
        for text in _split_warnings(descriptor, split)
    ]


def _split_warnings(descriptor: Descriptor, split: Split) -> list[str]:
    total = sum(split.class_pixels)
    if not total:
        return [f"every pixel carries the ignore label {descriptor.ignore_label}: nothing can be learnt"]
    pixels = dict(zip(descriptor.class_names, split.class_pixels, strict=True))
    if descriptor.ignore_label < descriptor.num_classes:
        del pixels[descriptor.class_names[descriptor.ignore_label]]
    absent = [f"{name} ({descriptor.class_names.index(name)})" for name, count in pixels.items() if not count]
    found = []
    if absent:
        what = "class" if len(absent) == 1 else "classes"
        found.append(f"{what} {', '.join(absent)} never occurs; check the class names and the masks")
    name, count = max(pixels.items(), key=lambda item: item[1])
    if count > DOMINANT_SHARE * total:
        score = count / total / (len(pixels) - len(absent))
        found.append(
            f"{name} covers {100 * count / total:.1f} % of the labelled pixels; a model that answers {name}"
            f" everywhere scores mIoU {score:.3f}: judge by the other classes, and consider --label_weights"
        )
    return found
