"""Small runs on disk, with weights that nobody trained but that answer differently from pixel to pixel."""

import keras
import numpy as np

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import DataConfig, ModelConfig, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.pictures.palettes import default_colors

NAMES = ("ground", "disc", "ring", "cross")
STEP = 7


def tiny_model(seed=0, **changes):
    """A network of random weights whose answers vary within an image."""
    keras.utils.set_random_seed(seed)
    settings = {"depth_multiplier": 0.35, "aspp_convs_filters": 16, "decoder_filters": 16, **changes}
    model = DeepLab(ModelConfig(num_classes=len(NAMES), **settings))
    kernel, bias = model.logits.get_weights()
    images = np.random.default_rng(seed).integers(0, 256, (1, 65, 65, 3), np.uint8)
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
