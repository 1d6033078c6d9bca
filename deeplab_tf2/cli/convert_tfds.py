"""The command convert_tfds: a TensorFlow Datasets set becomes TFRecords with their descriptor, as its user says."""

from __future__ import annotations

import dataclasses

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.build_tfrecord import report
from deeplab_tf2.cli.record_flags import RecordFlags
from deeplab_tf2.cli.source_files import Classes, read_class_names
from deeplab_tf2.config import InputError, leaf

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class ConvertTfdsConfig(RecordFlags):
    """Which set is converted into what, and what its masks mean where that is not found by itself."""

    dataset: str = leaf("", "tfds:NAME[/CONFIG][:VERSION], or tfds:FOLDER of a set that lies there.")
    output_dir: str = leaf("", "Folder for the records.")
    image_feature: str | None = leaf(None, "The feature with the image, as a/b where nested; unset: found.")
    mask_feature: str | None = leaf(None, "The feature with the mask; unset: found.")
    class_names: tuple[str, ...] = leaf(
        (), "Names of mask values 0, 1, ..., or a text file with one name per line; unset: the set's own."
    )
    label_map: str | None = leaf(None, "JSON, YAML or CSV file that says what mask values and colours mean.")
    binary_masks: bool = leaf(False, "Whether masks are black and white pictures of two classes.")
    ignore_label: int = leaf(255, "Mask value without loss and metric, 0 to 255.")

    def __post_init__(self) -> None:
        for name in ("dataset", "output_dir"):
            if not getattr(self, name):
                raise InputError(f"--{name} is missing; see --help")
        if self.binary_masks and not self.class_names:
            raise InputError("--binary_masks needs the names of the two classes, dark first: --class_names=sky,bird")

    def classes(self) -> Classes:
        """The classes that the flags name; none where the set says which it has.

        Raises:
            InputError: a label map says otherwise than --class_names, or cannot be used.
        """
        from deeplab_tf2.data.files.label_map_file import read_label_map

        names = read_class_names(self.class_names)
        if not self.label_map:
            return Classes(names)
        label_map = read_label_map(self.label_map)
        if names not in ((), label_map.class_names):
            raise InputError(f"--class_names differs from {label_map.path}; leave --class_names out")
        return Classes(label_map.class_names, label_map.colors, label_map)


def main() -> None:
    """Runs the command line."""
    binding.run(command, ConvertTfdsConfig)


def command(given: binding.Given) -> None:
    """Converts as the flags say, and prints what came out."""
    from deeplab_tf2.data.conversion import convert
    from deeplab_tf2.data.tfds import tfds_import
    from deeplab_tf2.data.tfds.tfds_classes import Wishes

    config = ConvertTfdsConfig(**given[ConvertTfdsConfig])
    classes = config.classes()
    wishes = Wishes(
        config.image_feature,
        config.mask_feature,
        classes.names,
        classes.label_map,
        classes.colors,
        config.binary_masks,
        config.ignore_label,
    )
    options = convert.Options(config.num_shards, skip_bad=config.skip_bad, skip_limit=config.skip_limit)
    notes: list[str] = []
    descriptor = tfds_import.import_set(config.dataset, config.output_dir, wishes, options=options, note=notes.append)
    for note in notes:
        print(f"note: {note}")
    print(f"made from {descriptor.source}")
    report(descriptor, config.output_dir)
