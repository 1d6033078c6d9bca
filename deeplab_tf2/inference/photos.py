"""Many photographs through one network: read, segmented in batches and used in threads, a few at a time."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import itertools
import os
import typing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.inference.reading import read_ahead

if typing.TYPE_CHECKING:
    from deeplab_tf2.inference.predict import Predictor
    from deeplab_tf2.inference.segmentation import Segmentation

T = TypeVar("T")

# What shares a batch by default: more is hardly faster on a CPU, and takes memory.
_BATCH_PIXELS, _BATCH_IMAGES = 1 << 19, 32
# What waits for others of its size.
_WAITING_PIXELS = 1 << 23
_LARGE_PIXELS = 1 << 22
# Of what TensorFlow says of a failure.
_MOST_LETTERS = 300


@dataclasses.dataclass(frozen=True, eq=False)
class Photo:
    """A photograph to segment.

    Attributes:
        name: what messages call it: the path of its file.
        read: gives its pixels as `pixels_of` does, or raises an `InputError` that names it.
        stem: what the files about it begin with.
        time: of the frame of a video: when it is shown, in the unit of the video.
    """

    name: str
    read: Callable[[], np.ndarray]
    stem: str = ""
    time: int = 0


def segment_photos(
    predictor: Predictor,
    photos: Iterable[Photo],
    use: Callable[[Photo, Segmentation], T],
    *,
    probabilities: bool = True,
    batch_size: int | None = None,
) -> Iterator[tuple[Photo, T | InputError]]:
    """Segments photographs, as many at a time as memory is cheap; those of one shared size share a batch.

    Args:
        predictor: what `load` gives.
        photos: are taken as they are needed.
        use: is called in threads with each photograph and what the network sees in it.
        probabilities: whether `use` needs them.
        batch_size: most images of a batch; None: as many as hold half a million pixels together, at most 32.

    Yields:
        Each photograph with what `use` returned, or with what went wrong in reading, segmenting or using it; those
        of one size in their order.
    """
    with _threads() as readers, _threads() as users, contextlib.closing(read_ahead(readers, photos)) as read:
        pending: collections.deque[list[tuple[Photo, Future[T]]]] = collections.deque()
        for batch in _batches(predictor, map(_outcome, read), batch_size):
            # One batch is used while the network works on the next; large probabilities would need twice the memory.
            while len(pending) > (0 if probabilities and _pixels(batch) > _LARGE_PIXELS else 1):
                yield from map(_outcome, pending.popleft())
            pending.append([_submitted(users, use, one) for one in _segmented(predictor, batch, probabilities)])
        for rest in pending:
            yield from map(_outcome, rest)


@contextlib.contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Threads that do not begin what nobody waits for any more."""
    threads = ThreadPoolExecutor(max(2, os.cpu_count() or 2))
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def _outcome(pending: tuple[Photo, Future[T]]) -> tuple[Photo, T | InputError]:
    photo, future = pending
    try:
        return photo, future.result()
    except InputError as error:
        return photo, error
    # What one file, one size or one name may lead to, such as a path with a NUL in it.
    except (OSError, ValueError, MemoryError, tf.errors.OpError) as error:
        return photo, InputError(f"{photo.name}: {_told(error)}")


def _told(error: Exception) -> str:
    kind, why = type(error).__name__, " ".join(str(error).split())[:_MOST_LETTERS]
    return f"{why} ({kind})" if why else kind


Batch = list[tuple[Photo, np.ndarray | InputError]]


def _batches(
    predictor: Predictor, photos: Iterable[tuple[Photo, np.ndarray | InputError]], batch_size: int | None
) -> Iterator[Batch]:
    """Photographs that share a size, and each one that could not be read alone."""
    groups: dict[tuple[int, int], Batch] = {}
    waiting = 0
    for photo, pixels in photos:
        if isinstance(pixels, InputError):
            yield [(photo, pixels)]
            continue
        height, width = predictor.shared_size((pixels.shape[0], pixels.shape[1]))
        most = batch_size or max(1, min(_BATCH_IMAGES, _BATCH_PIXELS // (height * width)))
        groups.setdefault((height, width), []).append((photo, pixels))
        waiting += height * width
        if len(groups[height, width]) >= most:
            waiting -= most * height * width
            yield groups.pop((height, width))
        while waiting > _WAITING_PIXELS:
            # The one that began first.
            (height, width), group = next(iter(groups.items()))
            waiting -= len(group) * height * width
            yield groups.pop((height, width))
    yield from groups.values()


def _pixels(batch: Batch) -> int:
    return sum(pixels.shape[0] * pixels.shape[1] for _, pixels in batch if isinstance(pixels, np.ndarray))


def _segmented(
    predictor: Predictor, batch: Batch, probabilities: bool
) -> Iterator[tuple[Photo, Segmentation | InputError]]:
    """What the network sees in each photograph of a batch; one after the other where memory is short of all."""
    photos, pixels = zip(*batch, strict=True)
    if isinstance(pixels[0], InputError):
        yield from batch  # type: ignore[misc]
        return
    found: list[Segmentation] | None
    try:
        found = predictor.predict_together(pixels, probabilities)
    except (MemoryError, tf.errors.OpError) as error:
        if len(batch) == 1:
            is_short = isinstance(error, MemoryError | tf.errors.ResourceExhaustedError)
            why = "not enough memory for its size; scale it down" if is_short else f"the network fails: {_told(error)}"
            yield photos[0], InputError(f"{photos[0].name}: {why}")
            return
        found = None
    # Outside, where the error no longer holds the memory of all.
    if found is None:
        yield from itertools.chain.from_iterable(_segmented(predictor, [one], probabilities) for one in batch)
    else:
        yield from zip(photos, found, strict=True)


def _submitted(
    users: ThreadPoolExecutor, use: Callable[[Photo, Segmentation], T], found: tuple[Photo, Any]
) -> tuple[Photo, Future[T]]:
    photo, segmentation = found
    if isinstance(segmentation, InputError):
        failed: Future[T] = Future()
        failed.set_exception(segmentation)
        return photo, failed
    return photo, users.submit(use, photo, segmentation)
