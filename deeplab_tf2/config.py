"""Typed, validated, frozen settings: the one place where a setting's type, default and meaning stand.

A run writes its `RunConfig` down as `config.json`; flags, constructor arguments and stored records are all
derived from the fields below. Names are those of the official DeepLab flags wherever official has one.
"""

from __future__ import annotations

import dataclasses
import json
import os
import types
import typing
from collections.abc import Mapping
from typing import Any, Self

FILE_NAME = "config.json"

OUTPUT_STRIDES = (8, 16, 32)
# What pads images: the middle of 0..255, which the network's normalisation turns into 0.
PAD_PIXEL = 127.5
ATROUS_RATES = {8: (12, 24, 36), 16: (6, 12, 18), 32: (3, 6, 9)}


class InputError(ValueError):
    """Input that cannot be used: the message says what was found, what is legal and how to mend it."""


def aligned_size(size: Any, output_stride: int) -> Any:
    """The smallest k * output_stride + 1 that is not below `size`, an integer or a tensor of integers, in pixels."""
    return -(-(size - 1) // output_stride) * output_stride + 1


def leaf(default: Any, help: str) -> Any:
    """A configuration field with its help text."""
    return dataclasses.field(default=default, metadata={"help": help})


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise InputError(message)


class Config:
    """What every configuration can do: become a dictionary, and come back from one strictly."""

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON-ready values."""
        return json.loads(json.dumps(dataclasses.asdict(self)))  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The configuration that `to_dict` described.

        Raises:
            InputError: a key is unknown, or a value is not legal for its field.
        """
        hints = typing.get_type_hints(cls)
        unknown = sorted(set(values) - set(hints))
        _check(
            not unknown,
            f"{cls.__name__} has no field {', '.join(unknown)}; it has {', '.join(sorted(hints))}",
        )
        return cls(**{name: _restore(hints[name], value) for name, value in values.items()})


def _restore(hint: Any, value: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, Config):
        return hint.from_dict(value)
    if isinstance(value, list):
        return tuple(_restore(None, item) for item in value)
    return value


def element_type(hint: Any) -> tuple[type, bool]:
    """The scalar type of a field, and whether the field holds a tuple of them.

    Example: `tuple[int, ...] | None` gives `(int, True)`; `float` gives `(float, False)`.
    """
    options = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not type(None)]
    if typing.get_origin(options[0]) is tuple:
        return typing.get_args(options[0])[0], True
    if typing.get_origin(options[0]) is typing.Literal:
        return str, False
    return options[0], False


@dataclasses.dataclass(frozen=True)
class ModelConfig(Config):
    """The network: backbone, ASPP, decoder and the sizes that go with them."""

    model_variant: str = leaf("mobilenet_v2", "Backbone: mobilenet_v2, xception_41, xception_65 or xception_71.")
    num_classes: int = leaf(21, "Number of classes, without the ignore label.")
    output_stride: int = leaf(16, "Ratio of input size to encoder feature size: 8, 16 or 32.")
    atrous_rates: tuple[int, ...] | None = leaf(
        None,
        "ASPP rates; unset follows the output stride (8: 12,24,36; 16: 6,12,18; 32: 3,6,9); 'none' for no branch.",
    )
    add_image_level_feature: bool = leaf(True, "Whether ASPP has the image-level branch.")
    aspp_with_separable_conv: bool = leaf(True, "Separable instead of plain convolutions in ASPP.")
    aspp_convs_filters: int = leaf(256, "Filters of each ASPP branch.")
    decoder_output_stride: tuple[int, ...] = leaf(
        (4,), "Stride of the decoder's low-level feature (DeepLabv3+); 'none' for no decoder (DeepLabv3)."
    )
    decoder_use_separable_conv: bool = leaf(True, "Separable instead of plain convolutions in the decoder.")
    decoder_filters: int = leaf(256, "Filters of the decoder's convolutions.")
    multi_grid: tuple[int, ...] | None = leaf(None, "Rates of the three units of the last Xception block.")
    depth_multiplier: float = leaf(1.0, "Width of MobileNet relative to the published one.")
    divisible_by: int | None = leaf(None, "MobileNet widths are multiples of this (unset: 8 at multiplier 1, else 1).")
    weight_decay: float = leaf(4e-5, "L2 penalty of regular and pointwise kernels: weight_decay * sum(w^2) / 2.")
    batch_norm_decay: float | None = leaf(
        None,
        "Decay of the batch norm statistics; unset: the backbone's own, lowered for short training runs.",
    )
    fine_tune_batch_norm: bool | None = leaf(
        None,
        "Whether batch norm statistics are trained; unset: they are, unless they come from a checkpoint.",
    )

    def __post_init__(self) -> None:
        _check(self.num_classes >= 2, f"num_classes is {self.num_classes}; at least 2 are needed")
        _check(
            self.output_stride in OUTPUT_STRIDES,
            f"output_stride is {self.output_stride}; legal are {', '.join(map(str, OUTPUT_STRIDES))}",
        )
        _check(
            all(rate >= 1 for rate in self.atrous_rates or ()),
            f"atrous_rates {self.atrous_rates} must be 1 or more",
        )
        _check(
            self.decoder_output_stride in ((), (4,)),
            f"decoder_output_stride is {self.decoder_output_stride}; legal are 4 (DeepLabv3+) and none (DeepLabv3)",
        )
        _check(
            self.multi_grid is None or len(self.multi_grid) == 3,
            f"multi_grid {self.multi_grid} must have 3 rates",
        )
        _check(self.depth_multiplier > 0, f"depth_multiplier is {self.depth_multiplier}; it must be above 0")
        _check(self.weight_decay >= 0, f"weight_decay is {self.weight_decay}; it cannot be below 0")
        decay = self.batch_norm_decay
        _check(decay is None or 0 <= decay < 1, f"batch_norm_decay is {decay}; it must lie in [0, 1)")

    @property
    def aspp_rates(self) -> tuple[int, ...]:
        """The rates in force: `atrous_rates`, or those that belong to the output stride."""
        return ATROUS_RATES[self.output_stride] if self.atrous_rates is None else self.atrous_rates


