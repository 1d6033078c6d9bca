"""Typed, validated, frozen settings: the one place where a setting's type, default and meaning stand.

A run writes its `RunConfig` down as `config.json`; flags, constructor arguments and stored records are all
derived from the fields below. Names are those of the official DeepLab flags wherever official has one.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

from deeplab_tf2.model_config import ATROUS_RATES, DECODER_STRIDES, OUTPUT_STRIDES, ModelConfig
from deeplab_tf2.settings import Config, InputError, check, element_type, leaf, words
from deeplab_tf2.storage import join, read_json, write_json

__all__ = [
    "ATROUS_RATES",
    "Config",
    "DECODER_STRIDES",
    "DataConfig",
    "InputError",
    "ModelConfig",
    "OUTPUT_STRIDES",
    "OptimizerConfig",
    "PAD_PIXEL",
    "RunConfig",
    "RunOptions",
    "aligned_size",
    "element_type",
    "leaf",
    "read_json",
    "words",
    "write_json",
]

FILE_NAME = "config.json"
# Ways to make label weights from the counts of the training split; auto is median_frequency.
LabelWeighting = typing.Literal["auto", "median_frequency", "effective_number"]
# What pads images: the middle of 0..255, which the network's normalisation turns into 0.
PAD_PIXEL = 127.5


def aligned_size(size: Any, output_stride: int) -> Any:
    """The smallest k * output_stride + 1 that is not below `size`, an integer or a tensor of integers, in pixels."""
    return -(-(size - 1) // output_stride) * output_stride + 1


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


@dataclasses.dataclass(frozen=True)
class OptimizerConfig(Config):
    """How the weights move."""

    training_number_of_steps: int = leaf(3_000, "Optimizer steps in all.")
    base_learning_rate: float = leaf(0.007, "Learning rate at the start of the policy.")
    learning_policy: typing.Literal["poly", "step"] = leaf("poly", "Learning rate policy: poly or step.")
    learning_power: float = leaf(0.9, "Power of the poly policy.")
    decay_steps: float = leaf(0.0, "Horizon of the poly policy in steps; 0: all steps after the slow start.")
    end_learning_rate: float = leaf(0.0, "Learning rate at the end of the poly policy.")
    learning_rate_decay_factor: float = leaf(0.1, "Factor of the step policy.")
    learning_rate_decay_step: int = leaf(2_000, "Steps between two drops of the step policy.")
    slow_start_step: int = leaf(0, "Steps at slow_start_learning_rate before the policy begins.")
    slow_start_learning_rate: float = leaf(1e-4, "Learning rate of the slow start.")
    momentum: float = leaf(0.9, "Momentum of SGD (not Nesterov).")
    label_weights: tuple[float, ...] | LabelWeighting | None = leaf(
        None,
        "One loss weight per class, or auto (median_frequency) or effective_number: from how often the classes occur, "
        "as the descriptor counts them; unset: 1 for all.",
    )

    def __post_init__(self) -> None:
        check(self.training_number_of_steps >= 1, "training_number_of_steps must be at least 1")
        check(
            self.base_learning_rate > 0,
            f"base_learning_rate is {self.base_learning_rate}; it must be above 0",
        )
        check(
            self.learning_policy in ("poly", "step"),
            f"learning_policy is {self.learning_policy}: poly or step",
        )
        check(0 <= self.momentum < 1, f"momentum is {self.momentum}; it must lie in [0, 1)")
        check(self.slow_start_step >= 0, "slow_start_step cannot be below 0")
        self._check_label_weights()

    def _check_label_weights(self) -> None:
        weights = self.label_weights
        if isinstance(weights, str):
            methods = typing.get_args(LabelWeighting)
            check(weights in methods, f"label_weights is {weights!r}; give numbers, or one of {', '.join(methods)}")
        else:
            check(all(weight >= 0 for weight in weights or ()), f"label_weights {weights} cannot be below 0")


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
    log_steps: int = leaf(10, "Steps between progress lines.")
    tensorboard: bool = leaf(False, "Write TensorBoard summaries (needs the extra 'tensorboard').")

    def __post_init__(self) -> None:
        if self.validation_split == "none":
            object.__setattr__(self, "validation_split", "")
        check(self.initial_weights in (None, "imagenet"), "initial_weights: legal is imagenet")
        check(self.log_steps >= 1, "log_steps must be at least 1")
        for name in ("validation_steps", "save_steps"):
            value = getattr(self, name)
            check(value is None or value >= 1, f"{name} is {value}; it must be at least 1")


@dataclasses.dataclass(frozen=True)
class RunConfig(Config):
    """Everything a training run is made from; stored beside its checkpoints."""

    model: ModelConfig = dataclasses.field(default_factory=ModelConfig)
    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)
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
