"""Images and masks to TFRecords and their descriptor, in parallel, in bounded memory."""

from __future__ import annotations

import collections
import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data import catalog, images, masks, schema, writer
from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.data.lists import Pair, refuse
from deeplab_tf2.data.twins import Twins, digest
from deeplab_tf2.pictures.palettes import default_colors

R = TypeVar("R")
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class _Record:
    """One converted pair; `counts` holds the pixels of each label, int64 [256]."""

    name: str
    digest: bytes
    data: bytes
    height: int
    width: int
    counts: np.ndarray | None


class _Tally:
    """What a descriptor says of a split, summed up record by record."""

    def __init__(self, num_classes: int, ignore_label: int) -> None:
        self._num_classes, self._ignore_label = num_classes, ignore_label
        self._pixels = np.zeros(256, np.int64)
        self._images = np.zeros(256, np.int64)
        self._largest = (0, 0)
        self._examples = self._masks = 0

    def add(self, record: _Record) -> None:
        self._examples += 1
        self._largest = (max(self._largest[0], record.height), max(self._largest[1], record.width))
        if record.counts is not None:
            self._masks += 1
            self._pixels += record.counts
            self._images += record.counts > 0

    @property
    def pixels(self) -> np.ndarray:
        """Pixels of each label, int64 [256]."""
        return self._pixels

    def split(self, shards: int) -> Split:
        if not self._masks:
            return Split(self._examples, shards, labelled=False, largest_image=self._largest)
        ignored = int(self._pixels[self._ignore_label])
        self._pixels[self._ignore_label] = self._images[self._ignore_label] = 0
        classes = slice(self._num_classes)
        return Split(
            examples=self._examples,
            shards=shards,
            class_pixels=tuple(self._pixels[classes].tolist()),
            class_images=tuple(self._images[classes].tolist()),
            ignored_pixels=ignored,
            largest_image=self._largest,
        )


def convert(
    splits: Mapping[str, Sequence[Pair]],
    output_dir: str,
    class_names: Sequence[str],
    *,
    name: str,
    colors: Sequence[tuple[int, int, int]] | None = None,
    ignore_label: int = 255,
    mirror_pairs: Sequence[tuple[str, str]] | None = None,
    mask_reader: masks.MaskReader | None = None,
    num_shards: int = 4,
    workers: int | None = None,
    advance: Callable[[], object] = lambda: None,
    note: Callable[[str], object] = lambda text: None,
) -> Descriptor:
    """Writes every split as shards into `output_dir`, and the descriptor beside them.

    All files are checked before the first shard appears; a conversion that fails leaves the folder as it was.
    A split "trainval" that is "train" followed by "val" is written on the way, without reading files again.

    Args:
        splits: split name -> its pairs, in the order in which they are written.
        output_dir: folder for the records; made if missing.
        class_names: one name per class; the label of a class is its position.
        name: name of the dataset.
        colors: one (red, green, blue) of 0..255 per class; by default the PASCAL VOC colours.
        ignore_label: label without loss and metric, 0..255.
        mirror_pairs: classes that change places in a mirrored image; by default found by name.
        mask_reader: how mask files are read; by default their values are labels.
        num_shards: files per split.
        workers: threads; by default as many as there are processors.
        advance: called after every image that was read.
        note: called with what the user should know, such as equal images in "train" and "val".

    Raises:
        InputError: files cannot be used; the message lists them all, or the first 20 of many.
    """
    reader = mask_reader or masks.MaskReader(ignore_label)
    _check_settings(splits, class_names, ignore_label, reader, num_shards)
    descriptor = Descriptor(
        name,
        tuple(class_names),
        tuple(colors or default_colors(len(class_names))),
        ignore_label,
        mirror_pairs=None if mirror_pairs is None else tuple(mirror_pairs),
    )
    work = _Work(len(class_names), ignore_label, reader, num_shards)
    with writer.Staging(output_dir) as staging:
        written = work.run(splits, staging.path, workers or os.cpu_count() or 1, advance)
        staging.commit(catalog.FILE_NAME)
    for text in work.twins.notes():
        note(text)
    descriptor = dataclasses.replace(descriptor, splits=written)
    descriptor.save(output_dir)
    return descriptor


def _check_settings(
    splits: Mapping[str, Sequence[Pair]],
    names: Sequence[str],
    ignore: int,
    reader: masks.MaskReader,
    shards: int,
) -> None:
    if not 2 <= len(names) <= 256:
        raise InputError(f"class_names has {len(names)} names; 2 to 256 are legal: name every class, background too")
    if reader.binary and reader.folders is None and len(names) != 2:
        raise InputError(f"binary masks have 2 classes; class_names has {len(names)}: --class_by_folder reads more")
    if not 0 <= ignore <= 255:
        raise InputError(f"ignore_label is {ignore}; masks hold 0 to 255")
    if shards < 1:
        raise InputError(f"num_shards is {shards}; at least 1 is needed")
    empty = [split for split, pairs in splits.items() if not pairs]
    if empty or not splits:
        raise InputError(f"no image to convert{' in split ' + ', '.join(empty) if empty else ''}")


