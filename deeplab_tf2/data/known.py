"""Public datasets: their classes, and records of them that the official tools wrote, without a descriptor."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data import catalog
from deeplab_tf2.data.catalog import Descriptor, Split, load_descriptor
from deeplab_tf2.pictures.palettes import colormap

_PASCAL_VOC = """
background, aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, diningtable, dog, horse, motorbike,
person, pottedplant, sheep, sofa, train, tvmonitor
"""

_CITYSCAPES = """
road, sidewalk, building, wall, fence, pole, traffic light, traffic sign, vegetation, terrain, sky, person, rider,
car, truck, bus, train, motorcycle, bicycle
"""

# Label 0 means that a pixel belongs to none of the 150 classes; official networks have an output for it.
_ADE20K = """
other, wall, building, sky, floor, tree, ceiling, road, bed, windowpane, grass, cabinet, sidewalk, person, earth,
door, table, mountain, plant, curtain, chair, car, water, painting, sofa, shelf, house, sea, mirror, rug, field,
armchair, seat, fence, desk, rock, wardrobe, lamp, bathtub, railing, cushion, base, box, column, signboard, chest
of drawers, counter, sand, sink, skyscraper, fireplace, refrigerator, grandstand, path, stairs, runway, case, pool
table, pillow, screen door, stairway, river, bridge, bookcase, blind, coffee table, toilet, flower, book, hill,
bench, countertop, stove, palm, kitchen island, computer, swivel chair, boat, bar, arcade machine, hovel, bus,
towel, light, truck, tower, chandelier, awning, streetlight, booth, television, airplane, dirt track, apparel,
pole, land, bannister, escalator, ottoman, bottle, buffet, poster, stage, van, ship, fountain, conveyer belt,
canopy, washer, plaything, swimming pool, stool, barrel, basket, waterfall, tent, bag, minibike, cradle, oven,
ball, food, step, tank, trade name, microwave, pot, animal, bicycle, lake, dishwasher, screen, blanket, sculpture,
hood, sconce, vase, traffic light, tray, ashcan, fan, pier, crt screen, plate, monitor, bulletin board, shower,
radiator, glass, clock, flag
"""

# Name of a dataset -> its colour map, its ignore label, and its classes in order.
_ROWS = {
    "pascal_voc_seg": ("pascal", 255, _PASCAL_VOC),
    "cityscapes": ("cityscapes", 255, _CITYSCAPES),
    "ade20k": ("ade20k", 0, _ADE20K),
}

# The official Cityscapes converter writes train and val; the official trainer calls them train_fine and val_fine.
_SAME_SPLITS = {"cityscapes": ("train", "val", "trainval", "test")}


def known_dataset(name: str) -> Descriptor:
    """The descriptor of a public dataset as official networks label it, without splits.

    Args:
        name: `pascal_voc_seg`, `cityscapes` or `ade20k`.

    Raises:
        InputError: there is none of that name.
    """
    if name not in _ROWS:
        raise InputError(f"the classes of {name!r} are not known here; known are {', '.join(_ROWS)}")
    palette, ignore_label, text = _ROWS[name]
    names = tuple(" ".join(word.split()) for word in text.split(","))
    colors = tuple(tuple(int(value) for value in color) for color in colormap(palette)[: len(names)])
    return Descriptor(name, names, colors, ignore_label)


def described(folder: str, dataset: str | None = None) -> Descriptor:
    """The descriptor of records: the one beside them, or that of a public dataset with the splits found on disk.

    Args:
        folder: folder of the records.
        dataset: name of the dataset, for records without `descriptor.json`, such as those of the official tools.

    Raises:
        InputError: there are no records, or nothing says what their labels mean.
    """
    if storage.is_file(storage.join(folder, catalog.FILE_NAME)):
        return load_descriptor(folder)
    from deeplab_tf2.data.shard_names import shard_files

    shards = shard_files(folder) if storage.is_folder(folder) else {}
    if not shards:
        return load_descriptor(folder)
    if dataset not in _ROWS:
        what = "is missing" if dataset is None else f"{dataset} is not known here"
        raise InputError(
            f"{folder} holds records of {', '.join(shards)} without {catalog.FILE_NAME}, and --dataset, which says "
            f"what their labels mean, {what}: known are {', '.join(_ROWS)}. Convert other datasets again"
        )
    splits = {split: _counted(folder, split, paths) for split, paths in shards.items()}
    return dataclasses.replace(known_dataset(dataset), splits=splits)


def _counted(folder: str, split: str, paths: Sequence[str]) -> Split:
    """A split as far as it is known without reading every record: their number, and whether they have masks."""
    import tensorflow as tf

    from deeplab_tf2.data import schema
    from deeplab_tf2.data.records import Records

    stated = {int(path.removesuffix(".tfrecord")[-5:]) for path in paths}
    if stated != {len(paths)}:
        told = " and ".join(map(str, sorted(stated)))
        raise InputError(f"{folder} has {len(paths)} files of the split {split!r}, whose names say {told}: copy all")
    records = Records(folder, split)
    try:
        first = schema.parse(tf.constant(records.read(0)))
    except (tf.errors.InvalidArgumentError, UnicodeDecodeError) as error:
        raise InputError(f"{paths[0]}: the first record is no tf.train.Example") from error
    return Split(len(records), len(paths), labelled=bool(first["label"].numpy()))


def split_found(descriptor: Descriptor, split: str) -> str:
    """The split that the records have for an asked one: of Cityscapes, train for train_fine and the reverse.

    Args:
        descriptor: that of the records.
        split: the name asked for.

    Returns:
        `split` itself where the records have it, or where they have no other name for it.
    """
    for plain in _SAME_SPLITS.get(descriptor.name, ()):
        names = {plain, f"{plain}_fine"}
        other = names - {split}
        if split in names and split not in descriptor.splits and other <= set(descriptor.splits):
            return other.pop()
    return split
