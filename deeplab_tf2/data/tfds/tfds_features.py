"""Which features of a TensorFlow Datasets set are the image, the mask and the name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2.config import InputError

_IMAGE_KEYS = ("image", "image/encoded", "image_left", "img", "photo", "rgb", "picture", "input")
_MASK_KEYS = (
    *("segmentation_mask", "segmentation_label", "semantic_mask", "semantic_segmentation", "segmentation"),
    *("image/segmentation/class/encoded", "mask", "masks", "label_map", "labels", "label", "annotation"),
    *("annotations", "trimap", "seg", "target", "ground_truth", "gt"),
)
_NAME_KEYS = ("image/filename", "file_name", "filename", "image_id", "image_name", "name", "id", "fname")


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where an example has what training needs.

    Attributes:
        image: key of the image, as `a/b` where features are nested.
        mask: key of the mask.
        name: key of the name; None where there is none.
        class_names: names that the mask feature gives its values 0, 1, ...; empty where it has none.
    """

    image: str
    mask: str
    name: str | None = None
    class_names: tuple[str, ...] = ()


def flat(features: Any) -> dict[str, Any]:
    """All features by their keys in order, `a/b` where they are nested, without sequences."""
    # TFDS reads them back in an order that differs from process to process.
    return dict(sorted(_walk(features, ""), key=lambda item: item[0]))


def _walk(features: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    import tensorflow_datasets as tfds

    for name, feature in features.items():
        if isinstance(feature, tfds.features.FeaturesDict):
            yield from _walk(feature, f"{prefix}{name}/")
        else:
            yield prefix + name, feature


def is_file(feature: Any) -> bool:
    """Whether a feature is stored as an image file, rather than as an array."""
    import tensorflow_datasets as tfds

    return isinstance(feature, tfds.features.Image)


def find_layout(features: Any, image: str | None = None, mask: str | None = None) -> Layout:
    """Finds the image and its mask by type and, among several, by name.

    Args:
        features: the features of a builder.
        image: key of the image, if the user says it.
        mask: key of the mask, likewise.

    Raises:
        InputError: there is none, or several without a usual name; the message lists all features.
    """
    found = flat(features)
    masks = [key for key, feature in found.items() if _may_be_mask(feature)]
    images = [key for key, feature in found.items() if _may_be_image(feature)]
    colorful = [key for key in images if key not in masks]
    image = _chosen("image", image, colorful or images, found)
    mask = _chosen("mask", mask, [key for key in masks if key != image], found)
    name = next((key for key in _NAME_KEYS if key in found and _is_text(found[key])), None)
    return Layout(image, mask, name, _class_names(found[mask]))


def _chosen(what: str, asked: str | None, candidates: Sequence[str], found: Mapping[str, Any]) -> str:
    if asked:
        if asked in found:
            return asked
        raise InputError(f"--{what}_feature={asked}: there is no such feature; {_listed(found)}")
    usual = _IMAGE_KEYS if what == "image" else _MASK_KEYS
    classes = [key for key in candidates if _names_classes(found[key])]
    named = [key for key in usual if key in candidates]
    for sure in (classes[:1] if len(classes) == 1 else [], named[:1], candidates if len(candidates) == 1 else []):
        if sure:
            return sure[0]
    problem = f"{', '.join(candidates)} may be the {what}" if candidates else f"no feature can be the {what}"
    raise InputError(f"{problem}: name it by --{what}_feature of convert_tfds.py; {_listed(found)}")


def _listed(found: Mapping[str, Any]) -> str:
    return "features are " + ", ".join(f"{key} ({_kind(feature)})" for key, feature in found.items())


def _kind(feature: Any) -> str:
    shape = getattr(feature, "shape", None)
    return type(feature).__name__ + (f" {shape}".replace("None", "?") if isinstance(shape, tuple) else "")


def _may_be_image(feature: Any) -> bool:
    shape, kind = _shape_and_kind(feature)
    if is_file(feature):
        return not _names_classes(feature) and shape[-1] in (1, 3, 4) and kind == "u"
    return len(shape) == 3 and shape[-1] in (1, 3) and feature.np_dtype == np.uint8


def _may_be_mask(feature: Any) -> bool:
    shape, kind = _shape_and_kind(feature)
    if is_file(feature):
        return shape[-1] == 1 and kind == "u"
    return (len(shape) == 2 or (len(shape) == 3 and shape[-1] == 1)) and kind in "iub"


def _shape_and_kind(feature: Any) -> tuple[tuple[int | None, ...], str]:
    """The shape, empty where a feature has several, and NumPy's letter for what it holds."""
    if not isinstance(feature.shape, tuple):
        return (), ""
    return feature.shape, np.dtype(feature.np_dtype).kind


def _names_classes(feature: Any) -> bool:
    import tensorflow_datasets as tfds

    return isinstance(feature, tfds.features.LabeledImage)


def _class_names(feature: Any) -> tuple[str, ...]:
    if not _names_classes(feature) or not feature.num_classes:
        return ()
    numbers = [str(number) for number in range(feature.num_classes)]
    return tuple(f"class_{name}" for name in numbers) if feature.names == numbers else tuple(feature.names)


def _is_text(feature: Any) -> bool:
    import tensorflow_datasets as tfds

    return isinstance(feature, tfds.features.Text)
