"""Videos: their frames as photographs, and overlays of them as a video."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.inference.photos import Photo
from deeplab_tf2.inference.segmentation import Segmentation
from deeplab_tf2.pictures.overlay import blend, with_legend

END = "_overlay.mp4"

# A legend of more classes would be larger than the frame.
_MOST_NAMES = 24
# Quality of H.264, 0 for the best: hardly any loss is seen.
_QUALITY = "20"
_UNWRITTEN = "cannot be written as H.264"


class Film:
    """A video to segment.

    Args:
        path: the file.
        folder: folder for results about single frames, which are called by their numbers.

    Raises:
        InputError: it is no video, or the extra 'video' is missing.
    """

    def __init__(self, path: str, folder: str) -> None:
        self.path, self.folder = path, folder
        with contextlib.ExitStack() as opened:
            with _explained(path):
                file = opened.enter_context(storage.opened(path))
                # A playlist that is called a video may not lead to other files or hosts.
                options = {"protocol_whitelist": "none"}
                self._container = opened.enter_context(_av().open(file, options=options))
            streams = self._container.streams.video
            if not streams:
                raise InputError(f"{path}: there is no video in it")
            self._stream = streams[0]
            self._stream.thread_type = "AUTO"
            self._rate = self._stream.average_rate or 25
            self._opened = opened.pop_all()

    def photos(self) -> Iterator[Photo]:
        """Its frames, upright and in their order; one that cannot be read is the last."""
        number, first = 0, None
        frames = self._timed()
        while True:
            name = f"{self.path}, frame {number}"
            try:
                with _explained(name):
                    frame, time = next(frames, (None, 0))
            except InputError as error:
                yield Photo(name, functools.partial(_refuse, error))
                return
            if frame is None:
                return
            first = first or (frame.width, frame.height, round(frame.rotation / 90))
            read = _explained(name)(functools.partial(_pixels, frame, *first))
            yield Photo(name, read, os.path.join(self.folder, f"{number:06d}"), time)
            number += 1

    def _timed(self) -> Iterator[tuple[Any, int]]:
        """Frames and their times, which do not go back; those without time come at the usual distance."""
        step = round(1 / (self._rate * self._stream.time_base))
        last, shift, is_begun = -step, 0, False
        for frame in self._frames():
            time = last + step if frame.pts is None else frame.pts + shift
            # Where another recording was put behind the first, times begin anew.
            if is_begun and time < last:
                shift += last + step - time
                time = last + step
            last, is_begun = time, True
            yield frame, time

    def _frames(self) -> Iterator[Any]:
        is_empty, is_whole = True, True
        for packet in self._container.demux(self._stream):
            if packet.is_corrupt:
                is_whole = False
                continue
            for frame in packet.decode():
                is_empty = False
                yield frame
        if is_empty or not is_whole:
            raise EOFError("a part of it is missing" if not is_whole else "there is no frame in it")

    @contextlib.contextmanager
    def writer(self, path: str) -> Iterator[FilmWriter]:
        """What makes pictures of the frames a video: there under `path` once all went well and there was a picture."""
        with contextlib.ExitStack() as opened:
            writer = FilmWriter(path, self._rate, self._stream.time_base, opened)
            yield writer
            writer.finish()

    def close(self) -> None:
        """Closes the file."""
        self._opened.close()


class FilmWriter:
    """A video of H.264 in an .mp4 file, begun with its first picture.

    Args:
        path: where to.
        rate: frames a second.
        time_base: the unit of times, in seconds.
        opened: closes the file, or removes it where something went wrong.
    """

    def __init__(self, path: str, rate: Any, time_base: Any, opened: contextlib.ExitStack) -> None:
        self._path, self._rate, self._time_base, self._opened = path, rate, time_base, opened
        self._container: Any = None

    def add(self, picture: np.ndarray, time: int) -> None:
        """Adds a picture, uint8 [height, width, 3], at its time; behind the last where that is not later.

        Raises:
            InputError: it cannot be written.
        """
        # Of two pixels each, H.264 has one colour.
        height, width = picture.shape[:2]
        picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        with _explained(self._path, f"cannot be written as H.264 of {width} x {height} pixels"):
            if self._container is None:
                self._begin(*picture.shape[:2])
                self._last = time - 1
            frame = _av().VideoFrame.from_ndarray(picture, format="rgb24")
            self._last = max(time, self._last + 1)
            frame.pts, frame.time_base = self._last, self._time_base
            self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Writes what the encoder still holds.

        Raises:
            InputError: it cannot be written.
        """
        if self._container is not None:
            with _explained(self._path, _UNWRITTEN):
                self._container.mux(self._stream.encode())

    def _begin(self, height: int, width: int) -> None:
        temporary = self._opened.enter_context(storage.whole_file(self._path))
        self._container = _av().open(temporary, "w", format="mp4")
        self._opened.callback(_explained(self._path, _UNWRITTEN)(self._container.close))
        self._stream = self._container.add_stream("libx264", rate=self._rate, options={"crf": _QUALITY})
        self._stream.height, self._stream.width, self._stream.pix_fmt = height, width, "yuv420p"
        self._stream.codec_context.time_base = self._time_base


def picture_of(found: Segmentation) -> np.ndarray:
    """The overlay of a frame, uint8 [height, width, 3], with a legend of all classes unless they are many."""
    names, colors = found.descriptor.class_names, found.descriptor.colors
    picture = blend(found.image, found.labels, colors)
    return np.asarray(with_legend(picture, names, colors)) if len(names) <= _MOST_NAMES else picture


def _pixels(frame: Any, width: int, height: int, turns: int) -> np.ndarray:
    """The pixels of a frame, of the size and turned as the first."""
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24", width=width, height=height), turns))


def _refuse(error: InputError) -> np.ndarray:
    raise error


@contextlib.contextmanager
def _explained(name: str, what: str = "no video that can be read") -> Iterator[None]:
    """Turns what FFmpeg says into words: "<name>: <what> (<why>)"."""
    try:
        yield
    except InputError:
        raise
    # FFmpeg raises whatever damaged bytes lead it to.
    except Exception as error:
        raise InputError(f"{name}: {what} ({' '.join(str(error).split())[:200]})") from error


def _av() -> ModuleType:
    try:
        import av
    except ImportError as error:
        raise InputError("videos need the extra 'video': pip install 'deeplab-tf2[video]'") from error
    return av
