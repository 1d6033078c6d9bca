"""Photographs read ahead of the network, as many at a time as memory is cheap."""

from __future__ import annotations

import collections
import threading
import typing
from collections.abc import Generator, Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor

import numpy as np

if typing.TYPE_CHECKING:
    from deeplab_tf2.inference.photos import Photo

# What is read ahead.
_MOST_PIXELS, _MOST_PHOTOS = 1 << 23, 256


def read_ahead(
    readers: ThreadPoolExecutor, photos: Iterable[Photo]
) -> Generator[tuple[Photo, Future[np.ndarray]], None, None]:
    """Reads photographs in threads, before they are asked for.

    Args:
        readers: the threads, which nobody else uses. Whoever stops early closes this iterator, so that none waits.
        photos: are taken as they are needed.

    Yields:
        Each photograph in its order with its pixels, which may be still to come.
    """
    room = _Room()
    waiting: collections.deque[tuple[Photo, Future[np.ndarray]]] = collections.deque()
    try:
        for number, photo in enumerate(photos):
            waiting.append((photo, readers.submit(room.read, number, photo)))
            while len(waiting) > room.photos:
                yield room.leave(*waiting.popleft())
        while waiting:
            yield room.leave(*waiting.popleft())
    finally:
        room.close()


class _Room:
    """Where pixels wait for their turn: threads wait for room, but not with the photograph that is next.

    How large one is, is not known before it is read: it is taken to be as large as the last of those that are, in
    their order, since a small one that ends late says nothing about what comes after the large ones.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pixels: dict[int, int] = {}
        self._last, self._last_number = _MOST_PIXELS, -1
        self._next, self._is_closed = 0, False

    @property
    def photos(self) -> int:
        """How many there is room for."""
        return max(1, min(_MOST_PHOTOS, _MOST_PIXELS // self._last))

    def read(self, number: int, photo: Photo) -> np.ndarray:
        """The pixels of a photograph, read once there is room for them."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_free(number))
            if self._is_closed:
                raise CancelledError
            self._pixels[number] = self._last
        size = 0
        try:
            pixels = photo.read()
            size = pixels.shape[0] * pixels.shape[1]
            return pixels
        finally:
            with self._changed:
                self._pixels[number] = size
                if size and number > self._last_number:
                    self._last, self._last_number = size, number
                self._changed.notify_all()

    def leave(self, photo: Photo, pixels: Future[np.ndarray]) -> tuple[Photo, Future[np.ndarray]]:
        """Waits for the pixels of the photograph that is next, and lets them go."""
        pixels.exception()
        with self._changed:
            self._pixels.pop(self._next)
            self._next += 1
            self._changed.notify_all()
        return photo, pixels

    def close(self) -> None:
        """Ends all waiting."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _is_free(self, number: int) -> bool:
        is_next, needed = number == self._next, sum(self._pixels.values()) + self._last
        return self._is_closed or is_next or needed <= _MOST_PIXELS
