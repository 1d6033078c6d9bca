"""From photographs to files about them: segmented together, refined and written in threads."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import CrfConfig, InputError, TileConfig
from deeplab_tf2.data.files.images import naming
from deeplab_tf2.data.files.outlines import Outline, outlines
from deeplab_tf2.inference.dense_crf import refined
from deeplab_tf2.inference.films import END, Film, picture_of
from deeplab_tf2.inference.forms import COCO, FORMS, Details
from deeplab_tf2.inference.large import check_outputs, segment_large
from deeplab_tf2.inference.photos import Photo, segment_photos
from deeplab_tf2.inference.polygon_files import without_background
from deeplab_tf2.inference.predict import Predictor
from deeplab_tf2.inference.segmentation import Segmentation
from deeplab_tf2.inference.tile_network import tile_network
from deeplab_tf2.inference.tile_passes import Progress


@dataclasses.dataclass(frozen=True, eq=False)
class Written:
    """What is known of a photograph once its files are written.

    Attributes:
        shares: fraction of the pixels of each class, float64 [classes].
        size: (height, width) in pixels.
        parts: its polygons; none unless they were asked for.
        picture: its overlay, uint8 [height, width, 3]; None unless it is the frame of a video.
        note: what to know of it, in words.
    """

    shares: np.ndarray
    size: tuple[int, int] = (0, 0)
    parts: Sequence[Outline] = ()
    picture: np.ndarray | None = None
    note: str | None = None


@dataclasses.dataclass(frozen=True)
class Writing:
    """What is written of photographs.

    Attributes:
        forms: names of forms, see `forms.NAMES`.
        details: what these leave open.
        crf: whether and how a CRF refines the labels.
        film: whether the photographs are frames of a video: their overlays are handed back, not written.
    """

    forms: Sequence[str]
    details: Details
    crf: CrfConfig = CrfConfig()
    film: bool = False

    def __call__(self, photo: Photo, found: Segmentation) -> Written:
        """Writes the files of one photograph."""
        with naming(photo.name):
            found = refined(found, self.crf)
        for name in self.forms:
            if name in FORMS and not (self.film and name == "overlay"):
                FORMS[name].save(photo.stem + FORMS[name].end, photo, found, self.details)
        parts: Sequence[Outline] = ()
        if COCO in self.forms:
            parts = without_background(outlines(found.labels, self.details.polygon_tolerance), found.descriptor)
        height, width = found.labels.shape
        picture = picture_of(found) if self.film and "overlay" in self.forms else None
        return Written(found.shares, (height, width), parts, picture)

    def write(
        self, predictor: Predictor, photos: Iterable[Photo], batch_size: int | None = None
    ) -> Iterator[tuple[Photo, Written | InputError]]:
        """Segments and writes photographs, see `segment_photos`."""
        probabilities = self.crf.crf or any(FORMS[name].probabilities for name in self.forms if name in FORMS)
        return segment_photos(predictor, photos, self, probabilities=probabilities, batch_size=batch_size)


def write_film(
    predictor: Predictor, path: str, stem: str, writing: Writing, batch_size: int | None = None
) -> Iterator[tuple[Photo, Written | InputError]]:
    """Segments a video: its overlay is `<stem>_overlay.mp4`, other forms of its frames go into the folder `<stem>`.

    Args:
        predictor: what `load` gives.
        path: the video.
        stem: what the results begin with.
        writing: what is written.
        batch_size: as for `segment_photos`.

    Yields:
        Its frames, as `segment_photos` has it; last itself with the reason, where it is no video or a result of it
        cannot be written.
    """
    writing = dataclasses.replace(writing, film=True)
    try:
        with contextlib.closing(Film(path, stem)) as film, film.writer(stem + END) as overlays:
            if set(writing.forms) != {"overlay"}:
                storage.make_folder(stem)
            for photo, written in writing.write(predictor, film.photos(), batch_size):
                if isinstance(written, Written) and written.picture is not None:
                    overlays.add(written.picture, photo.time)
                yield photo, written
    except InputError as error:
        yield Photo(path, lambda: np.zeros(0)), error


def write_large(
    predictor: Predictor,
    photos: Iterable[Photo],
    tiles: TileConfig,
    outputs: Sequence[str],
    progress: Progress | None = None,
) -> Iterator[tuple[Photo, Written | InputError]]:
    """Segments image files in tiles, one after the other, see `segment_large`.

    Raises:
        InputError: there is no image of which an output could be made.
    """
    network = tile_network(predictor)
    check_outputs(outputs, network.config.input_channels)
    for photo in photos:
        try:
            large = segment_large(network, photo.name, photo.stem, tiles, outputs, progress)
        except InputError as error:
            yield photo, error
        else:
            yield photo, Written(large.shares, note=large.note)
