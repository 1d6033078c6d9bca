"""The command make_sample_set: draws the bundled sample set as files."""

from __future__ import annotations

import dataclasses
import os
import sys

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, InputError, leaf
from deeplab_tf2.data.samples.sample_set import TRAIN_IMAGES, VAL_IMAGES

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class SampleConfig(Config):
    """Where the sample set goes, and how large it is."""

    output_dir: str = leaf("", "Folder for images, masks, lists and classes.txt.")
    train_images: int = leaf(TRAIN_IMAGES, "Images of the split train.")
    val_images: int = leaf(VAL_IMAGES, "Images of the split val.")
    seed: int = leaf(0, "Seed of the drawings; equal seeds give equal sets.")

    def __post_init__(self) -> None:
        if not self.output_dir:
            raise InputError("--output_dir is missing; see --help")


def main() -> None:
    """Runs the command line."""
    binding.run(command, SampleConfig)


def command(given: binding.Given) -> None:
    """Draws the set and prints how to convert it."""
    config = SampleConfig(**given[SampleConfig])
    from tqdm import tqdm

    from deeplab_tf2.data.samples import sample_set

    total = config.train_images + config.val_images
    with tqdm(total=total, desc="drawing", unit="image", file=sys.stderr) as bar:
        sample_set.write_sample_set(
            config.output_dir,
            train_images=config.train_images,
            val_images=config.val_images,
            seed=config.seed,
            advance=bar.update,
        )
    folder = config.output_dir
    print(f"{config.train_images} training and {config.val_images} validation images in {folder}; to convert:")
    print(
        f"  build_tfrecord.py --image_folder={os.path.join(folder, 'images')}"
        f" --semantic_segmentation_folder={os.path.join(folder, 'masks')}"
        f" --list_folder={os.path.join(folder, 'lists')} --class_names={os.path.join(folder, 'classes.txt')}"
        f" --output_dir=RECORDS"
    )
