"""Images and masks to TFRecords and their descriptor, in parallel, in bounded memory."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion import assembly, problem_report, twins, writer
from deeplab_tf2.data.conversion.record_maker import RecordMaker
from deeplab_tf2.data.conversion.shards import Finished, Shard, Workshop, plan
from deeplab_tf2.data.conversion.thread_runner import ThreadRunner
from deeplab_tf2.data.files import images, masks
from deeplab_tf2.data.pairing.lists import Pair, Problem

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
        workshop = Workshop(staging, settings, options.skip_bad)
        runner = options.runner or ThreadRunner(options.workers or os.cpu_count() or 1, advance)
        done = _made(_plan(splits, options), runner, maker, workshop, options, advance, note)
        found = known + [Problem(*problem) for finished in done.values() for problem in finished.problems]
        left_out = problem_report.settle(found, output_dir, options.skip_limit if options.skip_bad else None)
        described = assembly.assemble(done, staging, descriptor, list(splits), joined_split(splits), options.num_shards)
    for text in (left_out, *_twin_notes(done)):
        if text:
            note(text)
    return described


def _check(
    splits: Mapping[str, Sequence[Pair]], descriptor: Descriptor, problems: Sequence[Problem], folder: str
) -> None:
    if descriptor.num_classes > 256:
        raise InputError(f"class_names has {descriptor.num_classes} names; masks hold 0 to 255, so 256 are legal")
    empty = [split for split, pairs in splits.items() if not pairs]
    if empty or not splits:
        problem_report.settle(problems, folder, None)
        raise InputError(f"no image to convert{' in split ' + ', '.join(empty) if empty else ''}")


def _plan(splits: Mapping[str, Sequence[Pair]], options: Options) -> list[Shard]:
    union = joined_split(splits)
    return plan({split: pairs for split, pairs in splits.items() if split != union}, options.num_shards)


def _made(
    planned: Sequence[Shard],
    runner: Runner,
    maker: RecordMaker,
    workshop: Workshop,
    options: Options,
    advance: Callable[[], object],
    note: Callable[[str], object],
) -> dict[Shard, Finished]:
    """All shards, those made now and those made before; all files are read, however many of them are bad."""
    earlier = {shard: workshop.finished(shard) for shard in planned} if options.resume else {}
    done = {shard: finished for shard, finished in earlier.items() if finished}
    if done:
        note(f"{len(done)} of {len(planned)} shards were finished before and are kept")
    todo = [shard for shard in planned if shard not in done]
    # Runners of the user's do not tell how far they are.
    for shard in planned if options.runner else done:
        for _ in shard.pairs:
            advance()
    done.update(zip(todo, runner(todo, maker, workshop), strict=True))
    return {shard: done[shard] for shard in planned}


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
