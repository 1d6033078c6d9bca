"""Images and masks to TFRecords and their descriptor, in parallel, in bounded memory."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.data import catalog, images, masks, problem_report, storage, tally, tfds_metadata, twins, writer
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.lists import Pair, Problem
from deeplab_tf2.data.record_maker import RecordMaker
from deeplab_tf2.data.shards import Finished, Shard, Workshop, plan

R = TypeVar("R")
T = TypeVar("T")

Runner = Callable[[Sequence[Shard], RecordMaker, Workshop], Iterable[Finished]]


@dataclasses.dataclass(frozen=True)
class Options:
    """How a conversion goes; but for the number of shards and what is skipped, records do not depend on it.

    Attributes:
        num_shards: files per split.
        workers: threads; by default as many as there are processors.
        resume: whether to go on with what an interrupted conversion left.
        skip_bad: whether to leave out examples that cannot be used.
        skip_limit: how many of them may be left out.
        settings: stands for what the caller's mask source and image encoder depend on: finished shards of an
            interrupted conversion are kept only where it is the same.
        runner: what makes the shards; by default threads of this process.
    """

    num_shards: int = 4
    workers: int | None = None
    resume: bool = False
    skip_bad: bool = False
    skip_limit: int = 100
    settings: str = ""
    runner: Runner | None = None

    def __post_init__(self) -> None:
        if self.num_shards < 1:
            raise InputError(f"num_shards is {self.num_shards}; at least 1 is needed")
        if self.skip_limit < 0:
            raise InputError(f"skip_limit is {self.skip_limit}; it cannot be below 0")


def convert(
    splits: Mapping[str, Sequence[Pair]],
    output_dir: str,
    descriptor: Descriptor,
    *,
    mask_reader: masks.MaskSource | None = None,
    encode_image: Callable[[bytes], images.EncodedImage] = images.encode,
    read_image: Callable[[str], bytes] = storage.read,
    options: Options | None = None,
    problems: Iterable[Problem] = (),
    advance: Callable[[], object] = lambda: None,
    note: Callable[[str], object] = lambda text: None,
) -> Descriptor:
    """Writes every split as shards into `output_dir`, and the descriptor beside them.

    All files are checked before the first shard appears. Problems are reported all together, in `problems.csv` too.
    A split "trainval" that is "train" followed by "val" is written on the way, without reading files again.

    Args:
        splits: split name -> its pairs, in the order in which they are written.
        output_dir: folder for the records; made if missing.
        descriptor: name, classes, colours and ignore label of the dataset; its splits do not matter.
        mask_reader: where masks come from; by default from files whose values are labels.
        encode_image: makes the bytes of an image file fit for a record.
        read_image: gives the bytes of an image file for what its pair says.
        options: how it is done.
        problems: what is known already not to be usable.
        advance: called after every image that was read.
        note: called with what the user should know, such as equal images in "train" and "val".

    Returns:
        The descriptor, with what the splits hold.

    Raises:
        InputError: files cannot be used; the message lists them all, or the first 20 of many.
    """
    options = options or Options()
    known = list(problems)
    _check(splits, descriptor, known, output_dir)
    reader = mask_reader or masks.MaskReader(descriptor.ignore_label)
    maker = RecordMaker(descriptor, reader, encode_image, read_image)
    settings = json.dumps([descriptor.replace(splits={}).to_dict(), options.settings])
    with writer.Staging(output_dir, options.resume) as staging:
        if staging.found and not options.resume:
            note("an earlier conversion was interrupted here; its work was thrown away, --resume would have kept it")
        work = _Work(splits, descriptor, staging, Workshop(staging, settings, options.skip_bad), options)
        done = work.shards(maker, advance, note)
        found = known + [Problem(*problem) for finished in done.values() for problem in finished.problems]
        left_out = problem_report.settle(found, output_dir, options.skip_limit if options.skip_bad else None)
        counted = work.commit(done)
    for text in (left_out, *_twin_notes(done)):
        if text:
            note(text)
    described = descriptor.replace(splits=counted)
    tfds_metadata.write(output_dir, described, _lengths(done, counted))
    described.save(output_dir)
    return described


def _check(
    splits: Mapping[str, Sequence[Pair]], descriptor: Descriptor, problems: Sequence[Problem], folder: str
) -> None:
    if descriptor.num_classes > 256:
        raise InputError(f"class_names has {descriptor.num_classes} names; masks hold 0 to 255, so 256 are legal")
    if not 0 <= descriptor.ignore_label <= 255:
        raise InputError(f"ignore_label is {descriptor.ignore_label}; masks hold 0 to 255")
    empty = [split for split, pairs in splits.items() if not pairs]
    if empty or not splits:
        problem_report.settle(problems, folder, None)
        raise InputError(f"no image to convert{' in split ' + ', '.join(empty) if empty else ''}")


class _Work:
    """The shards of one conversion, from plan to commit."""

    def __init__(
        self,
        splits: Mapping[str, Sequence[Pair]],
        descriptor: Descriptor,
        staging: writer.Staging,
        workshop: Workshop,
        options: Options,
    ) -> None:
        self._descriptor, self._staging, self._workshop = descriptor, staging, workshop
        self._options = options
        self._order = list(splits)
        self._union = joined_split(splits)
        self._plan = plan({split: pairs for split, pairs in splits.items() if split != self._union}, options.num_shards)

    def shards(
        self, maker: RecordMaker, advance: Callable[[], object], note: Callable[[str], object]
    ) -> dict[Shard, Finished]:
        """Makes all shards that are not finished yet; all files are read, however many of them are bad."""
        earlier = {shard: self._workshop.finished(shard) for shard in self._plan} if self._options.resume else {}
        done = {shard: finished for shard, finished in earlier.items() if finished}
        if done:
            note(f"{len(done)} of {len(self._plan)} shards were finished before and are kept")
        for shard in done:
            for _ in shard.pairs:
                advance()
        todo = [shard for shard in self._plan if shard not in done]
        runner = self._options.runner or _Threads(self._options.workers or os.cpu_count() or 1, advance)
        done.update(zip(todo, runner(todo, maker, self._workshop), strict=True))
        # Other runners do not tell how far they are.
        for shard in todo if self._options.runner else ():
            for _ in shard.pairs:
                advance()
        return {shard: done[shard] for shard in self._plan}

    def commit(self, done: Mapping[Shard, Finished]) -> dict[str, catalog.Split]:
        """Brings the shards to the output folder and returns what each split holds."""
        counts = {split: self._counted(done, split) for split in dict.fromkeys(shard.split for shard in done)}
        empty = [split for split, (counted, _) in counts.items() if not counted.examples]
        if empty:
            raise InputError(f"no image of split {', '.join(empty)} can be used; all are in {problem_report.FILE_NAME}")
        self._ask_about_binary(tally.total(counted for counted, _ in counts.values()))
        names = [shard.name for shard in done]
        if self._union:
            joined = self._write_union([shard for split in ("train", "val") for shard in done if shard.split == split])
            counts[self._union] = (tally.total(counts[split][0] for split in ("train", "val")), len(joined))
            names += joined
        self._staging.commit(counts, names, (catalog.FILE_NAME, tfds_metadata.FILE_NAME))
        classes, ignored = self._descriptor.num_classes, self._descriptor.ignore_label
        return {split: tally.split_of(*counts[split], classes, ignored) for split in self._order}

    @staticmethod
    def _counted(done: Mapping[Shard, Finished], split: str) -> tuple[tally.Tally, int]:
        parts = [finished.tally for shard, finished in done.items() if shard.split == split]
        return tally.total(parts), len(parts)

    def _write_union(self, parts: Sequence[Shard]) -> list[str]:
        """Copies the records of some shards into those of the union; returns the names of the files."""
        paths = [self._staging.where(shard.name) for shard in parts]
        records = tf.data.TFRecordDataset(paths).as_numpy_iterator()
        count = sum(1 for _ in tf.data.TFRecordDataset(paths))
        chunk = -(-count // self._options.num_shards)
        names = [writer.shard_name(str(self._union), index, -(-count // chunk)) for index in range(-(-count // chunk))]
        for name in names:
            with writer.ShardFile(self._staging.path_of(name)) as file:
                for record in itertools.islice(records, chunk):
                    file.write(record)
                file.keep()
        return names

    def _ask_about_binary(self, counted: tally.Tally) -> None:
        """Refuses two classes of which only 0 and an ignored 255 occur: most likely 255 is the second class."""
        if (self._descriptor.num_classes, self._descriptor.ignore_label) != (2, 255):
            return
        if counted.pixels[0] and counted.pixels[255] and not counted.pixels[1]:
            raise InputError(
                "every mask holds 0 and 255 only: 255 is ignored, so that the second class never occurs. If the masks"
                " are black and white pictures of the two classes, say --binary_masks"
            )


class _Threads:
    """Makes records in several threads of this process, and writes the shards one after the other."""

    def __init__(self, workers: int, advance: Callable[[], object]) -> None:
        self._workers, self._advance = workers, advance

    def __call__(self, shards: Sequence[Shard], maker: RecordMaker, workshop: Workshop) -> Iterator[Finished]:
        with ThreadPoolExecutor(self._workers) as pool:
            pairs = itertools.chain.from_iterable(shard.pairs for shard in shards)
            outcomes = self._counted(_in_order(pool, maker.outcome, pairs, 2 * self._workers))
            for shard in shards:
                yield workshop.write(shard, itertools.islice(outcomes, len(shard.pairs)))

    def _counted(self, outcomes: Iterable[R]) -> Iterator[R]:
        for outcome in outcomes:
            self._advance()
            yield outcome


def _lengths(done: Mapping[Shard, Finished], splits: Mapping[str, catalog.Split]) -> dict[str, list[int]]:
    """Records of each shard, by split."""
    lengths: dict[str, list[int]] = {split: [] for split in splits}
    for shard, finished in done.items():
        lengths[shard.split].append(finished.tally.examples)
    for split, counted in splits.items():
        if not lengths[split]:
            # A union is not among the shards that were made; only its last one may be shorter.
            chunk = -(-counted.examples // counted.shards)
            lengths[split] = [min(chunk, counted.examples - start) for start in range(0, counted.examples, chunk)]
    return lengths


def _twin_notes(done: Mapping[Shard, Finished]) -> Iterator[str]:
    met = twins.Twins()
    for shard, finished in done.items():
        for name, digest in finished.examples:
            met.add(shard.split, name, bytes.fromhex(digest))
    return met.notes()


def files_to_read(splits: Mapping[str, Sequence[Pair]]) -> int:
    """How many images `convert` reads: for a "trainval" that is written on the way, none twice."""
    union = joined_split(splits)
    return sum(len(pairs) for split, pairs in splits.items() if split != union)


def joined_split(splits: Mapping[str, Sequence[Pair]]) -> str | None:
    """The name of the split that is "train" followed by "val", if there is one."""
    joined = [*splits.get("train", ()), *splits.get("val", ())]
    made = {"train", "val", "trainval"} <= set(splits) and list(splits["trainval"]) == joined
    return "trainval" if made else None


def _in_order(pool: ThreadPoolExecutor, function: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """`pool.map` that holds at most `ahead` results at a time."""
    waiting: collections.deque[Future[R]] = collections.deque()
    for item in items:
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
        waiting.append(pool.submit(function, item))
    while waiting:
        yield waiting.popleft().result()
