"""Typed, validated, frozen settings: the one place where a setting's type, default and meaning stand.

A run writes its `RunConfig` down as `config.json`; flags, constructor arguments and stored records are all
derived from the fields below. Names are those of the official DeepLab flags wherever official has one.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

from deeplab_tf2.json_files import read_json, write_json
from deeplab_tf2.model_config import ATROUS_RATES, BATCH_NORM_PARTS, DECODER_STRIDES, OUTPUT_STRIDES, ModelConfig
from deeplab_tf2.prediction_config import CrfConfig, TileConfig
from deeplab_tf2.settings import Config, InputError, check, check_choices, element_type, leaf, words
from deeplab_tf2.storage import join
from deeplab_tf2.training_config import LossConfig, MachineConfig, OptimizerConfig

__all__ = [
    "ATROUS_RATES",
    "BATCH_NORM_PARTS",
    "Config",
    "CrfConfig",
    "DECODER_STRIDES",
    "DataConfig",
    "InputError",
    "LossConfig",
    "MachineConfig",
    "ModelConfig",
    "OUTPUT_STRIDES",
    "OptimizerConfig",
    "NO_RESIZING",
    "PAD_PIXEL",
    "Resizing",
    "RunConfig",
    "RunOptions",
    "TileConfig",
    "aligned_size",
    "check_choices",
    "element_type",
    "leaf",
    "read_json",
    "words",
    "write_json",
]

FILE_NAME = "config.json"
# What pads images: the middle of 0..255, which the network's normalisation turns into 0.
PAD_PIXEL = 127.5


def aligned_size(size: Any, output_stride: int) -> Any:
    """The smallest k * output_stride + 1 that is not below `size`, an integer or a tensor of integers, in pixels."""
    return -(-(size - 1) // output_stride) * output_stride + 1


@dataclasses.dataclass(frozen=True)
class Resizing:
    """How images are brought to a range of sizes before all else; by default they are not.

    Attributes:
        min_resize_value: wanted short side in pixels; None for no resizing.
        max_resize_value: cap of the long side in pixels.
        resize_factor: each side becomes a multiple of it plus one.
    """

    min_resize_value: int | None = None
    max_resize_value: int | None = None
    resize_factor: int | None = None

    def __bool__(self) -> bool:
        return self.min_resize_value is not None

    def overridden(self, chosen: Any) -> Resizing:
        """With the fields of the same names that `chosen` has set."""
        own = dataclasses.asdict(self)
        return Resizing(**{name: own[name] if (value := getattr(chosen, name)) is None else value for name in own})


NO_RESIZING = Resizing()


@dataclasses.dataclass(frozen=True)
class DataConfig(Config):
    """What is read, and how it is augmented."""

    dataset_dir: str = leaf("", "Folder with the TFRecords and their descriptor.json.")
    dataset: str | None = leaf(
        None,
        "Name of the dataset; unset: the descriptor's. Records without one need pascal_voc_seg, cityscapes or ade20k; "
        "tfds:NAME makes the records of a TensorFlow Datasets set in dataset_dir, once.",
    )
    train_split: str = leaf("train", "Split to train on.")
    train_crop_size: tuple[int, ...] = leaf((513, 513), "Training crop height,width in pixels.")
    train_batch_size: int = leaf(8, "Images per step.")
    min_resize_value: int | None = leaf(None, "Resize so that the short side has this many pixels.")
    max_resize_value: int | None = leaf(None, "Cap of the long side when resizing.")
    resize_factor: int | None = leaf(None, "Resized sides become a multiple of this plus one.")
    min_scale_factor: float = leaf(0.5, "Smallest random scale.")
    max_scale_factor: float = leaf(2.0, "Largest random scale.")
    scale_factor_step_size: float = leaf(0.25, "Step between random scales; 0 draws any scale between.")
    photometric_augmentation: float = leaf(
        0.0, "Strength of random brightness, contrast, saturation and hue, up to 1; 0 for none."
    )
    class_aware_crops: float = leaf(
        0.0, "Share of the crops that are placed on a pixel of a class drawn at random, so that rare classes are seen."
    )
    seed: int = leaf(0, "Seed of initial weights, sample order and augmentation.")

    def __post_init__(self) -> None:
        if len(self.train_crop_size) == 1:
            object.__setattr__(self, "train_crop_size", self.train_crop_size * 2)
        crop = self.train_crop_size
        check(
            len(crop) == 2 and min(crop) >= 1,
            f"train_crop_size is {crop}; give height,width in pixels, for example --train_crop_size=513,513",
        )
        check(self.train_batch_size >= 1, f"train_batch_size is {self.train_batch_size}; at least 1 is needed")
        check(
            0 < self.min_scale_factor <= self.max_scale_factor,
            f"min_scale_factor {self.min_scale_factor} and max_scale_factor {self.max_scale_factor}: "
            "need 0 < min <= max",
        )
        check(self.scale_factor_step_size >= 0, "scale_factor_step_size cannot be below 0")
        check(
            self.min_resize_value is not None or (self.max_resize_value is None and self.resize_factor is None),
            "max_resize_value and resize_factor need --min_resize_value",
        )
        for name in ("photometric_augmentation", "class_aware_crops"):
            check(0 <= getattr(self, name) <= 1, f"{name} is {getattr(self, name)}; it must lie in [0, 1]")

    @property
    def resizing(self) -> Resizing:
        """The resizing to range in force."""
        return Resizing(self.min_resize_value, self.max_resize_value, self.resize_factor)


@dataclasses.dataclass(frozen=True)
class RunOptions(Config):
    """Where a run lives, what it starts from and what it tells."""

    train_logdir: str = leaf("", "Folder of the run: configuration, checkpoints and logs; resumed when it has any.")
    initial_weights: typing.Literal["imagenet"] | None = leaf(
        None,
        "'imagenet' starts mobilenet_v2, resnet_v1_50 or resnet_v1_101 (also _beta) from the weights that Keras "
        "distributes.",
    )
    tf_initial_checkpoint: str | None = leaf(
        None,
        "Start from another run's folder, a Keras weights file, an official checkpoint (prefix, folder or .tar.gz), a "
        "frozen graph (.pb), or zoo:NAME of the model zoo.",
    )
    initialize_last_layer: bool = leaf(True, "Whether tf_initial_checkpoint also fills the last layers.")
    last_layers_contain_logits_only: bool = leaf(
        False, "Whether the last layers are the logits alone, without ASPP and decoder."
    )
    validation_split: str = leaf("val", "Split to validate on during training; 'none' for no validation.")
    validation_steps: int | None = leaf(None, "Steps between validations; unset: a tenth of the run.")
    save_steps: int | None = leaf(None, "Steps between checkpoints; unset: at each validation.")
    keep: int = leaf(5, "Newest checkpoints that stay; the one with the best validation mIoU does in any case.")
    early_stopping: int | None = leaf(None, "Validations without a better mIoU after which the run ends; unset: never.")
    log_steps: int = leaf(10, "Steps between progress lines.")
    tensorboard: bool = leaf(False, "Write TensorBoard summaries (needs the extra 'tensorboard').")
    save_summaries_images: bool = leaf(False, "Photo, truth and prediction among the TensorBoard summaries.")

    def __post_init__(self) -> None:
        if self.validation_split == "none":
            object.__setattr__(self, "validation_split", "")
        check_choices(self)
        for name in ("log_steps", "keep"):
            check(getattr(self, name) >= 1, f"{name} is {getattr(self, name)}; it must be at least 1")
        for name in ("validation_steps", "save_steps", "early_stopping"):
            value = getattr(self, name)
            check(value is None or value >= 1, f"{name} is {value}; it must be at least 1")
        check(
            self.early_stopping is None or bool(self.validation_split),
            f"early_stopping is {self.early_stopping}; it counts validations, and there are none: give a "
            "validation_split that the dataset has, or leave it out",
        )


@dataclasses.dataclass(frozen=True)
class RunConfig(Config):
    """Everything a training run is made from; stored beside its checkpoints."""

    model: ModelConfig = dataclasses.field(default_factory=ModelConfig)
    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    loss: LossConfig = dataclasses.field(default_factory=LossConfig)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)
    machine: MachineConfig = dataclasses.field(default_factory=MachineConfig)
    run: RunOptions = dataclasses.field(default_factory=RunOptions)

    def save(self, folder: str) -> str:
        """Writes `config.json` into `folder`, whole or not at all, and returns its path."""
        return write_json(join(folder, FILE_NAME), self.to_dict())

    @classmethod
    def load(cls, folder: str) -> RunConfig:
        """Reads the `config.json` of a run.

        Raises:
            InputError: the folder holds no run, or its configuration is damaged.
        """
        return cls.from_dict(read_json(join(folder, FILE_NAME), "a training run"))
