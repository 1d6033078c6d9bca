"""Records on disk: one made by hand, or a small conversion."""

import os

import numpy as np
import tensorflow as tf
from toy_files import write, write_pairs

from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion import convert
from deeplab_tf2.data.pairing import lists
from deeplab_tf2.pictures.palettes import default_colors

DESCRIPTOR = Descriptor("My set!", ("sky", "road", "tree"), default_colors(3))


def write_record(folder, label, split="train"):
    png = tf.io.encode_png(np.asarray(label, np.uint8)[:, :, None]).numpy()
    photo = tf.io.encode_png(np.zeros((*np.shape(label), 3), np.uint8)).numpy()
    with tf.io.TFRecordWriter(str(folder / f"{split}-00000-of-00001.tfrecord")) as writer:
        height, width = np.shape(label)
        writer.write(
            schema.encode(image=photo, filename="odd", image_format="png", height=height, width=width, label=png)
        )


def converted(folder, split_lists, with_masks=True, **options):
    names = sorted({name for split_names in split_lists.values() for name in split_names})
    images, masks = write_pairs(folder, names)
    for name in names:
        if name.startswith("bare"):
            os.remove(os.path.join(masks, f"{name}.png"))
    for split, split_names in split_lists.items():
        write(folder / "lists" / f"{split}.txt", "\n".join(split_names))
    pairing = lists.pair_files(images, masks if with_masks else None, str(folder / "lists"))
    output = str(folder / "records")
    convert.convert(pairing.splits, output, DESCRIPTOR, options=convert.Options(num_shards=2, **options))
    return output
