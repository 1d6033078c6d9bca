"""The image and video files that a path, a folder or a pattern means."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.band_arrays import EXTENSIONS as ARRAYS
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.pairing.folders import EXTENSIONS as PICTURES

EXTENSIONS = (*PICTURES, *ARRAYS)
FILMS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".mts")


def means_several(path: str) -> bool:
    """Whether a path is that of a folder, or a pattern; the name of a file may look like one."""
    return os.path.isdir(path) or (glob.has_magic(path) and not os.path.lexists(path))


def find_images(where: str, others: Sequence[str] = ()) -> list[str]:
    """The files that `where` names: a file, a folder's own images, or images and videos that match a pattern.

    Args:
        where: path of a file or folder, or a pattern; `**` stands for folders below one another.
        others: what names of images may end in beside `EXTENSIONS`.

    Returns:
        Paths, sorted.

    Raises:
        InputError: there are none.
    """
    if os.path.isfile(where):
        return [where]
    is_folder = os.path.isdir(where)
    names = glob.glob(os.path.join(glob.escape(where), "*") if is_folder else where, recursive=True)
    images = (*EXTENSIONS, *others)
    ends = images if is_folder else (*images, *FILMS)
    found = sorted(name for name in names if name.lower().endswith(ends) and os.path.isfile(name))
    if found:
        return found
    if not os.path.lexists(where) and not glob.has_magic(where):
        raise InputError(f"{where}: there is no such file or folder")
    raise InputError(f"{where}: no image among {len(names)} names; images end in {', '.join(images)}")


def readable(found: Sequence[str], channels: int) -> list[str]:
    """Files of a folder or pattern without the arrays that lie beside photographs, where the network sees these."""
    pictures = [name for name in found if not name.lower().endswith(ARRAYS)]
    return pictures if pictures and channels == RGB else list(found)


def is_film(path: str) -> bool:
    """Whether a file is a video, by its name."""
    return path.lower().endswith(FILMS)
