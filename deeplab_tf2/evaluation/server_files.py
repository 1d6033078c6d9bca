"""Predictions as the files that evaluation servers of public data sets take."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.raw_files import ENDING, IDS
from deeplab_tf2.pictures.overlay import save_png
from deeplab_tf2.pictures.palettes import colormap


@dataclasses.dataclass(frozen=True, eq=False)
class ServerLayout:
    """What a server takes.

    Attributes:
        folder: where the files lie; {split} stands for the name of the split.
        num_classes: classes that a network for it has.
        ids: number stored per class; None for the class itself.
        palette: colour map of the files; None for grey ones.
    """

    folder: str
    num_classes: int
    ids: np.ndarray | None = None
    palette: str | None = None


LAYOUTS: Mapping[str, ServerLayout] = MappingProxyType(
    {
        "voc2012_comp5": ServerLayout("results/VOC2012/Segmentation/comp5_{split}_cls", 21, palette="pascal"),
        "voc2012_comp6": ServerLayout("results/VOC2012/Segmentation/comp6_{split}_cls", 21, palette="pascal"),
        "cityscapes": ServerLayout("results/cityscapes", 19, ids=IDS["cityscapes"]),
    }
)


class ServerFiles:
    """Writes one file per image, under the name of the image.

    Args:
        layout: a key of `LAYOUTS`.
        folder: folder below which the server's folders begin.
        split: name of the split.
        num_classes: classes of the network.

    Attributes:
        folder: where the files lie.

    Raises:
        InputError: the network has other classes than the server knows.
    """

    def __init__(self, layout: str, folder: str, split: str, num_classes: int) -> None:
        self._layout = LAYOUTS[layout]
        if num_classes != self._layout.num_classes:
            raise InputError(
                f"server_files is {layout}, whose server knows {self._layout.num_classes} classes; the network has "
                f"{num_classes}: leave the flag out"
            )
        self.folder = os.path.join(folder, self._layout.folder.format(split=split))
        storage.make_folder(self.folder)
        self._taken: set[str] = set()

    def save(self, name: str, labels: np.ndarray) -> str:
        """Writes the prediction for an image, and returns its path.

        Args:
            name: name of the image; its folder and ending are left out.
            labels: predicted classes, int32 [height, width], at the size of the image.

        Raises:
            InputError: an image of this name was there before.
        """
        stem = ENDING.sub("", os.path.basename(name))
        if stem in self._taken:
            raise InputError(f"two images are called {stem!r}: a server tells predictions apart by that name alone")
        self._taken.add(stem)
        ids = labels if self._layout.ids is None else self._layout.ids[labels]
        picture = Image.fromarray(ids.astype(np.uint8))
        if self._layout.palette:
            picture.putpalette(colormap(self._layout.palette)[:256].tobytes())
        return save_png(os.path.join(self.folder, f"{stem}.png"), picture)
