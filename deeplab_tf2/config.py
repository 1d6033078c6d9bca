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
DECODER_STRIDES = (4, 8, 16)
# Official model options that say nothing about the network, or that official code never reads.
_WITHOUT_MEANING = (
    "crop_size",
    "preprocessed_images_dtype",
    "sync_batch_norm_method",
    "batch_norm_decay",
    "label_weights",
)
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
        return tuple(value)
    if hint is not None and isinstance(value, int | float) and element_type(hint)[1]:
        return (value,)
    return value


def _cell_text(value: str) -> str:
    """The JSON of a dense prediction cell, given itself or by the path of its file, checked."""
    text = value
    if not value.lstrip().startswith("["):
        _check(
            os.path.isfile(value), f"dense_prediction_cell_json={value}: there is no such file, and it is no JSON list"
        )
        with open(value, encoding="utf-8") as file:
            text = file.read()
    try:
        branches = json.loads(text)
    except ValueError as error:
        raise InputError(f"dense_prediction_cell_json is no JSON: {error}") from error
    _check(isinstance(branches, list) and bool(branches), "dense_prediction_cell_json must be a list of branches")
    for index, branch in enumerate(branches):
        _check_branch(index, branch)
    return json.dumps(branches)


def _check_branch(index: int, branch: Any) -> None:
    where = f"branch {index} of dense_prediction_cell_json"
    _check(isinstance(branch, dict), f"{where} is no JSON object")
    kinds = {"conv": ("kernel", "rate"), "pyramid_pooling": ("grid_size",)}
    _check(branch.get("op") in kinds, f"{where} has op={branch.get('op')!r}; legal are {', '.join(kinds)}")
    pointwise = branch["op"] == "conv" and branch.get("kernel") in (1, [1, 1])
    missing = [
        name for name in (*kinds[branch["op"]], "input") if name not in branch and not (pointwise and name == "rate")
    ]
    _check(not missing, f"{where} lacks {', '.join(missing)}")
    source = branch["input"]
    _check(
        isinstance(source, int) and source < index,
        f"{where} has input={source!r}; it must be -1 (the backbone) or an earlier branch",
    )


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

    model_variant: str = leaf(
        "mobilenet_v2",
        "Backbone: mobilenet_v2, mobilenet_v3_large_seg, mobilenet_v3_small_seg, mobilenet_edgetpu, xception_41, "
        "xception_65, xception_71, resnet_v1_18, resnet_v1_50, resnet_v1_101 (each also with _beta), nas_pnasnet or "
        "nas_hnasnet.",
    )
    num_classes: int = leaf(21, "Number of classes, without the ignore label.")
    output_stride: int = leaf(16, "Ratio of input size to encoder feature size: 8, 16 or 32.")
    multi_grid: tuple[int, ...] | None = leaf(
        None, "Factors on the rates of the last block's units (ResNet) or convolutions (Xception), for example 1,2,4."
    )
    depth_multiplier: float = leaf(1.0, "Width of MobileNet relative to the published one.")
    divisible_by: int | None = leaf(
        None, "MobileNetV2 widths are multiples of this (unset: 8 at multiplier 1, else 1)."
    )
    use_bounded_activation: bool = leaf(
        False, "ReLU6 and clipping instead of ReLU in Xception, ASPP and decoder, for quantised inference."
    )
    add_image_level_feature: bool = leaf(True, "Whether ASPP has the image-level branch.")
    image_pooling_crop_size: tuple[int, ...] | None = leaf(
        None, "Height,width in input pixels of the window that image pooling averages over; unset: the whole image."
    )
    image_pooling_stride: tuple[int, ...] = leaf((1, 1), "Vertical,horizontal stride of that window, in features.")
    aspp_with_batch_norm: bool = leaf(
        True, "Whether there is an ASPP (DeepLabv3); without it each atrous rate has its own logits (DeepLabv2)."
    )
    atrous_rates: tuple[int, ...] | None = leaf(
        None,
        "ASPP rates; unset follows the output stride (8: 12,24,36; 16: 6,12,18; 32: 3,6,9); 'none' for no branch.",
    )
    aspp_with_separable_conv: bool = leaf(True, "Separable instead of plain convolutions in ASPP.")
    aspp_convs_filters: int = leaf(256, "Filters of each ASPP branch.")
    aspp_with_concat_projection: bool = leaf(True, "Whether the joined ASPP branches are projected.")
    aspp_with_squeeze_and_excitation: bool = leaf(
        False, "Multiply ASPP by the image-level feature instead of joining it (Lite R-ASPP)."
    )
    image_se_uses_qsigmoid: bool = leaf(False, "A piecewise linear sigmoid in that squeeze-and-excitation.")
    dense_prediction_cell_json: str | None = leaf(
        None, "A searched cell in place of ASPP: path of its JSON file, or the JSON itself."
    )
    decoder_output_stride: tuple[int, ...] = leaf(
        (4,),
        "Strides of the decoder's low-level features, descending (DeepLabv3+); 'none' for no decoder (DeepLabv3).",
    )
    decoder_use_separable_conv: bool = leaf(True, "Separable instead of plain convolutions in the decoder.")
    decoder_filters: int = leaf(256, "Filters of the decoder's convolutions.")
    decoder_use_sum_merge: bool = leaf(False, "The decoder adds its two features instead of joining them.")
    decoder_output_is_logits: bool = leaf(
        False, "The decoder gives the logits itself, in as many filters as there are classes."
    )
    logits_kernel_size: int = leaf(1, "Kernel size of the logits; other than 1 only without aspp_with_batch_norm.")
    image_pyramid: tuple[float, ...] | None = leaf(
        None, "Scales at which the network sees the image, merged into one answer; unset: 1.0."
    )
    merge_method: typing.Literal["max", "avg"] = leaf(
        "max", "How the logits of an image pyramid are merged: max or avg."
    )
    prediction_with_upsampled_logits: bool = leaf(
        True, "Labels from upsampled logits; otherwise labels are upsampled, nearest."
    )
    nas_stem_output_num_conv_filters: int = leaf(20, "Filters of the first level of nas_pnasnet and nas_hnasnet.")
    nas_use_classification_head: bool = leaf(False, "Add the classification head's convolutions to a NAS backbone.")
    nas_remove_os32_stride: bool = leaf(False, "Keep stride 16 where a NAS backbone goes to 32.")
    drop_path_keep_prob: float = leaf(
        1.0, "Probability to keep a path of a NAS cell in training, reached in the last cell at the last step."
    )
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
        for name in ("image_pooling_crop_size", "image_pooling_stride"):
            if len(getattr(self, name) or ()) == 1:
                object.__setattr__(self, name, getattr(self, name) * 2)
        if self.dense_prediction_cell_json:
            object.__setattr__(self, "dense_prediction_cell_json", _cell_text(self.dense_prediction_cell_json))
        self._check_numbers()
        self._check_head()

    def _check_numbers(self) -> None:
        _check(self.num_classes >= 2, f"num_classes is {self.num_classes}; at least 2 are needed")
        _check(
            self.output_stride in OUTPUT_STRIDES,
            f"output_stride is {self.output_stride}; legal are {', '.join(map(str, OUTPUT_STRIDES))}",
        )
        for name in ("aspp_convs_filters", "decoder_filters", "logits_kernel_size", "nas_stem_output_num_conv_filters"):
            _check(getattr(self, name) >= 1, f"{name} is {getattr(self, name)}; at least 1 is needed")
        for name in ("atrous_rates", "multi_grid", "image_pooling_crop_size", "image_pooling_stride"):
            values = getattr(self, name)
            _check(all(value >= 1 for value in values or ()), f"{name} {values} must be 1 or more")
        for name in ("image_pooling_crop_size", "image_pooling_stride"):
            values = getattr(self, name)
            _check(values is None or len(values) == 2, f"{name} is {values}; give two numbers, vertical,horizontal")
        _check(self.depth_multiplier > 0, f"depth_multiplier is {self.depth_multiplier}; it must be above 0")
        _check(self.weight_decay >= 0, f"weight_decay is {self.weight_decay}; it cannot be below 0")
        decay = self.batch_norm_decay
        _check(decay is None or 0 <= decay < 1, f"batch_norm_decay is {decay}; it must lie in [0, 1)")
        keep = self.drop_path_keep_prob
        _check(0 < keep <= 1, f"drop_path_keep_prob is {keep}; it must lie in (0, 1]")
        pyramid = self.image_pyramid
        _check(pyramid is None or (bool(pyramid) and min(pyramid) > 0), f"image_pyramid {pyramid} must be above 0")
        _check(self.merge_method in ("max", "avg"), f"merge_method is {self.merge_method!r}; legal are max and avg")

    def _check_head(self) -> None:
        _check(
            self.dense_prediction_cell_json is None or self.output_stride <= 16,
            f"a dense prediction cell's rates are made for output stride 16 and double at 8; output_stride is "
            f"{self.output_stride}",
        )
        strides = self.decoder_output_stride
        _check(
            all(stride in DECODER_STRIDES for stride in strides)
            and all(before > after for before, after in zip(strides, strides[1:], strict=False)),
            f"decoder_output_stride is {strides}; legal are 16, 8 and 4 in descending order (DeepLabv3+), for example "
            "4 or 8,4, and none (DeepLabv3)",
        )
        if self.decoder_output_is_logits:
            _check(bool(strides), "decoder_output_is_logits needs a decoder: set decoder_output_stride")
            _check(
                self.decoder_filters in (self.num_classes, type(self).decoder_filters),
                f"decoder_output_is_logits: decoder_filters is {self.decoder_filters}, num_classes "
                f"{self.num_classes}; they must be equal, or leave decoder_filters out",
            )
        sums_rates = not self.aspp_with_batch_norm and bool(self.aspp_rates)
        _check(
            self.logits_kernel_size == 1 or sums_rates,
            f"logits_kernel_size is {self.logits_kernel_size}; with aspp_with_batch_norm, or without atrous_rates, "
            "it must be 1",
        )
        gated = self.aspp_with_squeeze_and_excitation and self.add_image_level_feature and self.aspp_with_batch_norm
        _check(
            self.aspp_with_concat_projection or not gated or not self.aspp_rates,
            "aspp_with_squeeze_and_excitation multiplies the ASPP branches by one map of aspp_convs_filters channels: "
            "with atrous_rates they must be projected (aspp_with_concat_projection)",
        )

    @property
    def aspp_rates(self) -> tuple[int, ...]:
        """The rates in force: `atrous_rates`, or those that belong to the output stride."""
        return ATROUS_RATES[self.output_stride] if self.atrous_rates is None else self.atrous_rates

    @property
    def decoder_channels(self) -> int:
        """Channels of the decoder's output."""
        return self.num_classes if self.decoder_output_is_logits else self.decoder_filters

    @classmethod
    def from_official(cls, options: Mapping[str, Any]) -> ModelConfig:
        """The configuration that official model options describe.

        Args:
            options: by official name; what is left out has its official default (no atrous rates, no decoder, output
                stride 8). `crop_size` is accepted, though networks here take images of any size: the image-level
                feature is the mean over the whole map, as the official one is over its crop.

        Raises:
            InputError: an option is unknown, or its value is not legal.
        """
        given = {name: value for name, value in options.items() if name not in _WITHOUT_MEANING}
        given.update(given.pop("nas_architecture_options", None) or {})
        if (outputs := given.pop("outputs_to_num_classes", None)) is not None:
            _check(len(outputs) == 1, f"outputs_to_num_classes is {outputs}; one output is supported")
            (given["num_classes"],) = outputs.values()
        if cell := given.pop("dense_prediction_cell_config", None):
            given["dense_prediction_cell_json"] = json.dumps(cell)
        if options.get("crop_size", ()) is None:
            # Without a crop size the official image pooling is a global mean whatever its window.
            given.pop("image_pooling_crop_size", None)
        known = {name: value for name, value in given.items() if value is not None}
        return cls.from_dict({"output_stride": 8, "atrous_rates": [], "decoder_output_stride": [], **known})


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
