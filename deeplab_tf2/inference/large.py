"""Segmenting images of any size, tile by tile, in a memory that does not grow with their height."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import numpy as np

from deeplab_tf2.config import InputError, TileConfig
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.inference.tile_network import TileNetwork, seen_beyond
from deeplab_tf2.inference.tile_passes import Progress, TilePasses
from deeplab_tf2.inference.tile_pictures import OUTPUTS, TilePictures, pictures_of
from deeplab_tf2.inference.tiles import Side, side
from deeplab_tf2.inference.windows import opened

# Agreement of tiles that see all that counts; of less one is told.
_SEAMLESS = 0.99


@dataclasses.dataclass(frozen=True)
class Large:
    """What became of a large image.

    Attributes:
        shares: fraction of each class of the pixels that have data, float64 [classes].
        note: what to know of it, in words; None: nothing.
    """

    shares: np.ndarray
    note: str | None


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
        with pictures_of(source, network.descriptor, files) as pictures:
            _store(passes, mean, pictures, clerk)
        missing = rows.length * columns.length - int(pictures.counts.sum())
        note = _note(path, passes, seen_beyond(config, shared=sharing is not None), missing)
    return Large(pictures.counts / max(pictures.counts.sum(), 1), note)


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


def _store(passes: TilePasses, mean: np.ndarray | None, pictures: TilePictures, clerk: ThreadPoolExecutor) -> None:
    """Stores each strip while the next one is computed."""
    stored: Future[None] = clerk.submit(lambda: None)
    try:
        for rows, labels in passes.strips(mean):
            stored.result()
            stored = clerk.submit(pictures.store, rows, labels)
        stored.result()
    finally:
        # The pictures are closed next, and not while somebody writes them.
        wait([stored])


def _note(path: str, passes: TilePasses, beyond: Sequence[str], missing: int) -> str | None:
    """What the tiles change for a network in which `beyond` sees more than them, and what has no data."""
    found, agreement = [], passes.mosaic.agreement
    if beyond and len(passes.places) > 1:
        found.append(f"{' and '.join(beyond)} saw each tile alone, not the whole image")
        if passes.sharing is not None and any("head" in part for part in beyond):
            changed = passes.changed(passes.sharing)
            found.append(f"one mean for all (tile_pooling=shared) changes the labels of {changed:.2%} of the pixels")
    if agreement is not None and (beyond or agreement < _SEAMLESS):
        found.append(f"tiles agree on {agreement:.2%} of the pixels where they meet")
    if missing:
        found.append(f"{missing:,} pixels have no data: they count in no share, and are masked in the results")
    return f"{path}: {'; '.join(found)}" if found else None
