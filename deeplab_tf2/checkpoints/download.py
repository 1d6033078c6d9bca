"""Downloads of published checkpoints: resumed where they were cut off, whole or not there at all."""

from __future__ import annotations

import os

from deeplab_tf2.checkpoints import zoo
from deeplab_tf2.checkpoints.archive import check_archive
from deeplab_tf2.fetching import fetch

CACHE_VARIABLE = "DEEPLAB_TF2_CACHE"


def cache_folder() -> str:
    """Where downloads are kept: DEEPLAB_TF2_CACHE, or `~/.cache/deeplab_tf2`."""
    return os.environ.get(CACHE_VARIABLE) or os.path.join(os.path.expanduser("~"), ".cache", "deeplab_tf2")


def download(name: str, folder: str | None = None) -> str:
    """The archive of a published checkpoint, downloaded if it is not there yet.

    Args:
        name: its name in the model zoo, with or without `zoo:`.
        folder: where archives are kept; unset: `cache_folder()`.

    Returns:
        Path of the archive.

    Raises:
        InputError: there is no such checkpoint, it cannot be reached, or what arrives is no archive.
    """
    row = zoo.find(name)
    folder = folder or cache_folder()
    return fetch(row.url, os.path.join(folder, row.file), check_archive)