class _Work:
    """The settings that all records of a conversion share, and the loop over them."""

    def __init__(self, num_classes: int, ignore_label: int, reader: masks.MaskReader, num_shards: int) -> None:
        self._num_classes, self._ignore_label, self._num_shards = num_classes, ignore_label, num_shards
        self._reader = reader
        self.twins = Twins()

    def run(
        self, splits: Mapping[str, Sequence[Pair]], folder: str, workers: int, advance: Callable[[], object]
    ) -> dict[str, Split]:
        """Writes all shards into `folder`; all files are read, however many of them are bad."""
        writers = {key: writer.SplitWriter(folder, key, len(pairs), self._num_shards) for key, pairs in splits.items()}
        tallies = {key: _Tally(self._num_classes, self._ignore_label) for key in splits}
        union = joined_split(splits)
        problems: dict[str, None] = {}
        with ThreadPoolExecutor(workers) as pool:
            for split in (key for key in splits if key != union):
                targets = [split] + ([union] if union and split in ("train", "val") else [])
                for outcome in _in_order(pool, self._convert_or_explain, splits[split], 2 * workers):
                    advance()
                    if isinstance(outcome, str):
                        problems[outcome] = None
                    elif not problems:
                        self.twins.add(split, outcome.name, outcome.digest)
                        for target in targets:
                            writers[target].write(outcome.data)
                            tallies[target].add(outcome)
        for shards in writers.values():
            shards.close()
        refuse(list(problems), "cannot be converted; nothing was written")
        self._ask_about_binary(np.sum([tally.pixels for tally in tallies.values()], axis=0))
        return {key: tallies[key].split(writers[key].shards) for key in splits}

    def _ask_about_binary(self, pixels: np.ndarray) -> None:
        """Refuses two classes of which only 0 and an ignored 255 occur: most likely 255 is the second class."""
        if self._reader.binary or (self._num_classes, self._ignore_label) != (2, 255):
            return
        if pixels[0] and pixels[255] and not pixels[1]:
            raise InputError(
                "every mask holds 0 and 255 only: 255 is ignored, so that the second class never occurs. If the masks"
                " are black and white pictures of the two classes, say --binary_masks"
            )

    def _convert_or_explain(self, pair: Pair) -> _Record | str:
        try:
            return self._convert(pair)
        except InputError as error:
            return str(error)

    def _convert(self, pair: Pair) -> _Record:
        data = images.read_file(pair.image)
        with images.naming(pair.image):
            image = images.encode(data)
        if pair.mask is None:
            return _record(pair, image, None, digest(data))
        stored = images.read_file(pair.mask)
        with images.naming(pair.mask):
            bright = self._reader.bright_label(pair.mask)
            mask = self._reader.encode(stored, (image.height, image.width), bright)
        if (mask.height, mask.width) != (image.height, image.width):
            scaled = masks.same_shape((mask.height, mask.width), (image.height, image.width))
            raise InputError(
                f"{pair.mask}: the mask has {mask.width} x {mask.height} pixels, its image {pair.image}"
                f" {image.width} x {image.height} (as displayed, by its EXIF orientation); they must agree"
                + (", or say --resize_masks=nearest" if scaled else ", and no scale makes them")
            )
        with images.naming(pair.mask):
            masks.check_labels(mask.counts, self._num_classes, self._ignore_label)
        return _record(pair, image, mask, digest(data))


def files_to_read(splits: Mapping[str, Sequence[Pair]]) -> int:
    """How many images `convert` reads: for a "trainval" that is written on the way, none twice."""
    union = joined_split(splits)
    return sum(len(pairs) for split, pairs in splits.items() if split != union)


def joined_split(splits: Mapping[str, Sequence[Pair]]) -> str | None:
    """The name of the split that is "train" followed by "val", if there is one."""
    joined = [*splits.get("train", ()), *splits.get("val", ())]
    made = {"train", "val", "trainval"} <= set(splits) and list(splits["trainval"]) == joined
    # Both parts must come in that order, as the union is written while they are.
    return "trainval" if made and list(splits).index("train") < list(splits).index("val") else None


def _record(pair: Pair, image: images.EncodedImage, mask: masks.EncodedMask | None, key: bytes) -> _Record:
    data = schema.encode(
        image=image.data,
        filename=pair.name,
        image_format=image.format,
        height=image.height,
        width=image.width,
        label=mask.data if mask else None,
    )
    return _Record(pair.name, key, data, image.height, image.width, mask.counts if mask else None)


def _in_order(pool: ThreadPoolExecutor, function: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """`pool.map` that holds at most `ahead` results at a time."""
    waiting: collections.deque[Future[R]] = collections.deque()
    for item in items:
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
        waiting.append(pool.submit(function, item))
    while waiting:
        yield waiting.popleft().result()
