import functools
import os
import threading
import time

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.inference import reading
from deeplab_tf2.inference.photos import Photo, segment_photos
from deeplab_tf2.inference.pixels import pixels_of
from deeplab_tf2.inference.predict import segment

OUT_OF_MEMORY = tf.errors.ResourceExhaustedError(None, None, "OOM")
SIZES = [(20, 30), (40, 52), (33, 33), (20, 31), (18, 18), (40, 52), (25, 33), (18, 30)]


def photos(sizes=SIZES):
    return [np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8) for seed, size in enumerate(sizes)]


class Counting:
    """A run that remembers its batches; more than `most` images are too many for its memory."""

    def __init__(self, run, most=99, error=OUT_OF_MEMORY):
        self.run, self.most, self.error, self.batches, self.descriptor = run, most, error, [], run.descriptor
        self.shared_size = run.shared_size

    def predict_together(self, images, probabilities=True):
        if len(images) > self.most:
            raise self.error
        self.batches.append([image.shape[:2] for image in images])
        return self.run.predict_together(images, probabilities)


def given(images):
    return [Photo(str(number), lambda image=image: image) for number, image in enumerate(images)]


def labels(predictor, images, **options):
    found = dict(segment_photos(predictor, given(images), lambda photo, seen: seen.labels, **options))
    return {int(photo.name): outcome for photo, outcome in found.items()}


@pytest.fixture(scope="module")
def alone(tiny):
    """The labels of each photograph by itself."""
    return [tiny.predict(image).labels for image in photos()]


@pytest.mark.parametrize("probabilities", [True, False])
def test_those_of_one_padded_size_share_a_batch(tiny, alone, probabilities):
    counting = Counting(tiny)
    found = labels(counting, photos(), probabilities=probabilities)
    assert sorted(map(sorted, counting.batches)) == sorted(
        [[(40, 52), (40, 52)], sorted([(20, 30), (33, 33), (20, 31), (18, 18), (25, 33), (18, 30)])]
    )
    for number, expected in enumerate(alone):
        np.testing.assert_array_equal(found[number], expected)


def test_a_batch_has_a_limit(tiny, alone):
    counting = Counting(tiny)
    found = labels(counting, photos(), batch_size=2)
    assert max(map(len, counting.batches)) == 2 and len(counting.batches) == 4
    assert all((found[number] == expected).all() for number, expected in enumerate(alone))


SHORT = "not enough memory for its size; scale it down"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OUT_OF_MEMORY, SHORT),
        (MemoryError("Unable to allocate 9. GiB"), SHORT),
        (tf.errors.InternalError(None, None, "no\nconvolution"), "the network fails: no convolution (InternalError)"),
    ],
)
def test_a_batch_that_fails_is_tried_one_by_one(tiny, alone, error, told):
    found = labels(Counting(tiny, 1, error), photos())
    assert all((found[number] == expected).all() for number, expected in enumerate(alone))
    nothing = labels(Counting(tiny, 0, error), photos()[:2])
    assert [str(error) for error in nothing.values()] == [f"{number}: {told}" for number in nothing]


def test_what_fails_stands_beside_what_does_not(tiny):
    def unreadable():
        raise InputError("b: the file is empty")

    def use(photo, seen):
        if photo.name == "c":
            raise OSError(28, "No space left on device")
        return seen.shares.sum()

    sound = lambda: photos()[0]  # noqa: E731
    some = [Photo("a", sound), Photo("b", unreadable), Photo("c", sound)]
    some += [Photo("d\0", functools.partial(pixels_of, "d\0")), Photo("e", sound)]
    found = {photo.name: outcome for photo, outcome in segment_photos(tiny, some, use)}
    assert found["a"] == pytest.approx(1)
    assert str(found["b"]) == "b: the file is empty" and "c: " in str(found["c"]) and "No space" in str(found["c"])
    assert str(found["d\0"]) == "d\0: embedded null byte (ValueError)" and found["e"] == pytest.approx(1)


def test_who_stops_early_leaves_the_rest_undone(tiny, monkeypatch):
    read, used, is_closed, close = [], [], threading.Event(), reading._Room.close
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    # The photographs that are being read hold up the end.
    monkeypatch.setattr(reading._Room, "close", lambda room: (close(room), is_closed.set()))

    def take(number):
        read.append(number)
        assert number < 30 or is_closed.wait(30)
        return np.zeros((17, 17, 3), np.uint8)

    many = [Photo(str(number), functools.partial(take, number)) for number in range(400)]
    found = segment_photos(tiny, many, lambda photo, seen: used.append(photo), batch_size=8)
    next(found)
    found.close()
    assert len(read) <= 30 + 2 and len(used) <= 24


def test_photographs_are_taken_as_they_are_needed(tiny):
    """Never more than some at a time, however many there are."""
    taken, done, most, lock = [0], [0], [0], threading.Lock()

    def endless():
        for number in range(400):
            taken[0] += 1
            yield Photo(str(number), lambda: np.zeros((17, 17, 3), np.uint8))

    def use(photo, seen):
        with lock:
            most[0] = max(most[0], taken[0] - done[0])
            done[0] += 1

    assert sum(1 for _ in segment_photos(tiny, endless(), use, probabilities=False)) == 400
    assert done[0] == 400 and most[0] <= 256 + 3 * 32


@pytest.mark.parametrize(("large", "most"), [(0, 1), (10**6, 2)])
def test_large_photographs_are_used_up_before_the_next(tiny, monkeypatch, large, most):
    monkeypatch.setattr("deeplab_tf2.inference.photos._LARGE_PIXELS", large)
    begun, used, together = [0], [0], [0]

    class Watched(Counting):
        def predict_together(self, images, probabilities=True):
            begun[0] += 1
            together[0] = max(together[0], begun[0] - used[0])
            return super().predict_together(images, probabilities)

    def use(photo, seen):
        end = time.monotonic() + 30
        while together[0] < most and time.monotonic() < end:
            time.sleep(0.01)
        used[0] += 1

    assert len(list(segment_photos(Watched(tiny), given(photos()[:1] * 6), use, batch_size=1))) == 6
    assert together[0] == most


def test_lists_come_back_in_their_order(tiny, alone):
    for model in (tiny, tiny.model):
        found = segment(model, photos())
        assert all((one.labels == expected).all() for one, expected in zip(found, alone, strict=True))
        assert [one.image.shape[:2] for one in found] == SIZES
        np.testing.assert_allclose(found[1].probabilities, tiny.predict(photos()[1]).probabilities, atol=1e-5)
    assert segment(tiny, []) == []
    with pytest.raises(InputError, match=r"nothing.jpg: cannot be read"):
        segment(tiny, [photos()[0], "nothing.jpg"])


def test_failures_of_a_list_name_the_file(tiny, tmp_path):
    Image.fromarray(photos()[0]).save(tmp_path / "a.png")
    for image, name in ((tmp_path / "a.png", f"{tmp_path}/a.png"), (photos()[0], r"image\[0\]")):
        with pytest.raises(InputError, match=f"^{name}: not enough memory"):
            segment(Counting(tiny, most=0), [image])
