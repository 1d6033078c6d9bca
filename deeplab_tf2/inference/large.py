"""Segmenting images of any size, tile by tile, in a memory that does not grow with their height."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from deeplab_tf2.config import InputError, TileConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.inference.tile_network import TileNetwork, seen_beyond
from deeplab_tf2.inference.tile_passes import Progress, TilePasses
from deeplab_tf2.inference.tiles import Side, side
from deeplab_tf2.inference.windows import Source, opened
from deeplab_tf2.pictures.overlay import blend


@dataclasses.dataclass(frozen=True)
class Large:
    """What became of a large image.

    Attributes:
        files: the files written.
        shares: fraction of the pixels of each class, float64 [classes].
        tiles: their number.
        agreement: fraction of the pixels where tiles meet to which both give the same label; None for one tile.
        note: what else the tiles change for this network, in words; None: nothing.
    """

    files: tuple[str, ...]
    shares: np.ndarray
    tiles: int
    agreement: float | None
    note: str | None


@dataclasses.dataclass(frozen=True)
class Output:
    """A picture of the labels.

    Attributes:
        kind: see `pictures.png_strips`; labels of more than 256 classes take 16 bits.
        paint: its rows, from labels [rows, width], pixels [rows, width, 3] and the descriptor; None: the labels.
    """

    kind: str
    paint: Callable[[np.ndarray, np.ndarray, Descriptor], np.ndarray] | None = None

    def kind_of(self, classes: int) -> str:
        """Its kind for a number of classes."""
        return "I;16" if self.paint is None and classes > _BYTE else self.kind


OUTPUTS = {
    "mask": Output("P"),
    "index": Output("L"),
    "overlay": Output("RGB", lambda labels, pixels, descriptor: blend(pixels, labels, descriptor.colors)),
}
_BYTE = 256


def segment_large(
    network: TileNetwork,
    path: str,
    stem: str,
    tiles: TileConfig,
    outputs: Sequence[str] = ("mask",),
    progress: Progress | None = None,
) -> Large:
    """Segments an image in tiles, and writes `<stem>_<output>.png`, or `.tif` that keeps the place on the ground.

    Args:
        network: what answers, see `tile_network.tile_network`.
        path: the image; of a TIFF (and what else `rasters.EXTENSIONS` names) only parts are in memory at a time.
        stem: what the names of the results begin with.
        tiles: how it is cut.
        outputs: names of `OUTPUTS`.
        progress: is called after each tile, see `TilePasses`.

    Raises:
        InputError: the image cannot be read or does not fit the network, an output is not made of tiles, or the memory
            does not suffice for them.
    """
    config = network.config
    check_outputs(outputs, config.input_channels)
    with _enough_memory(path, tiles), opened(path, config.input_channels) as source, ThreadPoolExecutor(1) as clerk:
        rows, columns = _sides(source.size, tiles, config.output_stride)
        passes = TilePasses(network, source, rows, columns, clerk, progress)
        sharing = passes.sharing if tiles.tile_pooling == "shared" else None
        files = {name: f"{stem}_{name}{source.extension}" for name in outputs}
        mean = passes.mean(sharing) if sharing else None
        counts = _write(passes, files, source, clerk, network.descriptor, mean)
        note = _note(passes, seen_beyond(config, shared=sharing is not None))
        met = passes.mosaic
    agreement = met.agreeing / met.seen_twice if met.seen_twice else None
    return Large(tuple(files.values()), counts / counts.sum(), len(passes.places), agreement, note)


def _sides(size: tuple[int, int], tiles: TileConfig, output_stride: int) -> tuple[Side, Side]:
    if tiles.tile_size is None:
        raise InputError("tile_size is not set; give height,width in pixels, for example 1025,1025")
    rows, columns = (
        side(length, tile, tiles.tile_overlap, output_stride)
        for length, tile in zip(size, tiles.tile_size, strict=True)
    )
    return rows, columns


@contextlib.contextmanager
def _enough_memory(path: str, tiles: TileConfig) -> Iterator[None]:
    try:
        yield
    except MemoryError as error:
        size = ",".join(map(str, tiles.tile_size or ()))
        raise InputError(f"{path}: not enough memory for tiles of {size} pixels; make tile_size smaller") from error


def check_outputs(outputs: Sequence[str], channels: int) -> None:
    """Refuses what is not made of tiles.

    Args:
        outputs: names of `OUTPUTS`.
        channels: what the network sees.

    Raises:
        InputError: there is another name, or none, or an overlay of other images than photographs.
    """
    if not outputs or not set(outputs) <= set(OUTPUTS):
        legal = ", ".join(OUTPUTS)
        raise InputError(f"outputs: {', '.join(outputs) or 'none'}; of large images in tiles there are {legal}")
    if "overlay" in outputs and channels != RGB:
        raise InputError(f"outputs: of tiles of {channels} channels there is no overlay; leave it out")


def _write(
    passes: TilePasses,
    files: Mapping[str, str],
    source: Source,
    clerk: ThreadPoolExecutor,
    descriptor: Descriptor,
    mean: np.ndarray | None,
) -> np.ndarray:
    """Writes all pictures, each strip while the next one is computed; returns the pixels of each class, [classes]."""
    counts = np.zeros(descriptor.num_classes, np.int64)
    with contextlib.ExitStack() as stack:
        pictures = {
            name: stack.enter_context(
                source.strips(path, OUTPUTS[name].kind_of(descriptor.num_classes), descriptor.colors)
            )
            for name, path in files.items()
        }

        def store(rows: slice, labels: np.ndarray) -> None:
            for name, picture in pictures.items():
                paint = OUTPUTS[name].paint
                if paint is None:
                    picture.write(labels)
                else:
                    picture.write(paint(labels, source.read(rows, slice(0, labels.shape[1])), descriptor))

        stored: Future[None] | None = None
        for rows, labels in passes.strips(mean):
            counts += np.bincount(labels.ravel(), minlength=len(counts))
            if stored is not None:
                stored.result()
            stored = clerk.submit(store, rows, labels)
        if stored is not None:
            stored.result()
    return counts


def _note(passes: TilePasses, beyond: Sequence[str]) -> str | None:
    """What the tiles change for a network in which `beyond` sees more than them."""
    if not beyond or len(passes.places) == 1:
        return None
    note = f"{' and '.join(beyond)} saw each tile alone, not the whole image"
    if passes.sharing is None or not any("head" in part for part in beyond):
        return note
    changed = passes.changed(passes.sharing)
    return f"{note}; one mean for all (tile_pooling=shared) changes the labels of {changed:.2%} of the pixels"
