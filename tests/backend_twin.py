"""One forward pass and one training step on whatever Keras backend this process has; no TensorFlow is needed.

Run as a script: python backend_twin.py WEIGHTS_FOLDER OUTPUT.npz. The first process writes the weights, the others
read them.
"""

import os
import sys

import keras
import numpy as np

from deeplab_tf2 import DeepLab, MeanIoU, ModelConfig, SegmentationLoss, WarmupPoly

SMALL = {"num_classes": 5, "aspp_convs_filters": 16, "decoder_filters": 16, "batch_norm_decay": 0.5}
CONFIGS = {
    "mobilenet_v2": ModelConfig(depth_multiplier=0.35, **SMALL),
    "bands": ModelConfig(
        depth_multiplier=0.35, input_channels=5, channel_means=(127.5,) * 5, channel_deviations=(74.0,) * 5, **SMALL
    ),
}


def wake(model, images):
    """Gives a fresh network statistics of real activations and logits that differ: else all answers are nearly 0."""
    for _ in range(8):
        model(images, training=True)
    kernel, bias = model.logits.get_weights()
    model.logits.set_weights([kernel * 50, bias])


def loss_with_everything(step):
    """Numerator and divisor of a loss with every term, of labels that are ignored or no class among others."""
    rng = np.random.default_rng(0)
    labels = rng.choice([0, 1, 2, 3, 7, 255], (2, 9, 12)).astype(np.int32)
    logits = rng.normal(0, 3, (2, 9, 12, 4)).astype(np.float32)
    mining = {"top_k_percent_pixels": 0.3, "hard_example_mining_step": 10}
    terms = {"focal_gamma": 0.5, "dice_loss_weight": 1.0, "boundary_loss_weight": 2.0, "boundary_width": 2}
    loss = SegmentationLoss(label_weights=(1.0, 2.0, 0.5, 0.1), **mining, **terms)
    return np.array([float(value) for value in loss.sums(labels, keras.ops.convert_to_tensor(logits), step)])


def twin(config, weights):
    """Logits of two images, and for photographs loss, metric, a kernel and a statistic after one step."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 65, 48, config.input_channels)).astype(np.float32)
    labels = rng.choice([0, 1, 2, 3, 4, 255], (2, 65, 48)).astype(np.int32)
    keras.utils.set_random_seed(0)
    model = DeepLab(config)
    if not os.path.exists(weights):
        wake(model, images)
        model.save_weights(weights)
    model.load_weights(weights)
    model.aspp.dropout.rate = 0.0
    before = model.predict_on_batch(images)
    if config.input_channels != 3:
        # Steps do not depend on what comes in.
        return {"before": before}
    metric = MeanIoU(num_classes=5)
    optimizer = keras.optimizers.SGD(WarmupPoly(0.01, steps=10), momentum=0.9)
    model.compile(optimizer, SegmentationLoss(), metrics=[metric])
    loss, miou = model.train_on_batch(images, labels)
    return {
        "before": before,
        "loss": np.float64(loss),
        "miou": np.float64(miou),
        "kernel": keras.ops.convert_to_numpy(model.logits.kernel),
        "moving_variance": keras.ops.convert_to_numpy(model.aspp.projection.batch_norm.moving_variance),
    }


if __name__ == "__main__":
    folder, output = sys.argv[1:]
    results = {"backend": np.array(keras.backend.backend())}
    results["every_term"] = np.stack([loss_with_everything(step) for step in (0, 8, None)])
    for name, config in CONFIGS.items():
        found = twin(config, os.path.join(folder, f"{name}.weights.h5"))
        results.update({f"{name}/{key}": value for key, value in found.items()})
    if keras.backend.backend() != "tensorflow":
        results["imported_tensorflow"] = np.array("tensorflow" in sys.modules)
    np.savez(output, **results)
