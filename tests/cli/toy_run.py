"""A small converted dataset on disk, and the settings of a small network for it."""

import numpy as np
from PIL import Image

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import DataConfig, ModelConfig, RunConfig
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.conversion.convert import Options, convert
from deeplab_tf2.data.pairing.lists import Pair
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.pictures.palettes import default_colors

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
    descriptor = Descriptor("toy", tuple(names), default_colors(len(names)))
    convert({"val": pairs, "test": bare}, records, descriptor, options=Options(num_shards=2))
    return records


def describe_run(folder, records, **data):
    """Writes what a run says about itself, without weights; returns its folder."""
    run = folder / "run"
    run.mkdir()
    RunConfig(model=MODEL, data=DataConfig(dataset_dir=records, **data)).save(str(run))
    load_descriptor(records).save(str(run))
    return str(run)


def make_run(folder, records):
    """Writes a run with two checkpoints: at step 3 all is class 1, at step 7 the classes are mixed.

    Returns:
        The folder of the run and its network, as at step 7.
    """
    run = describe_run(folder, records)
    model = DeepLab(MODEL)
    kernel, bias = model.logits.get_weights()
    model.logits.set_weights([0 * kernel, np.array([0.0, 5.0, 0.0])])
    files.save(model, run, 3)
    rng = np.random.default_rng(1)
    mixing = rng.normal(size=kernel.shape)
    model.logits.set_weights([mixing, bias])
    # Without training the logits hardly vary around their means: take these away.
    logits = np.asarray(model(rng.integers(0, 256, (1, 65, 65, 3), np.uint8), training=False))
    model.logits.set_weights([mixing, -logits.mean((0, 1, 2))])
    files.save(model, run, 7)
    return run, model


def labels_of(predict, image, stride=16):
    """What a labeller says of an image [height, width, 3] padded to its own next k * stride + 1."""
    height, width = image.shape[:2]
    padded = np.full((1, *(-(-(side - 1) // stride) * stride + 1 for side in (height, width)), 3), 127.5)
    padded[0, :height, :width] = image
    return predict(padded.astype(np.float32)).numpy()[0, :height, :width]
