"""The command convert_checkpoint: an official checkpoint as a run that every other command takes."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
import typing
from collections.abc import Mapping
from typing import Any

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.checkpoints import zoo
from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, DataConfig, InputError, ModelConfig, RunConfig, leaf
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.known import known_dataset
from deeplab_tf2.pictures.palettes import default_colors

if typing.TYPE_CHECKING:
    from deeplab_tf2.checkpoints.variables import Variables
    from deeplab_tf2.models.deeplab import DeepLab

flags.disclaim_key_flags()

_CANNOT_BE_TOLD = ("output_stride", "multi_grid", "use_bounded_activation")


@dataclasses.dataclass(frozen=True)
class ConvertConfig(Config):
    """Which checkpoint becomes which run."""

    tf_initial_checkpoint: str = leaf(
        "",
        "Official checkpoint: its prefix (model.ckpt-30000), its folder, its .tar.gz, a frozen graph (.pb), or "
        "zoo:NAME of the model zoo.",
    )
    output_dir: str = leaf("", "Folder of the run; it must not exist yet.")
    dataset: str | None = leaf(
        None,
        "What the classes are: pascal_voc_seg, cityscapes or ade20k; unset: as in the model zoo, or numbers for names.",
    )
    class_names: tuple[str, ...] | None = leaf(None, "Names of the classes in order, in place of --dataset.")


def main() -> None:
    """Runs the command line."""
    binding.run(command, ConvertConfig, ModelConfig)


def command(given: binding.Given) -> None:
    """Converts the checkpoint and says what to do with the run."""
    config = ConvertConfig(**given[ConvertConfig])
    check(config)
    from deeplab_tf2.checkpoints.download import download
    from deeplab_tf2.checkpoints.tf1 import open_tf1

    source = config.tf_initial_checkpoint
    row = zoo.of_path(source)
    with open_tf1(download(source) if source.startswith(zoo.PREFIX) else source) as variables:
        model, descriptor = build(config, row, given[ModelConfig], variables)
    data = DataConfig().replace(**(row.resizing if row else {}))
    write_run(config.output_dir, model, descriptor, data)
    print(f"run: {config.output_dir}, {_told(model.config)}")
    if row is None:
        assumed = ", ".join(f"{name}={getattr(model.config, name)}" for name in _CANNOT_BE_TOLD)
        print(f"no variable tells {assumed}: give the flags where the network was made with others")
    print(f"classes: {', '.join(descriptor.class_names[:8])}{', ...' * (descriptor.num_classes > 8)}")
    print(f"next: predict.py --model={config.output_dir} --images=photo.jpg --output_dir=masks")


def check(config: ConvertConfig) -> None:
    """Refuses what is missing or contradicts itself, before anything is read."""
    for name in ("tf_initial_checkpoint", "output_dir"):
        if not getattr(config, name):
            raise InputError(f"--{name} is missing: {ConvertConfig.__dataclass_fields__[name].metadata['help']}")
    if config.dataset and config.class_names:
        raise InputError("--dataset and --class_names both name the classes: give one of them")
    if os.path.lexists(config.output_dir):
        raise InputError(f"--output_dir={config.output_dir} exists already: choose another folder")


def build(
    config: ConvertConfig, row: zoo.Row | None, given: Mapping[str, Any], variables: Variables
) -> tuple[DeepLab, Descriptor]:
    """The filled network, and what its classes are.

    Settings are those of the flags, else of the model zoo, else what the variables tell.

    Raises:
        InputError: the checkpoint is no whole network, or contradicts the settings.
    """
    from deeplab_tf2.checkpoints.importer import fill, network_shapes
    from deeplab_tf2.checkpoints.infer import infer_settings
    from deeplab_tf2.models.deeplab import DeepLab

    inferred = infer_settings(network_shapes(variables))
    settings = ModelConfig(**{**inferred, **(row.settings if row else {}), **given})
    classes = inferred.get("num_classes")
    if classes is None:
        raise InputError(
            f"{variables.where} has no layer that answers with classes, so it makes no run: start a training from it "
            "instead, with train.py --tf_initial_checkpoint"
        )
    if classes != settings.num_classes:
        raise InputError(
            f"--num_classes={settings.num_classes}, but {variables.where} has {classes} classes: leave the flag out"
        )
    descriptor = describe(config, row, classes).replace(input_channels=settings.input_channels)
    model = DeepLab(settings)
    print(fill(model, variables))
    return model, descriptor


def describe(config: ConvertConfig, row: zoo.Row | None, classes: int) -> Descriptor:
    """Names and colours of the classes.

    Raises:
        InputError: the flags name another number of classes.
    """
    dataset = config.dataset or (row.dataset if row and not config.class_names else None)
    if dataset:
        descriptor = known_dataset(dataset)
    else:
        names = config.class_names or tuple(f"class {label}" for label in range(classes))
        descriptor = Descriptor("converted", names, default_colors(len(names)))
    if descriptor.num_classes != classes:
        flag = f"--dataset={dataset}" if dataset else "--class_names"
        raise InputError(f"{flag} has {descriptor.num_classes} classes, the checkpoint {classes}")
    return descriptor


def write_run(folder: str, model: DeepLab, descriptor: Descriptor, data: DataConfig) -> None:
    """Writes a run of step 0, whole or not at all."""
    from deeplab_tf2.checkpoints import files

    parent, name = os.path.split(os.path.abspath(folder))
    storage.make_folder(parent)
    temporary = tempfile.mkdtemp(prefix=f".{name}.", dir=parent)
    try:
        RunConfig(model=model.config, data=data).save(temporary)
        descriptor.save(temporary)
        files.save(model, temporary, 0)
        os.chmod(temporary, 0o755)
        os.rename(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _told(config: ModelConfig) -> str:
    stride = ",".join(map(str, config.decoder_output_stride)) or "none"
    return f"{config.model_variant}, {config.num_classes} classes, decoder_output_stride={stride}"