@dataclasses.dataclass(frozen=True)
class DataConfig(Config):
    """What is read, and how it is augmented."""

    dataset_dir: str = leaf("", "Folder with the TFRecords and their descriptor.json.")
    dataset: str | None = leaf(None, "Name of the dataset; unset: the descriptor's.")
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
        _check(
            len(crop) == 2 and min(crop) >= 1,
            f"train_crop_size is {crop}; give height,width in pixels, for example --train_crop_size=513,513",
        )
        _check(self.train_batch_size >= 1, f"train_batch_size is {self.train_batch_size}; at least 1 is needed")
        _check(
            0 < self.min_scale_factor <= self.max_scale_factor,
            f"min_scale_factor {self.min_scale_factor} and max_scale_factor {self.max_scale_factor}: "
            "need 0 < min <= max",
        )
        _check(self.scale_factor_step_size >= 0, "scale_factor_step_size cannot be below 0")
        _check(
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
    label_weights: tuple[float, ...] | None = leaf(None, "One loss weight per class; unset: 1 for all.")

    def __post_init__(self) -> None:
        _check(self.training_number_of_steps >= 1, "training_number_of_steps must be at least 1")
        _check(
            self.base_learning_rate > 0,
            f"base_learning_rate is {self.base_learning_rate}; it must be above 0",
        )
        _check(
            self.learning_policy in ("poly", "step"),
            f"learning_policy is {self.learning_policy}: poly or step",
        )
        _check(0 <= self.momentum < 1, f"momentum is {self.momentum}; it must lie in [0, 1)")
        _check(self.slow_start_step >= 0, "slow_start_step cannot be below 0")
        _check(
            all(weight >= 0 for weight in self.label_weights or ()),
            f"label_weights {self.label_weights} cannot be below 0",
        )


@dataclasses.dataclass(frozen=True)
class RunOptions(Config):
    """Where a run lives, what it starts from and what it tells."""

    train_logdir: str = leaf("", "Folder of the run: configuration, checkpoints and logs; resumed when it has any.")
    initial_weights: typing.Literal["imagenet"] | None = leaf(
        None, "'imagenet' starts mobilenet_v2 from the weights that Keras distributes."
    )
    tf_initial_checkpoint: str | None = leaf(None, "Start from another run's folder or a Keras weights file.")
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
        _check(self.initial_weights in (None, "imagenet"), "initial_weights: legal is imagenet")
        _check(self.log_steps >= 1, "log_steps must be at least 1")
        for name in ("validation_steps", "save_steps"):
            value = getattr(self, name)
            _check(value is None or value >= 1, f"{name} is {value}; it must be at least 1")


@dataclasses.dataclass(frozen=True)
class RunConfig(Config):
    """Everything a training run is made from; stored beside its checkpoints."""

    model: ModelConfig = dataclasses.field(default_factory=ModelConfig)
    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    optimizer: OptimizerConfig = dataclasses.field(default_factory=OptimizerConfig)
    run: RunOptions = dataclasses.field(default_factory=RunOptions)

    def save(self, folder: str) -> str:
        """Writes `config.json` into `folder`, whole or not at all, and returns its path."""
        return write_json(os.path.join(folder, FILE_NAME), self.to_dict())

    @classmethod
    def load(cls, folder: str) -> RunConfig:
        """Reads the `config.json` of a run.

        Raises:
            InputError: the folder holds no run, or its configuration is damaged.
        """
        return cls.from_dict(read_json(os.path.join(folder, FILE_NAME), "a training run"))


def write_json(path: str, value: Any) -> str:
    """Writes `value` as JSON so that `path` is whole at every moment; returns `path`."""
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")
    os.replace(temporary, path)
    return path


def read_json(path: str, what: str) -> dict[str, Any]:
    """Reads a JSON object that belongs to `what`.

    Raises:
        InputError: the file is missing or is no JSON object; the message lists what the folder holds.
    """
    folder = os.path.dirname(path) or "."
    if not os.path.isfile(path):
        found = ", ".join(sorted(os.listdir(folder))[:8]) if os.path.isdir(folder) else "no such folder"
        raise InputError(f"{folder} is not {what}: it has no {os.path.basename(path)} (found: {found or 'nothing'})")
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is damaged: {error}") from error
    _check(isinstance(value, dict), f"{path} must hold a JSON object")
    return value
