"""Small TensorFlow Datasets sets, prepared in a folder without network."""

import io

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

features = tfds.features
GREY = {"shape": (None, None, 1)}


def jpeg(seed):
    """A JPEG file of 20 x 30 pixels."""
    coarse = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8))
    return _encoded(coarse.resize((30, 20)), "JPEG")


def png(*labels):
    """A PNG file of 20 x 30 pixels: stripes of the labels."""
    rows = np.array(labels, np.uint8)[np.arange(20) * len(labels) // 20]
    return _encoded(Image.fromarray(np.repeat(rows[:, None], 30, axis=1)), "PNG")


def _encoded(image, kind):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def example(number, mask, **more):
    return {"image": jpeg(number), "segmentation_mask": mask, "file_name": f"photo_{number}.jpg", **more}


PETS = features.FeaturesDict(
    {
        "image": features.Image(encoding_format="jpeg"),
        "label": features.ClassLabel(names=["cat", "dog"]),
        "file_name": features.Text(),
        "segmentation_mask": features.Image(**GREY, use_colormap=True),
    }
)


def pets(number):
    return example(number, png(1, 2, 3), label=number % 2)


class Tiny(tfds.core.GeneratorBasedBuilder):
    """Whatever `make` says."""

    VERSION = tfds.core.Version("1.0.0")
    contents: tuple = (None, {})

    def _info(self):
        return tfds.core.DatasetInfo(builder=self, features=self.contents[0], disable_shuffling=True)

    def _split_generators(self, manager):
        return {split: iter(enumerate(examples)) for split, examples in self.contents[1].items()}

    def _generate_examples(self):
        raise NotImplementedError


def make(folder, name, feature_dict, splits, version="1.0.0", **options):
    """A prepared builder: `splits` is split name -> examples."""
    # TFDS registers every class, each name once.
    Tiny.name, Tiny.VERSION, Tiny.contents = name, tfds.core.Version(version), (feature_dict, splits)
    builder = Tiny(data_dir=str(folder), **options)
    builder.name = name
    builder.download_and_prepare()
    return builder


def make_pets(folder, train=4, test=2, **options):
    """A set of the layout, name and mask values of oxford_iiit_pet."""
    splits = {"train": [pets(number) for number in range(train)], "test": [pets(100 + n) for n in range(test)]}
    return make(folder, "oxford_iiit_pet", PETS, splits, "4.0.0", **options)
