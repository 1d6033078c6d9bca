"""A small converted dataset on disk, and the settings of a small network for it."""

import numpy as np
from PIL import Image

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import DataConfig, ModelConfig, RunConfig
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.convert import convert
from deeplab_tf2.data.lists import Pair
from deeplab_tf2.models.deeplab import DeepLab

NAMES = ("ground", "disc", "ring")
SIZES = ((40, 52), (33, 65), (70, 31))
MODEL = ModelConfig(num_classes=3, depth_multiplier=0.1, aspp_convs_filters=8, decoder_filters=8)


def make_records(folder, names=NAMES):
    """Converts three images, with masks as val and without as test; returns the folder of the records."""
    rng = np.random.default_rng(0)
    pairs = []
    for index, (height, width) in enumerate(SIZES):
        mask = rng.integers(0, 3, (height, width), np.uint8)
        mask[:2] = 255
        paths = [str(folder / f"{index}_{kind}.png") for kind in ("image", "mask")]
        Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8)).save(paths[0])
        Image.fromarray(mask).save(paths[1])
        pairs.append(Pair(f"photos/{index}", *paths))
    bare = [Pair(pair.name, pair.image, None) for pair in pairs]
    records = str(folder / "records")
    convert({"val": pairs, "test": bare}, records, names, name="toy", num_shards=2)
    return records


def describe_run(folder, records, **data):
    """Writes what a run says about itself, without weights; returns its folder."""
    run = folder / "run"
    run.mkdir()
    RunConfig(model=MODEL, data=DataConfig(dataset_dir=records, **data)).save(str(run))
    load_descriptor(records).save(str(run))
    return str(run)


def make_run(folder, records, step=7):
    """Writes a whole run with an untrained network; returns its folder and the network."""
    run = describe_run(folder, records)
    model = DeepLab(MODEL)
    # Untrained logits are nearly equal: without a spread, every pixel would have the same class.
    rng = np.random.default_rng(1)
    kernel, bias = model.logits.get_weights()
    model.logits.set_weights([rng.normal(size=kernel.shape), bias])
    files.save(model, run, step)
    return run, model
