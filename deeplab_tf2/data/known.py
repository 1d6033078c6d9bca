"""Public datasets: the names, colours and ignore label of their classes."""

from __future__ import annotations

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
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
