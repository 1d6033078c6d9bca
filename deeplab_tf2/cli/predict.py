"""The command predict: segments photographs with a run or an export."""

from __future__ import annotations

import collections
import dataclasses
import glob
import itertools
import os
import pathlib
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from absl import flags

from deeplab_tf2.checkpoints import choice
from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, InputError, ModelConfig, leaf
from deeplab_tf2.data.files.band_arrays import EXTENSIONS as ARRAYS
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.pairing.folders import EXTENSIONS as PICTURES
from deeplab_tf2.pictures.legend import percent
from deeplab_tf2.pictures.overlay import save_png

if typing.TYPE_CHECKING:
    from deeplab_tf2.inference.predict import Predictor

flags.disclaim_key_flags()

EXTENSIONS = (*PICTURES, *ARRAYS)
_SHOWN_CLASSES = 5
_TAKEOVER_SHARE = 0.99


@dataclasses.dataclass(frozen=True)
class PredictConfig(Config):
    """What segments which photographs, and where the results go."""

    model: str = leaf("", "Folder of a run, one of its checkpoints, or an export.")
    checkpoint: str | None = leaf(None, choice.HELP)
    images: str = leaf("", "An image file, a folder (its own images, not those of its folders) or a pattern.")
    output_dir: str = leaf("", "Folder for <name>_mask.png and <name>_overlay.png of every image.")


def main() -> None:
    """Runs the command line."""
    binding.run(command, PredictConfig, ModelConfig)


def command(given: binding.Given) -> int:
    """Segments every image; what fails is listed at the end and makes the exit status 1."""
    config = PredictConfig(**given[PredictConfig])
    for name, value in dataclasses.asdict(config).items():
        if value == "":
            raise InputError(f"--{name} is missing: {PredictConfig.__dataclass_fields__[name].metadata['help']}")
    outputs = output_stems(find_images(config.images), config.output_dir)
    predictor = _load(config, given[ModelConfig])
    outputs = _readable(outputs, predictor.descriptor.input_channels)
    os.makedirs(config.output_dir, exist_ok=True)
    shares, failures = _segment_all(predictor, outputs)
    done = len(outputs) - len(failures)
    if done:
        print(f"segmented {done} image{'s' * (done > 1)}: {_commonest(predictor, shares)}")
        print(f"masks and overlays: {config.output_dir}")
        if shares.max() > _TAKEOVER_SHARE:
            print("warning: one class nearly everywhere; eval.py on a split with masks says what that is worth")
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if failures else 0


def find_images(where: str) -> list[str]:
    """The image files that `where` names: a file, a folder's own images, or those that match a pattern.

    Raises:
        InputError: there are none.
    """
    if os.path.isfile(where):
        return [where]
    names = glob.glob(os.path.join(glob.escape(where), "*") if os.path.isdir(where) else where, recursive=True)
    found = sorted(name for name in names if name.lower().endswith(EXTENSIONS) and os.path.isfile(name))
    if found:
        return found
    if not os.path.lexists(where) and not glob.has_magic(where):
        raise InputError(f"--images={where}: there is no such file or folder")
    raise InputError(f"--images={where}: no image among {len(names)} names; images end in {', '.join(EXTENSIONS)}")


def output_stems(images: Sequence[str], folder: str) -> dict[str, str]:
    """What the results of each image begin with: `folder` and its name, made unique where two would meet.

    Raises:
        InputError: a result would replace one of the images.
    """
    paths = [pathlib.Path(image) for image in images]
    # Compared without case: some file systems do not tell A from a.
    times = collections.Counter(path.stem.lower() for path in paths)
    stems, taken = {}, set[str]()
    for image, path in zip(images, paths, strict=True):
        name = path.stem if times[path.stem.lower()] == 1 else path.name
        candidates = itertools.chain([name], (f"{name}_{number}" for number in itertools.count(2)))
        name = next(candidate for candidate in candidates if candidate.lower() not in taken)
        taken.add(name.lower())
        stems[image] = os.path.join(folder, name)
    inputs = {os.path.realpath(image) for image in images}
    for image, result in _results(stems):
        if os.path.realpath(result) in inputs:
            raise InputError(f"the result {result} of {image} would replace an image: choose another --output_dir")
    return stems


def _readable(stems: dict[str, str], channels: int) -> dict[str, str]:
    """The files without the arrays that lie beside photographs, where the network sees photographs."""
    pictures = {image: stem for image, stem in stems.items() if not image.lower().endswith(ARRAYS)}
    return pictures if pictures and channels == RGB else stems


def _results(stems: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for image, stem in stems.items():
        yield image, f"{stem}_mask.png"
        yield image, f"{stem}_overlay.png"


def _load(config: PredictConfig, given: Mapping[str, Any]) -> Predictor:
    from deeplab_tf2.inference.loading import load

    return load(config.model, config.checkpoint, **given)


def _segment_all(predictor: Predictor, stems: Mapping[str, str]) -> tuple[np.ndarray, list[str]]:
    """Mean share of each class, and what could not be segmented, with the reason."""
    import tensorflow as tf
    from tqdm import tqdm

    shares, failures = np.zeros(predictor.descriptor.num_classes), list[str]()
    for image, stem in tqdm(stems.items(), desc="segmenting", unit="image", file=sys.stderr):
        try:
            found = predictor.predict(image)
            save_png(f"{stem}_mask.png", found.mask)
            save_png(f"{stem}_overlay.png", found.overlay)
            shares += found.shares
        except tf.errors.ResourceExhaustedError:
            failures.append(f"{image}: not enough memory for its size; scale it down")
        except (InputError, OSError) as error:
            failures.append(str(error))
    return shares / max(len(stems) - len(failures), 1), failures


def _commonest(predictor: Predictor, shares: np.ndarray) -> str:
    order = [label for label in np.argsort(-shares, kind="stable") if shares[label] > 0]
    names = predictor.descriptor.class_names
    shown = [f"{names[label]} {percent(shares[label])}" for label in order[:_SHOWN_CLASSES]]
    return ", ".join(shown + ["..."] * (len(order) > _SHOWN_CLASSES))
