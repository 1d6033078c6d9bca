"""Classes of public datasets: their names, their colours, and what stands for them in the masks."""

from __future__ import annotations

import os
from typing import Any

from deeplab_tf2.config import InputError, read_json
from deeplab_tf2.data.known import known_dataset
from deeplab_tf2.data.public.rows import ClassTable
from deeplab_tf2.data.public.trees import root
from deeplab_tf2.pictures.palettes import Color, default_colors

# Name and colour of each class; the colours are the original ones but for Pavement.
_CAMVID = """
Sky 808080, Building 800000, Pole c0c080, Road 804080, Pavement 3c28de, Tree 808000, SignSymbol c08080, Fence 404080,
Car 400080, Pedestrian 404000, Bicyclist 0080c0
"""

# Name, colour in masks, and place in the usual merge to 11 classes, where 11 is void.
_CAMVID_ORIGINAL = """
Animal 408040 9; Archway c00080 1; Bicyclist 0080c0 10; Bridge 008040 1; Building 800000 1; Car 400080 8;
CartLuggagePram 4000c0 9; Child c08040 9; Column_Pole c0c080 2; Fence 404080 7; LaneMkgsDriv 8000c0 3;
LaneMkgsNonDriv c00040 3; Misc_Text 808040 6; MotorcycleScooter c000c0 10; OtherMoving 804040 8; ParkingBlock
40c080 4; Pedestrian 404000 9; Road 804080 3; RoadShoulder 8080c0 4; Sidewalk 0000c0 4; SignSymbol c08080 6;
Sky 808080 0; SUVPickupTruck 4080c0 8; TrafficCone 000040 2; TrafficLight 004040 6; Train c04080 8; Tree
808000 5; Truck_Bus c080c0 8; Tunnel 400040 1; VegetationMisc c0c000 5; Void 000000 11; Wall 40c000 1
"""

# The sides are those of the person: in a picture, l_eye lies on the right.
_CELEBAMASK = """
background 000000, skin cc0000, nose 4c9900, eye_g cccc00, l_eye 3333ff, r_eye cc00cc, l_brow 00ffff, r_brow
ffcccc, l_ear 663300, r_ear ff0000, mouth 66cc00, u_lip ffff00, l_lip 000099, hair 0000cc, hat ff3399, ear_r
00cccc, neck_l 003300, neck ff9933, cloth 00cc00
"""

_LFW = "background 0000ff, hair ff0000, skin 00ff00"

_COCO_STUFF = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella,
handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard,
surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange,
broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv,
laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase,
scissors, teddy bear, hair drier, toothbrush, banner, blanket, branch, bridge, building-other, bush, cabinet,
cage, cardboard, carpet, ceiling-other, ceiling-tile, cloth, clothes, clouds, counter, cupboard, curtain,
desk-stuff, dirt, door-stuff, fence, floor-marble, floor-other, floor-stone, floor-tile, floor-wood, flower,
fog, food-other, fruit, furniture-other, grass, gravel, ground-other, hill, house, leaves, light, mat, metal,
mirror-stuff, moss, mountain, mud, napkin, net, paper, pavement, pillow, plant-other, plastic, platform,
playingfield, railing, railroad, river, road, rock, roof, rug, salad, sand, sea, shelf, sky-other, skyscraper,
snow, solid-other, stairs, stone, straw, structural-other, table, tent, textile-other, towel, tree, vegetable,
wall-brick, wall-concrete, wall-other, wall-panel, wall-stone, wall-tile, wall-wood, water-other, waterdrops,
window-blind, window-other, wood
"""

# Places of COCO's list of things that no picture has.
_COCO_UNUSED = (11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90)

CITYSCAPES_IDS = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)


def _known(name: str, **settings: Any) -> ClassTable:
    known = known_dataset(name)
    colors = tuple((red, green, blue) for red, green, blue in known.colors)
    return ClassTable(known.class_names, colors, ignore_label=known.ignore_label, **settings)


def _listed(text: str, **settings: Any) -> ClassTable:
    words = [entry.split() for entry in text.split(",")]
    return ClassTable(tuple(name for name, _ in words), tuple(_rgb(color) for _, color in words), **settings)


def _rgb(text: str) -> Color:
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


VOC = _known("pascal_voc_seg")
CITYSCAPES = _known(
    "cityscapes",
    values=CITYSCAPES_IDS,
    ignored=tuple(value for value in range(34) if value not in CITYSCAPES_IDS),
)
ADE20K = _known("ade20k")
CAMVID = _listed(_CAMVID, ignored=(11,))
LFW_PARTS = _listed(_LFW, masked_colors=((0x0000FF,), (0xFF0000,), (0x00FF00,)))
CELEBAMASK_HQ = _listed(_CELEBAMASK, mirror_pairs=(("l_eye", "r_eye"), ("l_brow", "r_brow"), ("l_ear", "r_ear")))


def _camvid_original(merged: bool) -> ClassTable:
    rows = [entry.split() for entry in _CAMVID_ORIGINAL.split(";")]
    if not merged:
        names = tuple(name for name, _, _ in rows)
        return ClassTable(
            names,
            tuple(_rgb(color) for _, color, _ in rows),
            masked_colors=tuple((int(color, 16),) for _, color, _ in rows),
            ignore_label=names.index("Void"),
            nearest=True,
        )
    parts = [tuple(int(color, 16) for _, color, place in rows if int(place) == label) for label in range(12)]
    return ClassTable(
        CAMVID.names, CAMVID.colors, masked_colors=tuple(parts[:11]), ignored_colors=parts[11], nearest=True
    )


CAMVID_32 = _camvid_original(merged=False)
CAMVID_11 = _camvid_original(merged=True)


def _coco_stuff(shift: int, unlabelled: int) -> ClassTable:
    """The 171 classes; `shift` is what mask values lie above their places in COCO's list."""
    names = tuple(" ".join(name.split()) for name in _COCO_STUFF.split(","))
    values = tuple(place + shift for place in range(182) if place not in _COCO_UNUSED)
    return ClassTable(names, default_colors(len(names)), values, ignored=(unlabelled,))


COCO_STUFF = _coco_stuff(shift=0, unlabelled=255)
COCO_STUFF_10K = _coco_stuff(shift=1, unlabelled=0)


def vistas(tree: str, version: str) -> ClassTable:
    """The classes of Mapillary Vistas that are evaluated, as the configuration in its archive lists them.

    Args:
        tree: folder with the unpacked archives.
        version: `1.2` or `2.0`.

    Raises:
        InputError: there is no configuration, or it is damaged.
    """
    folder = root(tree, "training/images")
    names = [f"config_v{version}.json", *(["config.json"] if version == "1.2" else [])]
    path = next((os.path.join(folder, name) for name in names if os.path.isfile(os.path.join(folder, name))), None)
    if path is None:
        raise InputError(f"{folder} has no {' or '.join(names)}: unpack the archive again")
    labels = read_json(path, "Mapillary Vistas").get("labels", ())
    try:
        rows = [(label["name"], tuple(label["color"]), bool(label["evaluate"])) for label in labels]
    except (KeyError, TypeError) as error:
        raise InputError(f"{path} lists labels without name, color or evaluate: unpack the archive again") from error
    kept = [place for place, (_, _, evaluated) in enumerate(rows) if evaluated]
    return ClassTable(
        tuple(rows[place][0] for place in kept),
        tuple(rows[place][1] for place in kept),
        values=tuple(kept),
        ignored=tuple(place for place in range(len(rows)) if place not in kept),
    )
