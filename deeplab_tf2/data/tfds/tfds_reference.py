"""How a TensorFlow Datasets set is named, opened and, where it is not, prepared."""

from __future__ import annotations

import dataclasses
import importlib.resources.abc
import os
import re
import sys
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError

PREFIX = "tfds:"

_NAME = re.compile(r"(?P<name>[A-Za-z_]\w*)(/(?P<config>[^:]+))?(:(?P<version>[\w.*]+))?")


@dataclasses.dataclass(frozen=True)
class Reference:
    """What `tfds:NAME[/CONFIG][:VERSION]` names, or `tfds:FOLDER` of a set that lies there.

    Attributes:
        name: without config and version; or an absolute folder.
        config: None for the set's first.
        version: None for the newest.
    """

    name: str
    config: str | None = None
    version: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Reads `tfds:...`.

        Raises:
            InputError: it has another form.
        """
        rest = text.removeprefix(PREFIX)
        if rest.startswith(("/", ".", "~")) or storage.is_file(storage.join(rest, "dataset_info.json")):
            return cls(rest if storage.is_remote(rest) else os.path.abspath(os.path.expanduser(rest)))
        match = _NAME.fullmatch(rest)
        if not match:
            raise InputError(
                f"--dataset={text}: legal is tfds:NAME[/CONFIG][:VERSION], for example tfds:oxford_iiit_pet:4.0.0, or "
                "tfds: and a folder that holds dataset_info.json"
            )
        return cls(match["name"], match["config"], match["version"])

    @property
    def is_folder(self) -> bool:
        """Whether the set is named by its folder."""
        return "/" in self.name

    def __str__(self) -> str:
        return self.name + (f"/{self.config}" if self.config else "") + (f":{self.version}" if self.version else "")

    def covers(self, other: Reference) -> bool:
        """Whether another one names the same set, in so far as this one says which."""
        return self.name == other.name and all(
            mine in (None, theirs) for mine, theirs in ((self.config, other.config), (self.version, other.version))
        )

    def resolved(self, builder: Any) -> Reference:
        """With the config and version that its builder has."""
        if self.is_folder:
            return self
        return Reference(self.name, builder.info.config_name or None, str(builder.info.version))


def open_builder(reference: Reference) -> Any:
    """The builder of a set, whether or not it is prepared.

    Raises:
        InputError: TFDS has no such set, config or version.
    """
    import tensorflow_datasets as tfds

    # TFDS 4.9 imports this backport without asking for it; the standard library has the same.
    sys.modules.setdefault("importlib_resources", importlib.resources)
    try:
        return tfds.builder_from_directory(reference.name) if reference.is_folder else tfds.builder(str(reference))
    except tfds.core.DatasetNotFoundError as error:
        raise InputError(
            f"TensorFlow Datasets has no set {reference.name!r}, neither by name nor in its data folder "
            "($TFDS_DATA_DIR, by default ~/tensorflow_datasets)"
        ) from error
    except (AssertionError, ValueError, KeyError, OSError) as error:
        raise InputError(f"--dataset={PREFIX}{reference} cannot be opened: {_told(error)}") from error


def prepare(builder: Any) -> None:
    """Downloads and prepares a set unless that is done.

    Raises:
        InputError: TFDS cannot; the message is its own.
    """
    if builder.is_prepared():
        return
    try:
        builder.download_and_prepare()
    # Every set has code of its own, which fails in its own ways.
    except Exception as error:
        raise InputError(
            f"TensorFlow Datasets cannot prepare {builder.info.full_name} in {builder.data_dir}: {_told(error)}"
        ) from error


def _told(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 500 else f"{text[:500]} ..."
