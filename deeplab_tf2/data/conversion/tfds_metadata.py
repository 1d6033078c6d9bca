"""What TensorFlow Datasets needs beside the records, so that `tfds.builder_from_directory` opens their folder."""

from __future__ import annotations

import dataclasses
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.data.catalog import Descriptor

FILE_NAME = "dataset_info.json"

_TEMPLATE = "{SPLIT}-{SHARD_X_OF_Y}.{FILEFORMAT}"
_DESCRIPTION = "Images and masks of class indices; the mask value {ignore} is ignored. {masks}"
_SOME_MASKS = (
    "Some examples have no mask: the mask is a list of one or none, and PartialDecoding leaves it out altogether."
)


@dataclasses.dataclass(frozen=True)
class ShardFile:
    """A finished shard.

    Attributes:
        name: name of its file.
        examples: number of its records.
        size: length of the file in bytes.
    """

    name: str
    examples: int
    size: int


def write(folder: str, descriptor: Descriptor, shards: Mapping[str, Sequence[ShardFile]]) -> None:
    """Writes `dataset_info.json`, `features.json` and the class names, each whole or not at all.

    TFDS then gives `example["image"]["encoded"]`, uint8 [height, width, 3], and
    `example["image"]["segmentation"]["class"]["encoded"]`, uint8 [height, width, 1]. Where only some splits have
    masks, the latter is [1, height, width, 1], or [0, 0, 0, 1] without a mask; where none has, it is not there.

    Args:
        folder: folder of the records.
        descriptor: what they hold.
        shards: split -> its shards, in order.
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core import dataset_info, naming, splits

    name = re.sub(r"\W+", "_", descriptor.name).strip("_").lower() or "dataset"
    masked = [split.labelled for split in descriptor.splits.values()]
    note = _SOME_MASKS if any(masked) and not all(masked) else ""
    # TFDS writes to this machine and some clouds only, and no file whole or not at all.
    with tempfile.TemporaryDirectory() as local:
        files = naming.ShardedFileTemplate(
            data_dir=local, template=_TEMPLATE, dataset_name=name, filetype_suffix="tfrecord"
        )
        info = tfds.core.DatasetInfo(
            builder=dataset_info.DatasetIdentity(name, tfds.core.Version("1.0.0"), local, module_name=""),
            features=_features(descriptor, masked),
            description=_DESCRIPTION.format(ignore=descriptor.ignore_label, masks=note).strip(),
            # Else TFDS interleaves the shards; lists have an order.
            disable_shuffling=True,
        )
        info.set_file_format("tfrecord")
        info.set_splits(
            splits.SplitDict(
                [
                    splits.SplitInfo(split, [file.examples for file in made], sum(file.size for file in made), files)
                    for split, made in shards.items()
                ]
            )
        )
        info.write_to_directory(local)
        for file in sorted(os.listdir(local), key=lambda file: file == FILE_NAME):
            storage.write_whole(storage.join(folder, file), storage.read(os.path.join(local, file)))


def _features(descriptor: Descriptor, masked: Sequence[bool]) -> Any:
    import tensorflow_datasets as tfds

    features = tfds.features
    number = features.Scalar(np.int64)
    image: dict[str, Any] = {
        # Bands that are no colours lie below one another in the file: TFDS could not take them apart.
        "encoded": features.Image() if descriptor.input_channels == 3 else features.Text(),
        "filename": features.Text(),
        "format": features.Text(),
        "height": number,
        "width": number,
        "channels": number,
    }
    if any(masked):
        # The file of class names would count as a shard of a split of this name.
        labels = descriptor.num_classes if "image" in descriptor.splits else list(descriptor.class_names)
        mask = features.LabeledImage(labels=labels, encoding_format="png")
        image["segmentation"] = {
            "class": {
                "encoded": mask if all(masked) else features.Sequence(mask),
                "format": features.Scalar(np.str_, optional=True),
            }
        }
    return features.FeaturesDict({"image": image})
