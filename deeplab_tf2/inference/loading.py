"""A trained network with everything it was trained with, from the folder of its run or of its export."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from deeplab_tf2.checkpoints import files, zoo
from deeplab_tf2.checkpoints.choice import choose
from deeplab_tf2.checkpoints.pretrained import from_pretrained
from deeplab_tf2.config import FILE_NAME as RUN_FILE
from deeplab_tf2.config import DataConfig, InputError, Resizing, RunConfig
from deeplab_tf2.data.catalog import FILE_NAME as DESCRIPTOR_FILE
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.known import known_dataset
from deeplab_tf2.inference.overrides import followed_overrides
from deeplab_tf2.inference.pixels import ImageLike, pixels_of
from deeplab_tf2.inference.predict import Network, Predictor, Segmentation, each_of
from deeplab_tf2.models.deeplab import DeepLab

SAVED_MODEL = "saved_model.pb"
EXTRA = "assets.extra"
RECORD = "export.json"


@dataclasses.dataclass(frozen=True)
class Run:
    """A network, its settings, its dataset, and the checkpoint it was filled from."""

    folder: str
    config: RunConfig
    descriptor: Descriptor
    model: DeepLab
    step: int
    checkpoint: str

    @property
    def resizing(self) -> Resizing:
        """How images are resized before the network sees them: as in training."""
        return self.config.data.resizing

    @property
    def network(self) -> Network:
        """The network with what it needs to predict."""
        return Network(self.model, self.descriptor, self.resizing)

    def predict(self, image: ImageLike) -> Segmentation:
        """Segments a file, or pixels as `pixels_of` takes them."""
        return self.network.predict(image)

    def shared_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """As `Predictor` has it."""
        return self.network.shared_size(size)

    def predict_together(self, images: Sequence[np.ndarray], probabilities: bool = True) -> list[Segmentation]:
        """As `Predictor` has it."""
        return self.network.predict_together(images, probabilities)


class Export:
    """A SavedModel that `export_saved_model` wrote; it needs none of the code that built the network.

    Args:
        folder: folder of the export.

    Raises:
        InputError: the folder holds another SavedModel, or a damaged one.
    """

    def __init__(self, folder: str) -> None:
        extra = os.path.join(folder, EXTRA)
        if not os.path.isfile(os.path.join(extra, DESCRIPTOR_FILE)):
            raise InputError(
                f"{folder} is a SavedModel without {EXTRA}/{DESCRIPTOR_FILE}: it was not written by "
                "export_model.py, or was copied without that folder"
            )
        self.folder = folder
        self.descriptor = load_descriptor(extra)
        try:
            self._saved = tf.saved_model.load(folder)
            self._segment = self._saved.signatures["images"]
        except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
            reason = " ".join(str(error).split())[:300]
            raise InputError(f"the export in {folder} is damaged ({reason}): export the run again") from error

    def predict(self, image: ImageLike) -> Segmentation:
        """Segments a file, or pixels as `pixels_of` takes them."""
        return self.predict_together([pixels_of(image, self.descriptor.input_channels)])[0]

    def shared_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """As `Predictor` has it; how images are padded is fixed in the graph."""
        return size

    def predict_together(self, images: Sequence[np.ndarray], probabilities: bool = True) -> list[Segmentation]:
        """As `Predictor` has it; probabilities are there in any case."""
        return each_of(self._segment(images=tf.constant(np.stack(images))), images, self.descriptor)


def load(path: str | os.PathLike[str], checkpoint: str | None = None, **overrides: Any) -> Predictor:
    """Loads a run, an export or a published network, whichever `path` is.

    Args:
        path: folder of a run, one checkpoint of a run, folder of an export, or zoo:NAME of the model zoo.
        checkpoint: which one, if `path` is a run, see `checkpoints.choice.choose`.
        **overrides: for a run, see `load_run`; an export has none.

    Raises:
        InputError: `path` is neither; the message says what was found.
    """
    path = os.fspath(path)
    if path.startswith(zoo.PREFIX):
        if checkpoint is not None:
            raise InputError(f"checkpoint={checkpoint}: {path} has one only; leave it out")
        return load_published(path, **overrides)
    if not is_export(path):
        return load_run(*find_run(path, checkpoint), **overrides)
    settings = {**({} if checkpoint is None else {"checkpoint": checkpoint}), **overrides}
    if settings:
        given = ", ".join(f"{name}={value}" for name, value in settings.items())
        raise InputError(f"{given}: the export in {path} is fixed; use the run, or export the run again with it")
    return Export(path)


def is_export(path: str) -> bool:
    """Whether `path` is the folder of a SavedModel."""
    return os.path.isfile(os.path.join(path, SAVED_MODEL))


def find_run(path: str, checkpoint: str | None = None) -> tuple[str, str | None]:
    """Folder of a run, and its checkpoint if `path` or `checkpoint` names one, see `checkpoints.choice.choose`.

    Raises:
        InputError: `path` is no run, or each names one; the message says what was found.
    """
    if os.path.isfile(os.path.join(path, RUN_FILE)):
        return path, checkpoint
    folder = os.path.dirname(path) or "."
    if not os.path.isfile(os.path.join(folder, RUN_FILE)) or os.path.isdir(path):
        raise InputError(f"{path} is no run ({RUN_FILE}) and no export ({SAVED_MODEL}): {_seen(path)}")
    if checkpoint is not None:
        raise InputError(f"{path} names a checkpoint of {folder}, and checkpoint={checkpoint} too: give one of the two")
    official = re.fullmatch(r"model\.ckpt-(\d+)", os.path.basename(path))
    return folder, files.path_of(folder, int(official[1])) if official else path


def _seen(path: str) -> str:
    if not os.path.isdir(path):
        return "it is a file of another kind" if os.path.exists(path) else "there is nothing of this name"
    names = sorted(os.listdir(path))
    versions = [name for name in names if is_export(os.path.join(path, name))]
    if versions:
        return f"its folders are exports, give one of them, for example {os.path.join(path, versions[-1])}"
    return f"found {', '.join(names[:8]) or 'an empty folder'}"


def load_run(folder: str, checkpoint: str | None = None, **overrides: Any) -> Run:
    """Loads a checkpoint of a run.

    Args:
        folder: folder of the run.
        checkpoint: which one, see `checkpoints.choice.choose`; unset: the newest that is not damaged.
        **overrides: fields of `ModelConfig`; `output_stride` and `atrous_rates` are followed, the others must
            agree with the run.

    Raises:
        InputError: there is no such run or checkpoint, or an override contradicts it.
    """
    config = RunConfig.load(folder)
    step, path = choose(folder, checkpoint)
    model = DeepLab(config.model.replace(**followed_overrides(overrides, config.model, folder)))
    files.load(model, path, "the checkpoint")
    return Run(folder, config, load_descriptor(folder), model, step, path)


def load_published(name: str, **overrides: Any) -> Run:
    """A network of the model zoo with its weights, as a run of step 0; downloaded when it is not there yet.

    Args:
        name: its name, with or without `zoo:`.
        **overrides: as for `load_run`.

    Raises:
        InputError: there is none of that name, it was not trained to segment, or cannot be reached.
    """
    row = zoo.find(name)
    if row.dataset is None:
        raise InputError(f"{name} has no classes to segment: it is a start for train.py --tf_initial_checkpoint")
    model = from_pretrained(name, **followed_overrides(overrides, row.model_config, name))
    config = RunConfig(model=model.config, data=DataConfig().replace(**row.resizing))
    return Run(name, config, known_dataset(row.dataset), model, 0, row.file)
