"""Masks in several files, one for each visible part, as CelebAMask-HQ has them."""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.masks import EncodedMask, pack, same_shape, size_complaint


@dataclasses.dataclass(frozen=True)
class PartMasks:
    """A `MaskSource` whose mask is the beginning of file names: `00012` stands for 00012_skin.png, 00012_nose.png, ...

    Parts are painted in the order of their labels, later ones over earlier ones; what no part covers is label 0.
    A mask of another size but the shape of its image is scaled to it: each pixel takes the label below its centre.

    Attributes:
        parts: the end of the name for each label, without `_` and extension; that of label 0 has no file.
    """

    parts: tuple[str, ...]

    def labels(self, mask: str, size: tuple[int, int]) -> np.ndarray:
        """The labels of a mask, uint8 [height, width], as `MaskSource` has it."""
        merged: np.ndarray | None = None
        for label, part in enumerate(self.parts[1:], 1):
            path = f"{mask}_{part}.png"
            if not storage.is_file(path):
                continue
            with images.naming(path):
                covered = _bright(storage.read(path))
                if merged is None:
                    merged = np.zeros(covered.shape, np.uint8)
                if covered.shape != merged.shape:
                    raise InputError(f"has {covered.shape[::-1]} pixels, the other parts {merged.shape[::-1]}")
            merged[covered] = label
        if merged is None:
            raise InputError(f"{mask}_*.png: there is no file of any part ({', '.join(self.parts[1:])})")
        if merged.shape == size:
            return merged
        if not same_shape(merged.shape, size):
            raise InputError(f"{mask}_*.png: {size_complaint(merged.shape, size)}")
        return np.asarray(Image.fromarray(merged).resize(size[::-1], Image.Resampling.NEAREST))

    def encoded(self, mask: str, size: tuple[int, int]) -> EncodedMask:
        """A mask fit for a record, as `MaskSource` has it."""
        return pack(self.labels(mask, size))


def _bright(data: bytes) -> np.ndarray:
    """Where the first channel is not 0, bool [height, width]; palette files are read by their colours."""
    image = images.open_checked(data)
    pixels = np.asarray(image.convert("RGB") if image.mode in ("P", "RGBA") else image)
    return (pixels[..., 0] if pixels.ndim == 3 else pixels) != 0
