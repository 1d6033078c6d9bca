"""Videos: their frames as photographs, and overlays of them as a video."""

from __future__ import annotations

import collections
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
from deeplab_tf2.inference.predict import Segmentation
from deeplab_tf2.pictures.overlay import blend, with_legend

END = "_overlay.mp4"

# A legend of more classes would be larger than the frame.
_MOST_NAMES = 24
# Quality of H.264, 0 for the best: hardly any loss is seen.
_QUALITY = "20"


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
        self._times: collections.deque[int] = collections.deque()
        with _explained(path):
            # A playlist that is called a video may not lead to other hosts.
            self._container = _av().open(path, options={"protocol_whitelist": "file"})
        streams = self._container.streams.video
        if not streams:
            self._container.close()
            raise InputError(f"{path}: there is no video in it")
        self._stream = streams[0]
        self._stream.thread_type = "AUTO"

    def photos(self) -> Iterator[Photo]:
        """Its frames, upright and in their order; one that cannot be read is the last."""
        number, size = 0, None
        frames = self._frames()
        while True:
            name = f"{self.path}, frame {number}"
            try:
                with _explained(name):
                    frame = next(frames, None)
            except InputError as error:
                self._times.append(self._times[-1] if self._times else 0)
                yield Photo(name, functools.partial(_refuse, error))
                return
            if frame is None:
                return
            size = size or (frame.width, frame.height)
            self._times.append(number if frame.pts is None else frame.pts)
            yield Photo(name, functools.partial(_pixels, frame, *size), os.path.join(self.folder, f"{number:06d}"))
            number += 1

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
            raise EOFError("the rest is missing" if not is_whole else "there is no frame in it")

    def writer(self, path: str) -> FilmWriter:
        """What makes the overlays of the frames a video with the times of this one."""
        return FilmWriter(path, self._stream.average_rate or 25, self._stream.time_base, self._times)

    def close(self) -> None:
        """Closes the file."""
        self._container.close()


class FilmWriter:
    """A video of H.264 in an .mp4 file: there under its path once it is closed.

    Args:
        path: where to.
        rate: frames a second.
        time_base: the unit of times, in seconds.
        times: of each frame to come; are taken out.
    """

    def __init__(self, path: str, rate: Any, time_base: Any, times: collections.deque[int]) -> None:
        self._path, self._temporary = path, f"{path}.{os.getpid()}.tmp"
        self._time_base, self._times = time_base, times
        with storage.explained(path, "written"):
            self._container = _av().open(self._temporary, "w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=rate, options={"crf": _QUALITY})
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = time_base
        self._begun = False

    def add(self, picture: np.ndarray | None) -> None:
        """Adds the picture of the next frame, uint8 [height, width, 3]; None leaves the frame out."""
        time = self._times.popleft()
        if picture is None:
            return
        # Of two pixels each, H.264 has one colour.
        height, width = picture.shape[:2]
        picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        if not self._begun:
            self._stream.height, self._stream.width = picture.shape[:2]
            self._begun = True
        frame = _av().VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = time, self._time_base
        with storage.explained(self._path, "written"):
            self._container.mux(self._stream.encode(frame))

    def close(self) -> str | None:
        """Puts the video in its place and returns its path; None without any frame."""
        if not self._begun:
            self.abandon()
            return None
        with storage.explained(self._path, "written"):
            self._container.mux(self._stream.encode())
            self._container.close()
            os.replace(self._temporary, self._path)
        return self._path

    def abandon(self) -> None:
        """Removes what was written."""
        with contextlib.suppress(Exception):
            self._container.close()
        storage.remove(self._temporary)


def picture_of(found: Segmentation) -> np.ndarray:
    """The overlay of a frame, uint8 [height, width, 3], with a legend of all classes unless they are many."""
    names, colors = found.descriptor.class_names, found.descriptor.colors
    picture = blend(found.image, found.labels, colors)
    return np.asarray(with_legend(picture, names, colors)) if len(names) <= _MOST_NAMES else picture


def _pixels(frame: Any, width: int, height: int) -> np.ndarray:
    """The pixels of a frame, turned as it says; all frames have the size of the first."""
    turns = round(frame.rotation / 90)
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24", width=width, height=height), turns))


def _refuse(error: InputError) -> np.ndarray:
    raise error


@contextlib.contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turns what the decoder says into words."""
    try:
        yield
    except InputError:
        raise
    # FFmpeg raises whatever damaged bytes lead it to.
    except Exception as error:
        raise InputError(f"{name}: no video that can be read ({' '.join(str(error).split())[:200]})") from error


def _av() -> ModuleType:
    try:
        import av
    except ImportError as error:
        raise InputError("videos need the extra 'video': pip install 'deeplab-tf2[video]'") from error
    return av
