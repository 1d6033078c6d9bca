"""A converted dataset at a glance: a table of its splits and classes."""

from __future__ import annotations

from deeplab_tf2.data.catalog import Descriptor, Split


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
