"""The official preprocessing's own numbers: resize to range, scale, pad, for images and labels."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.data import transforms
from deeplab_tf2.data.resampling import resize
from deeplab_tf2.models.backbones import MEAN_PIXEL, backbone

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
CASES = {case["name"]: case for case in json.loads((GOLDEN / "preprocess.json").read_text())}
RANGE = {"min_size": "min_resize_value", "max_size": "max_resize_value", "factor": "resize_factor"}


def evaluated(image, label, args):
    """What an evaluation sees, and the image before padding."""
    if (minimum := args.get("min_resize_value")) is not None:
        size = transforms.range_size(tf.shape(label), minimum, args.get("max_resize_value"), args.get("resize_factor"))
        image, label = resize(image, label, size)
    # Without a backbone official code pads with ImageNet's mean.
    pixel = backbone(args["model_variant"]).pad_pixel if "model_variant" in args else MEAN_PIXEL
    crop = tf.constant([args["crop_height"], args["crop_width"]])
    padded = transforms.pad(image, label, crop, args.get("ignore_label", 255), pixel)
    return {"out_image": padded[0], "out_label": padded[1], "out_original": image}


def scaled(image, label, args):
    size = tf.constant([int(side * args["scale"]) for side in label.shape])
    image, label = resize(image, label, size)
    return {"out_image": image, "out_label": label}


def padded(image, label, args):
    before = np.array([args["offset_height"], args["offset_width"]])
    after = np.array([args["target_height"], args["target_width"]]) - image.shape[:2] - before
    image = transforms.pad_image(tf.cast(image, tf.float32), np.stack([before, after], 1), args["pad_value"])
    return {"out_image": image}


def ranged(image, label, args):
    settings = {RANGE.get(name, name): value for name, value in args.items()}
    image, label = resize(image, label, transforms.range_size(tf.shape(label), **settings))
    return {"out_image": image, "out_label": label}


FUNCTIONS = {
    "preprocess_image_and_label": evaluated,
    "randomly_scale_image_and_label": scaled,
    "pad_to_bounding_box": padded,
    "resize_to_range": ranged,
}


@pytest.mark.parametrize("name", CASES)
def test_official_numbers(name):
    case, arrays = CASES[name], np.load(GOLDEN / "preprocess.npz")
    image = arrays[f"{name}/image"]
    label = arrays[f"{name}/label"] if f"{name}/label" in arrays else np.zeros(image.shape[:2], np.uint8)
    outputs = FUNCTIONS[case["fn"]](tf.constant(image), tf.constant(label), case["args"])
    for key in case["outputs"]:
        golden = arrays[f"{name}/{key}"]
        if key == "out_label":
            np.testing.assert_array_equal(outputs[key], golden)
        else:
            np.testing.assert_allclose(outputs[key], golden, atol=1e-3)
