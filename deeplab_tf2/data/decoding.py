"""How the images of a dataset are read outside a training: photographs, or bands, from files or from records."""

from __future__ import annotations

import dataclasses

import numpy as np

from deeplab_tf2.data.band_records import read_stored
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.files.bands import decode_bands


@dataclasses.dataclass(frozen=True)
class Decoding:
    """Reads the bytes of one image.

    Attributes:
        channels: channels of the images; 3 for photographs in RGB.
        stored: whether the bytes come from a record; otherwise from the user's file.
    """

    channels: int = RGB
    stored: bool = False

    def pixels(self, data: bytes) -> np.ndarray:
        """The pixels, uint8 [height, width, 3], or unsigned integers [height, width, channels].

        Raises:
            InputError: the bytes cannot be used; the message does not name their file.
        """
        if self.channels == RGB:
            return images.decode(data)
        return read_stored(data, self.channels) if self.stored else decode_bands(data, self.channels)

    def checked_size(self, data: bytes) -> tuple[int, int]:
        """Height and width in pixels, after a look at all of the bytes.

        Raises:
            InputError: as `pixels`.
        """
        if self.channels == RGB:
            image = images.encode(data)
            return image.height, image.width
        height, width, _ = self.pixels(data).shape
        return height, width

    def size(self, data: bytes) -> tuple[int, int]:
        """Height and width in pixels, as displayed, in the quickest way.

        Raises:
            InputError: as `pixels`.
        """
        return images.displayed_size(data) if self.channels == RGB else self.checked_size(data)
