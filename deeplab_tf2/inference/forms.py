"""What is written about a photograph: one row a form."""

from __future__ import annotations

import dataclasses
import io
import typing
import zipfile
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.outlines import outlines
from deeplab_tf2.inference.polygon_files import save_labelme, without_background
from deeplab_tf2.inference.segmentation import Segmentation
from deeplab_tf2.pictures.overlay import save_png

if typing.TYPE_CHECKING:
    from deeplab_tf2.inference.photos import Photo

# Those of all images, which one file holds.
COCO = "coco"
COCO_FILE = "coco.json"


@dataclasses.dataclass(frozen=True)
class Details:
    """What forms leave open.

    Attributes:
        cutout_labels: labels of what is cut out.
        polygon_tolerance: pixels by which polygons may stray, see `outlines`.
    """

    cutout_labels: tuple[int, ...]
    polygon_tolerance: float = 0.0


@dataclasses.dataclass(frozen=True)
class Form:
    """A form of results.

    Attributes:
        end: what is put behind the stem of a photograph.
        save: writes the file, whole or not at all.
        probabilities: whether it needs more than labels.
        of_files: whether it is about image files, and so cannot be made of the frames of a video.
    """

    end: str
    save: Callable[[str, Photo, Segmentation, Details], object]
    probabilities: bool = False
    of_files: bool = False


def _save_labelme(path: str, photo: Photo, found: Segmentation, details: Details) -> None:
    parts = without_background(outlines(found.labels, details.polygon_tolerance), found.descriptor)
    height, width = found.labels.shape
    save_labelme(path, photo.name, (height, width), parts, found.descriptor)


def _save_probabilities(path: str, photo: Photo, found: Segmentation, details: Details) -> None:
    arrays = {"probabilities": found.probabilities, "class_names": np.array(found.descriptor.class_names)}
    content = io.BytesIO()
    # The fastest level: numbers like these hardly shrink further.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    storage.write_whole(path, content.getvalue())


def cutout(found: Segmentation, labels: Sequence[int]) -> Image.Image:
    """What belongs to some labels, RGBA: as transparent as other labels are probable."""
    share = found.probabilities[..., list(labels)].sum(-1)
    alpha = np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)
    return Image.fromarray(np.dstack([found.image, alpha]))


FORMS = {
    "mask": Form("_mask.png", lambda path, photo, found, details: save_png(path, found.mask)),
    "index": Form("_index.png", lambda path, photo, found, details: save_png(path, found.labels)),
    "overlay": Form("_overlay.png", lambda path, photo, found, details: save_png(path, found.overlay)),
    "cutout": Form(
        "_cutout.png",
        lambda path, photo, found, details: save_png(path, cutout(found, details.cutout_labels)),
        probabilities=True,
    ),
    "probabilities": Form("_probabilities.npz", _save_probabilities, probabilities=True),
    "labelme": Form(".json", _save_labelme, of_files=True),
}
NAMES = (*FORMS, COCO)


def check_forms(names: Sequence[str]) -> None:
    """Refuses what is no form.

    Raises:
        InputError: a name is none, or there is no name.
    """
    strange = [name for name in names if name not in NAMES]
    if strange or not names:
        raise InputError(
            f"--outputs={','.join(names)}: {', '.join(strange) or 'nothing'}; legal are {', '.join(NAMES)}"
        )


def labels_of(names: Sequence[str], descriptor: Descriptor) -> tuple[int, ...]:
    """The labels of classes; without names, of all but class 0.

    Raises:
        InputError: no class is called so.
    """
    known = {name: label for label, name in enumerate(descriptor.class_names)}
    strange = [name for name in names if name not in known]
    if strange:
        raise InputError(f"--cutout_classes: no class is called {', '.join(strange)}; classes are {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(names)) or tuple(range(1, descriptor.num_classes))
