"""What is known of a photograph once it is segmented."""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.pictures.overlay import blend, with_legend

PALETTE_SIZE = 256


@dataclasses.dataclass(frozen=True, eq=False)
class Segmentation:
    """A photograph and what a network sees in it.

    Attributes:
        image: uint8 [height, width, 3]: the photograph, or for other channels a picture of it.
        labels: int32 [height, width].
        probabilities: float32 [height, width, classes]; of 0 classes where only labels were asked for.
        descriptor: names and colours of the classes.
    """

    image: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    descriptor: Descriptor

    @property
    def shares(self) -> np.ndarray:
        """Fraction of the pixels of each class, float64 [classes]."""
        return np.bincount(self.labels.ravel(), minlength=self.descriptor.num_classes) / self.labels.size

    @property
    def overlay(self) -> Image.Image:
        """The classes in colour over the photograph, with a legend of those that occur."""
        colors = self.descriptor.colors
        return with_legend(
            blend(self.image, self.labels, colors), self.descriptor.class_names, colors, self.shares.tolist()
        )

    @property
    def mask(self) -> Image.Image:
        """The labels as an image: a palette shows the colours, the pixel values are the class numbers.

        Beyond 256 classes, where palettes end, a grey image of 16 bits.
        """
        if self.descriptor.num_classes > PALETTE_SIZE:
            return Image.fromarray(self.labels.astype(np.uint16))
        image = Image.fromarray(self.labels.astype(np.uint8))
        image.putpalette(np.array(self.descriptor.colors, np.uint8).tobytes())
        return image
