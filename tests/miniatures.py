"""Tiny pictures, masks and archives, and the road from archives of a public dataset to records."""

import io
import pathlib
import tarfile
import zipfile

import numpy as np
from PIL import Image

from deeplab_tf2.data.checking.sources import RecordSource
from deeplab_tf2.data.conversion.convert import Options, convert
from deeplab_tf2.data.public.acquire import prepare
from deeplab_tf2.data.public.gather import gather
from deeplab_tf2.data.public.sets import chosen_splits, find_set
from deeplab_tf2.pictures.palettes import colormap

SIZE = (8, 24)


def stripes(values, turn=0):
    """A mask [8, 24] of stripes of the values, which begin at another one every turn."""
    order = np.roll(values, -turn)
    return np.repeat(order[np.arange(SIZE[1]) * len(order) // SIZE[1]][None], SIZE[0], axis=0)


def photo(seed, size=SIZE, kind="JPEG", mode="RGB"):
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    return encoded(Image.fromarray(pixels).convert(mode), kind)


def encoded(image, kind="PNG"):
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.asarray(image, np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def palette_png(values):
    image = Image.fromarray(values.astype(np.uint8), "P")
    image.putpalette(colormap("pascal")[:256].ravel().tolist())
    return encoded(image)


def painted(colors, turn, kind="PNG"):
    """Stripes of colours 0xrrggbb."""
    packed = stripes(colors, turn)
    return encoded(np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], -1), kind)


def pack(path, members):
    """Writes a zip file or a tar file."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return
    with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as archive:
        for name, data in members.items():
            data = data.encode() if isinstance(data, str) else data
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def made(name, folder, splits=()):
    """Unpacks and converts the archives in `folder`.

    Returns:
        The descriptor, and split -> name -> labels as the records have them.
    """
    row = find_set(name)
    splits = chosen_splits(row, splits)
    tree, records = f"{folder}/unpacked", f"{folder}/records"
    prepare(row, splits, str(folder), tree, print)
    pairing, table = gather(row, tree, splits), row.table(tree)
    descriptor = convert(
        pairing.splits,
        records,
        table.descriptor(name),
        mask_reader=row.masks(table.reader(name)),
        options=Options(num_shards=1),
        problems=pairing.problems,
    )
    source = RecordSource(records, list(descriptor.splits))
    examples = {
        split: {example.name: example.label for example in (source.read(split, at) for at in range(count))}
        for split, count in source.sizes().items()
    }
    return descriptor, examples


def same(found, expected):
    """Checks labels by name: all those expected, and no others."""
    assert list(found) == list(expected)
    for name, labels in expected.items():
        np.testing.assert_array_equal(found[name], labels, err_msg=name)


def mat(**variables):
    import scipy.io

    buffer = io.BytesIO()
    scipy.io.savemat(buffer, variables)
    return buffer.getvalue()
