"""Masks in MATLAB files, as SBD and COCO-Stuff 10k have them."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
from collections.abc import Callable
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.mask_files import grey_png
from deeplab_tf2.data.files.masks import EncodedMask, MaskReader


@dataclasses.dataclass(frozen=True)
class MatMasks:
    """A `MaskSource` of .mat files; other files are left to the reader.

    Attributes:
        reader: knows what the values mean.
        variables: names in the file, from the outside in, that lead to the values.
    """

    reader: MaskReader
    variables: tuple[str, ...]

    def labels(self, mask: str, size: tuple[int, int]) -> np.ndarray:
        """The labels of a mask, uint8 [height, width], as `MaskSource` has it."""
        return self._read(mask, size, self.reader.labels, self.reader.decode)

    def encoded(self, mask: str, size: tuple[int, int]) -> EncodedMask:
        """A mask fit for a record, as `MaskSource` has it."""
        return self._read(mask, size, self.reader.encoded, self.reader.encode)

    def _read(self, mask: str, size: tuple[int, int], of_file: Callable[..., Any], of_data: Callable[..., Any]) -> Any:
        if not mask.endswith(".mat"):
            return of_file(mask, size)
        with images.naming(mask):
            values = _values(storage.read(mask), self.variables)
            if values.shape != size:
                raise InputError(
                    f"the mask has {values.shape[1]} x {values.shape[0]} pixels, its image {size[1]} x {size[0]}"
                )
            return of_data(grey_png(values), size)


def check_installed() -> None:
    """Refuses .mat files where the library that reads them is missing.

    Raises:
        InputError: it is; the message says how to install it.
    """
    if importlib.util.find_spec("scipy") is None:
        raise InputError("masks in .mat files need the extra: pip install 'deeplab-tf2[scipy]'")


def _values(data: bytes, variables: tuple[str, ...]) -> np.ndarray:
    check_installed()
    import scipy.io

    try:
        value: Any = scipy.io.loadmat(io.BytesIO(data), variable_names=variables[:1])
        for name in variables:
            value = value[name]
            while value.dtype == object or (value.dtype.names and value.ndim):
                value = value.flat[0]
    # Damaged files make SciPy raise whatever its parser trips over.
    except Exception as error:
        raise InputError(f"no MATLAB file with {'.'.join(variables)} ({type(error).__name__}: {error})") from error
    values = np.asarray(value)
    if values.ndim != 2 or values.dtype.kind not in "uif" or not values.size:
        raise InputError(f"{'.'.join(variables)} is no array of labels: shape {values.shape}, type {values.dtype}")
    # COCO-Stuff stores labels as double in places.
    if (values != np.floor(values)).any() or values.min() < 0 or values.max() > 255:
        raise InputError(f"{'.'.join(variables)} has values outside the whole numbers from 0 to 255")
    return values.astype(np.uint8)
