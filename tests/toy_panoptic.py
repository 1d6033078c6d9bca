"""Panoptic maps of known scores, and files in the format of COCO."""

import json
import pathlib

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from deeplab_tf2.evaluation.panoptic.overlaps import PanopticMap, overlaps

# Grey value of a person in the true picture of a team -> category; 198 is a second category.
_TEAM = {0: 0, 47: 1, 97: 1, 133: 1, 150: 1, 174: 1, 198: 2, 215: 1, 244: 1, 255: 1}
_TEAM_COLORS = {(0, 0, 0): 0, (0, 0, 255): 1, (255, 0, 0): 2}


def _pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def team(folder: pathlib.Path):
    """The overlaps of the official test picture of a team: nine people of two categories."""
    true = _pixels(folder / "team_gt_instance.png")[..., 0]
    painted = _pixels(folder / "team_pred_class.png")
    categories = sum(number * (painted == color).all(-1) for color, number in _TEAM_COLORS.items())
    instances = _pixels(folder / "team_pred_instance.png") @ [1, 256, 256**2]
    return overlaps(PanopticMap(np.vectorize(_TEAM.get)(true), true), PanopticMap(categories, instances))


@st.composite
def maps_and_ignored_label(draw):
    """True categories and instances and predicted ones, and the label that is ignored: of the 3 categories, or not."""
    maps = draw(arrays(np.int16, (4, 5, 6), elements=st.integers(0, 2)))
    ignored = draw(st.sampled_from([0, 1, 2, 3, 255, -1, -2]))
    if ignored not in range(3):
        maps[::2][maps[::2] == 2] = ignored
    return maps, ignored


def segment(*box, category=1, instance=1, size=(6, 6)):
    """A map with one segment, rows from..to and columns from..to, on void."""
    top, bottom, left, right = box
    categories, instances = np.zeros((2, *size), int)
    categories[top:bottom, left:right] = category
    instances[top:bottom, left:right] = instance
    return PanopticMap(categories, instances)


def save_coco(folder, name, images, categories=((1, "person", 1), (2, "grass", 0))):
    """Writes panoptic files: `images` are lists of (mask, id, category, iscrowd); returns the path of the JSON."""
    (folder / name).mkdir()
    annotations = []
    for number, segments in enumerate(images):
        ids = np.zeros(segments[0][0].shape, np.uint32)
        for mask, key, _, _ in segments:
            ids[mask] = key
        Image.fromarray((ids[..., None] >> [0, 8, 16] & 255).astype(np.uint8)).save(folder / name / f"{number}.png")
        rows = [{"id": key, "category_id": category, "iscrowd": crowd} for _, key, category, crowd in segments]
        annotations.append({"image_id": number, "file_name": f"{number}.png", "segments_info": rows})
    rows = [{"id": key, "name": text, "isthing": thing} for key, text, thing in categories]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"annotations": annotations, "categories": rows}))
    return str(path)
