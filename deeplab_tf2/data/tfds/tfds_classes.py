"""What the mask values of a TensorFlow Datasets set mean: as the user says, as is known, as TFDS says, or as found."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files import images, mask_files
from deeplab_tf2.data.files.label_map import Entry, LabelMap
from deeplab_tf2.data.files.masks import MaskReader
from deeplab_tf2.data.tfds.tfds_known import Known
from deeplab_tf2.data.tfds.tfds_source import Examples
from deeplab_tf2.pictures.palettes import Color, default_colors

_MOST_CLASSES = 256


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What the user says of a set; what is left out is found.

    Attributes:
        image: key of the image.
        mask: key of the mask.
        class_names: one name per class, where values are labels.
        label_map: what mask values mean.
        colors: one colour per class.
        binary: whether masks are black and white pictures of two classes.
        ignore_label: mask value without loss and metric.
    """

    image: str | None = None
    mask: str | None = None
    class_names: tuple[str, ...] = ()
    label_map: LabelMap | None = None
    colors: tuple[Color, ...] | None = None
    binary: bool = False
    ignore_label: int = 255


def find_classes(
    name: str, wishes: Wishes, known: Known, named: tuple[str, ...], examples: Examples
) -> tuple[Descriptor, MaskReader]:
    """The classes of a set, and what reads its masks.

    Args:
        name: name of the dataset.
        wishes: what the user says.
        known: what the toolbox knows of the set.
        named: names that TFDS gives the values 0, 1, ...; empty where it gives none.
        examples: where the masks are.

    Raises:
        InputError: nothing says what they are, and the values do not either.
    """
    ignore, label_map, binary = wishes.ignore_label, wishes.label_map, wishes.binary
    names = wishes.class_names or (label_map.class_names if label_map else ())
    if not names and known.table:
        return known.table.descriptor(name), known.table.reader(name, examples.mask)
    if not names and known.binary:
        names, binary = known.binary, True
    if not names:
        names = named
    if not names:
        label_map = _observed(name, examples, ignore)
        names = label_map.class_names
    colors = wishes.colors or (label_map.colors if label_map else None) or default_colors(len(names))
    pairs = (label_map.mirror_pairs if label_map else ()) or None
    reader = MaskReader(ignore, label_map, binary=binary, read=examples.mask)
    return Descriptor(name, names, colors, ignore, mirror_pairs=pairs), reader


def _observed(name: str, examples: Examples, ignore_label: int) -> LabelMap:
    """One class for each value that occurs in any mask."""
    found = np.zeros(1 << 16, bool)
    keys = (f"{split}[{position}]" for split, size in examples.sizes().items() for position in range(size))
    with ThreadPoolExecutor() as pool:
        for seen in pool.map(lambda key: _values(key, examples), keys):
            found[seen] = True
    values = [int(value) for value in np.flatnonzero(found) if value != ignore_label]
    advice = "say what they are by --label_map (or --class_names, --binary_masks) of convert_tfds.py"
    if not 2 <= len(values) <= _MOST_CLASSES:
        told = ", ".join(map(str, values[:8])) + (", ..." if len(values) > 8 else "")
        raise InputError(f"the masks of {name} hold {len(values)} values ({told}); {advice}")
    return LabelMap(f"the values of {name}", tuple(Entry(f"class_{value}", (value,)) for value in values))


def _values(key: str, examples: Examples) -> np.ndarray:
    data = examples.mask(key)
    with images.naming(key):
        image = images.open_checked(data)
        if mask_files.is_lossy(image, data):
            raise InputError("the mask is a lossy file; say what its colours are by --label_map of convert_tfds.py")
        return np.unique(mask_files.stored_values(image, data))
