"""The command benchmark_conversion: speed of build_tfrecord on given files, as ratios within one process."""

from __future__ import annotations

import dataclasses
import functools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.source_files import FilesConfig
from deeplab_tf2.config import InputError, leaf
from deeplab_tf2.data.files.images import Verify
from deeplab_tf2.data.pairing.lists import Pair

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class RatesConfig(FilesConfig):
    """What is converted, and how often."""

    repeats: int = leaf(5, "Timed repetitions of everything in turn; the median of the ratios counts.")
    scratch: str | None = leaf(None, "Folder for what is written; unset: a temporary one.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.repeats < 1:
            raise InputError(f"--repeats={self.repeats}; at least 1 is needed")


def main() -> None:
    """Runs the command line."""
    binding.run(command, RatesConfig)


def command(given: binding.Given) -> None:
    """Prints images/s of a plain copy, of a converter that decodes in a session, and of build_tfrecord."""
    config = RatesConfig(**given[RatesConfig])
    pairing = config.pair_files()
    pairs = [pair for split, pairs in pairing.splits.items() if split != "trainval" for pair in pairs if pair.mask]
    if pairing.problems or not pairs:
        raise InputError(f"{len(pairing.problems)} problems and {len(pairs)} pairs; all files must pair here")
    ways: dict[str, Callable[[str], Any]] = {
        "plain copy": functools.partial(_copy, pairs),
        "decoding in a session": functools.partial(_in_session, pairs),
        "build_tfrecord --verify=header": functools.partial(_convert, config, pairs, "header"),
        "build_tfrecord --verify=full": functools.partial(_convert, config, pairs, "full"),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(config.repeats + 1):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory(dir=config.scratch) as folder:
                begin = time.perf_counter()
                way(folder)
                # The first round warms up caches.
                times[name] += [time.perf_counter() - begin] * (repeat > 0)
    _print(len(pairs), times)


def _print(count: int, times: dict[str, list[float]]) -> None:
    copy, session = times["plain copy"], times["decoding in a session"]
    print(f"{count} pairs, {len(copy)} rounds, {os.cpu_count()} processors; medians:")
    for name, seconds in times.items():
        slower = statistics.median(own / other for own, other in zip(seconds, copy, strict=True))
        faster = statistics.median(other / own for own, other in zip(seconds, session, strict=True))
        rate = count / statistics.median(seconds)
        print(f"  {name}: {rate:.0f} images/s, {slower:.2f} times the copy, {faster:.2f} times as fast as the session")


def _copy(pairs: Sequence[Pair], folder: str) -> None:
    for number, pair in enumerate(pairs):
        shutil.copyfile(pair.image, os.path.join(folder, f"{number}.image"))
        shutil.copyfile(str(pair.mask), os.path.join(folder, f"{number}.mask"))


def _in_session(pairs: Sequence[Pair], folder: str) -> None:
    """As converters of TensorFlow 1 work: one thread, and every image decoded in a session to learn its size."""
    import tensorflow as tf

    from deeplab_tf2.data import schema

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        source = tf.compat.v1.placeholder(tf.string)
        colors, labels = tf.io.decode_jpeg(source, channels=3), tf.io.decode_png(source, channels=1)
        with tf.io.TFRecordWriter(os.path.join(folder, "train-00000-of-00001.tfrecord")) as writer:
            for pair in pairs:
                with open(pair.image, "rb") as image, open(str(pair.mask), "rb") as mask:
                    data, stored = image.read(), mask.read()
                height, width = session.run(colors, {source: data}).shape[:2]
                if session.run(labels, {source: stored}).shape[:2] != (height, width):
                    raise InputError(f"{pair.mask} has another size than its image")
                size = {"height": height, "width": width}
                writer.write(schema.encode(image=data, filename=pair.name, image_format="jpeg", label=stored, **size))


def _convert(config: RatesConfig, pairs: Sequence[Pair], verify: Verify, folder: str) -> None:
    from deeplab_tf2.data.conversion import convert
    from deeplab_tf2.data.files import images

    classes = config.classes()
    convert.convert(
        {"train": pairs},
        folder,
        config.descriptor(classes, "benchmark"),
        mask_reader=config.mask_reader(classes),
        encode_image=functools.partial(images.encode, verify=verify),
    )
