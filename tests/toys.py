"""Small runs on disk, with weights that nobody trained but that answer differently from pixel to pixel."""

import keras
import numpy as np

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import DataConfig, ModelConfig, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion.convert import Options, convert
from deeplab_tf2.data.pairing.lists import pair_files
from deeplab_tf2.data.samples.sample_drawing import CLASS_NAMES
from deeplab_tf2.data.samples.sample_set import write_sample_set
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.pictures.palettes import default_colors

NAMES = ("ground", "disc", "ring", "cross")
STEP = 7


def tiny_model(seed=0, **changes):
    """A network of random weights whose answers vary within an image."""
    keras.utils.set_random_seed(seed)
    settings = {"depth_multiplier": 0.35, "aspp_convs_filters": 16, "decoder_filters": 16, **changes}
    # Without decay, one step in training mode sets the statistics: else the encoder would fade to nothing.
    model = DeepLab(ModelConfig(num_classes=len(NAMES), batch_norm_decay=0.0, **settings))
    images = np.random.default_rng(seed).integers(0, 256, (2, 65, 65, 3), np.uint8)
    model(images, training=True)
    kernel, bias = model.logits.get_weights()
    # Standardised logits: otherwise one class would win everywhere.
    features = np.asarray(model.endpoints(images)["logits"])
    deviation = features.std((0, 1, 2)) + 1e-12
    model.logits.set_weights([kernel * 2 / deviation, bias - 2 * features.mean((0, 1, 2)) / deviation])
    return model


def tiny_run(folder, seed=0, data=None, **changes):
    """Writes a run of a small random network with one checkpoint; returns its path.

    Args:
        folder: gets the folder `run`.
        seed: seed of the weights.
        data: fields of `DataConfig`.
        **changes: fields of `ModelConfig`.
    """
    path = folder / "run"
    path.mkdir(parents=True)
    model = tiny_model(seed, **changes)
    RunConfig(model=model.config, data=DataConfig(**(data or {}))).save(str(path))
    Descriptor("toys", NAMES, default_colors(len(NAMES))).save(str(path))
    files.save(model, str(path), STEP)
    return str(path)


def sample_records(folder, train_images=10, val_images=3):
    """Draws and converts a small sample set; returns the folder of its records."""
    write_sample_set(str(folder / "sample"), train_images=train_images, val_images=val_images)
    pairing = pair_files(
        str(folder / "sample" / "images"), str(folder / "sample" / "masks"), str(folder / "sample" / "lists")
    )
    records = str(folder / "records")
    descriptor = Descriptor("sample", CLASS_NAMES, default_colors(len(CLASS_NAMES)))
    convert(pairing.splits, records, descriptor, options=Options(num_shards=2))
    return records
