"""The command predict: segments photographs and videos with a run, an export or a published network."""

from __future__ import annotations

import contextlib
import os
import sys
import typing
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.predict_flags import CONFIGS, PredictConfig, check_tiled, chosen, chosen_inputs
from deeplab_tf2.cli.predict_inputs import Input, readable
from deeplab_tf2.cli.predict_outputs import names_in_coco, numbered, refuse_replacing, results, with_stems
from deeplab_tf2.config import CrfConfig, InputError, ModelConfig, TileConfig
from deeplab_tf2.pictures.legend import percent

if typing.TYPE_CHECKING:
    from deeplab_tf2.data.catalog import Descriptor
    from deeplab_tf2.inference.photos import Photo
    from deeplab_tf2.inference.polygon_files import CocoFile
    from deeplab_tf2.inference.predict import Predictor
    from deeplab_tf2.inference.writing import Writing, Written

flags.disclaim_key_flags()

_SHOWN_CLASSES = 5


def main() -> None:
    """Runs the command line."""
    binding.run(command, *CONFIGS)


def command(given: binding.Given) -> int:
    """Segments every image; what fails is listed at the end and makes the exit status 1."""
    config, crf, tiles = chosen(given)
    inputs = chosen_inputs(config, tiles)
    # Late, for it waits for TensorFlow: what is missing is told at once.
    from deeplab_tf2.inference.loading import load

    predictor = load(config.model, config.checkpoint, **given[ModelConfig])
    writing = _writing(config, crf, predictor)
    if tiles.tile_size:
        check_tiled(config, predictor.descriptor.input_channels)
    inputs = _named(config, tiles, readable(inputs, predictor.descriptor.input_channels))
    tally = _Tally(predictor.descriptor, numbered(inputs))
    storage.make_folder(config.output_dir)
    with _coco_file(config, predictor) as coco:
        names = names_in_coco(inputs) if coco is not None else {}
        for photo, written in _outcomes(config, writing, tiles, predictor, inputs):
            tally.add(written)
            if coco is not None and not isinstance(written, InputError):
                coco.add(names[photo.name], written.size, written.parts)
    return tally.tell(config.output_dir)


def _named(config: PredictConfig, tiles: TileConfig, inputs: Sequence[Input]) -> list[Input]:
    """The same with what their results begin with; refused where a result would replace what is not one."""
    from deeplab_tf2.inference.forms import COCO, COCO_FILE

    # The COCO file is called as the labelme file of an image could be.
    own = [os.path.splitext(COCO_FILE)[0]] if {"labelme", COCO} <= set(config.outputs) else []
    named = with_stems(inputs, config.output_dir, own)
    files = [(file, one.name) for one in named for file in results(one, config.outputs, bool(tiles.tile_size))]
    whole = [(os.path.join(config.output_dir, COCO_FILE), "all images")] if COCO in config.outputs else []
    refuse_replacing([*files, *whole], named)
    return named


def _writing(config: PredictConfig, crf: CrfConfig, predictor: Predictor) -> Writing:
    from deeplab_tf2.inference.forms import Details, labels_of
    from deeplab_tf2.inference.writing import Writing

    details = Details(labels_of(config.cutout_classes, predictor.descriptor), config.polygon_tolerance)
    return Writing(config.outputs, details, crf)


@contextlib.contextmanager
def _coco_file(config: PredictConfig, predictor: Predictor) -> Iterator[CocoFile | None]:
    """The file of all polygons, if it is wanted: there once all went well."""
    from deeplab_tf2.inference.forms import COCO, COCO_FILE
    from deeplab_tf2.inference.polygon_files import CocoFile

    if COCO not in config.outputs:
        yield None
        return
    file = CocoFile(os.path.join(config.output_dir, COCO_FILE), predictor.descriptor)
    try:
        yield file
        file.close()
    finally:
        file.abandon()


def _outcomes(
    config: PredictConfig, writing: Writing, tiles: TileConfig, predictor: Predictor, inputs: Sequence[Input]
) -> Iterator[tuple[Photo, Written | InputError]]:
    """Every image and frame, with what became of it."""
    from tqdm import tqdm

    from deeplab_tf2.inference.writing import write_film, write_large

    photos = [one.photo(predictor.descriptor.input_channels) for one in inputs if not one.is_film]
    with tqdm(total=len(photos), desc="segmenting", unit="image", file=sys.stderr) as bar:
        if tiles.tile_size:
            tell = lambda done, total: bar.set_postfix_str(f"tile {done} of {total}")  # noqa: E731
            found = write_large(predictor, photos, tiles, config.outputs, tell)
        else:
            found = writing.write(predictor, photos, config.predict_batch_size)
        for outcome in found:
            bar.update()
            yield outcome
        for one in (one for one in inputs if one.is_film):
            for outcome in write_film(predictor, one.name, one.stem, writing, config.predict_batch_size):
                bar.update()
                yield outcome


class _Tally:
    """What became of all images, and which classes they show."""

    def __init__(self, descriptor: Descriptor, notes: Iterable[str]) -> None:
        self.names = descriptor.class_names
        self.shares = np.zeros(descriptor.num_classes)
        self.done, self.failures = 0, list[str]()
        self.notes = dict.fromkeys(f"note: {note}" for note in notes)

    def add(self, written: Written | InputError) -> None:
        """Counts an image."""
        if isinstance(written, InputError):
            self.failures.append(str(written))
        else:
            self.done += 1
            self.shares += written.shares
            if written.note:
                self.notes[f"note: {written.note}"] = None

    def tell(self, folder: str) -> int:
        """Says it all, and returns the exit status."""
        from deeplab_tf2.evaluation.confusion import TAKEOVER_SHARE

        if self.done:
            shares = self.shares / self.done
            print(f"segmented {self.done} image{'s' * (self.done > 1)}: {self._commonest(shares)}")
            print(f"results: {folder}")
            if shares.max() > TAKEOVER_SHARE:
                print("warning: one class nearly everywhere; eval.py on a split with masks says what that is worth")
        print("\n".join(self.notes), end="\n" * bool(self.notes))
        for failure in self.failures:
            print(f"failed: {failure}", file=sys.stderr)
        return 1 if self.failures else 0

    def _commonest(self, shares: np.ndarray) -> str:
        order = [label for label in np.argsort(-shares, kind="stable") if shares[label] > 0]
        shown = [f"{self.names[label]} {percent(shares[label])}" for label in order[:_SHOWN_CLASSES]]
        return ", ".join(shown + ["..."] * (len(order) > _SHOWN_CLASSES))
