import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.inference.photos import Photo
from deeplab_tf2.inference.reading import read_ahead

THREADS = 4
SMALL, LARGE = (20, 30), (2000, 3000)


class Shelf:
    """Photographs of some sizes, and how many of each size are read and not yet taken."""

    def __init__(self, sizes):
        self.sizes, self.begun, self.lock = sizes, [], threading.Lock()

    def photos(self):
        for number, size in enumerate(self.sizes):
            yield Photo(str(number), lambda number=number, size=size: self.read(number, size))

    def read(self, number, size):
        with self.lock:
            self.begun.append(number)
        if size is None:
            raise InputError(f"{number}: no image")
        return np.zeros((*size, 3), np.uint8)


@pytest.fixture
def readers():
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


def settled(shelf, least=0):
    """How many reads were begun, `least` of them at last, after some time."""
    end = time.monotonic() + 30
    while len(shelf.begun) < least and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.1)
    return len(shelf.begun)


def test_all_come_in_their_order(readers):
    sizes = [SMALL, None, LARGE, SMALL, None, LARGE, LARGE] * 40
    found = list(read_ahead(readers, Shelf(sizes).photos()))
    assert [photo.name for photo, _ in found] == [str(number) for number in range(len(sizes))]
    for size, (photo, pixels) in zip(sizes, found, strict=True):
        if size is None:
            assert str(pixels.exception()) == f"{photo.name}: no image"
        else:
            assert pixels.result().shape == (*size, 3)


def test_small_ones_are_read_far_ahead(readers):
    shelf = Shelf([SMALL] * 400)
    with closing(read_ahead(readers, shelf.photos())) as found:
        # How many are taken is known with the size of the first.
        next(found), next(found)
        assert 100 <= settled(shelf, 100) < 300


def test_large_ones_are_read_one_ahead(readers):
    shelf = Shelf([LARGE] * 8)
    for number, _ in enumerate(read_ahead(readers, shelf.photos())):
        assert settled(shelf) <= number + 2


def test_large_ones_behind_small_ones_are_soon_few(readers):
    """As many are under way as there are threads before it is known how large they are."""
    shelf = Shelf([SMALL] * 300 + [LARGE] * 257)
    for number, _ in enumerate(read_ahead(readers, shelf.photos())):
        if number in (100, 200, 299, 304, 330):
            assert settled(shelf) <= max(300 + THREADS, number + 3)


def test_a_small_one_that_is_late_opens_no_door():
    shelf, is_let_go = Shelf([SMALL] * 3 + [LARGE] * 9), threading.Event()
    *early, late = itertools.islice(shelf.photos(), 3)
    others = itertools.islice(shelf.photos(), 3, None)
    late = Photo(late.name, lambda read=late.read: (is_let_go.wait(30), read())[1])
    with ThreadPoolExecutor(2) as pool, closing(read_ahead(pool, [*early, late, *others])) as found:
        next(found), next(found)
        assert settled(shelf, 3) == 3
        is_let_go.set()
        assert settled(shelf, 4) == 4


def test_who_stops_early_waits_for_nothing(readers):
    shelf = Shelf([SMALL] * 300 + [LARGE] * 200)
    found = read_ahead(readers, shelf.photos())
    for _ in range(250):
        next(found)
    found.close()
    readers.shutdown()
    assert len(shelf.begun) <= 300 + THREADS
