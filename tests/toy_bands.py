"""Small datasets of other than three channels: files, records, and what was put into them."""

import io

import numpy as np
import tensorflow as tf
from PIL import Image

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import DataConfig, ModelConfig, RunConfig
from deeplab_tf2.data.band_records import BandEncoder
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.conversion.convert import Options, convert
from deeplab_tf2.data.pairing.lists import Pair
from deeplab_tf2.models.deeplab import DeepLab

NAMES = ("soil", "crop", "water")
SIZES = {"train": ((41, 33), (35, 50), (64, 37)), "val": ((30, 44), (49, 31))}
# Highest number of each kind of file.
HIGHEST = {1: 255, 2: 65535, 4: 255, 5: 10_000}


def bands(height, width, channels, seed):
    """An image and its mask: each class has its own level in each channel."""
    rng = np.random.default_rng([channels, *seed])
    labels = np.repeat(rng.integers(0, 3, (height + 7) // 8, np.uint8), 8)[:height, None].repeat(width, 1)
    levels = np.random.default_rng(channels).uniform(0.1, 0.9, (3, channels))
    pixels = np.clip(levels[labels] + rng.normal(0, 0.05, (height, width, channels)), 0, 1) * HIGHEST[channels]
    return pixels.astype(np.uint8 if HIGHEST[channels] < 256 else np.uint16), labels


def encoded(pixels, kind="PNG", **options):
    """The bytes of an image file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def write(path, data):
    """Writes bytes into a new file, with its folders; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def stored(pixels):
    """The file that people have of such pixels: name of its kind and bytes."""
    channels = pixels.shape[2]
    if channels == 1:
        return ".jpg", encoded(pixels[..., 0], "JPEG", quality=95)
    if channels == 4:
        return ".png", encoded(pixels)
    if channels == 2:
        return ".png", tf.io.encode_png(pixels).numpy()
    buffer = io.BytesIO()
    np.save(buffer, pixels)
    return ".npy", buffer.getvalue()


def write_files(folder, channels):
    """images/SPLIT/NUMBER.* and masks/SPLIT/NUMBER.png below `folder`; split name -> pairs."""
    pairs = {}
    for split, sizes in SIZES.items():
        for number, (height, width) in enumerate(sizes):
            pixels, labels = bands(height, width, channels, seed=[len(split), number])
            extension, data = stored(pixels)
            name = f"{split}/{number}"
            image = write(folder / "images" / f"{name}{extension}", data)
            mask = write(folder / "masks" / f"{name}.png", encoded(labels))
            pairs.setdefault(split, []).append(Pair(name, image, mask))
    return pairs


def make_records(folder, channels):
    """Converts such files; returns the folder of the records."""
    records = str(folder / "records")
    descriptor = Descriptor("field", NAMES, ((90, 60, 0), (0, 160, 0), (0, 0, 200)), input_channels=channels)
    convert(
        write_files(folder, channels),
        records,
        descriptor,
        encode_image=BandEncoder(channels),
        options=Options(num_shards=1),
    )
    return records


def make_run(folder, channels, step=3):
    """Writes a run of a small random network that sees such images, with one checkpoint; returns its folder.

    Its answers vary within an image, and it has the statistics of the training split of `make_records`.
    """
    descriptor = load_descriptor(make_records(folder, channels))
    counted = descriptor.splits["train"]
    model = DeepLab(
        ModelConfig(
            num_classes=3,
            depth_multiplier=0.1,
            aspp_convs_filters=8,
            decoder_filters=8,
            input_channels=channels,
            channel_means=counted.channel_means,
            channel_deviations=counted.channel_deviations,
            # One step in training mode sets the statistics.
            batch_norm_decay=0.0,
        )
    )
    images = np.stack([bands(65, 65, channels, seed=[number])[0] for number in range(2)])
    model(images, training=True)
    kernel, _ = model.logits.get_weights()
    kernel = np.random.default_rng(0).normal(size=kernel.shape)
    model.logits.set_weights([kernel, np.zeros(3)])
    features = np.asarray(model.endpoints(images)["logits"])
    model.logits.set_weights([kernel / features.std(), -features.mean((0, 1, 2)) / features.std()])
    run = folder / "run"
    run.mkdir()
    RunConfig(model=model.config, data=DataConfig(dataset_dir=str(folder / "records"))).save(str(run))
    descriptor.save(str(run))
    files.save(model, str(run), step)
    return str(run)
