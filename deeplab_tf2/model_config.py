"""The settings of a network, under the names of official flags."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from typing import Any

from deeplab_tf2.cell_config import cell_text
from deeplab_tf2.settings import Config, check, check_choices, leaf

OUTPUT_STRIDES = (4, 8, 16, 32)
DECODER_STRIDES = (4, 8, 16)
BATCH_NORM_PARTS = ("backbone", "aspp", "decoder")
ATROUS_RATES = {4: (24, 48, 72), 8: (12, 24, 36), 16: (6, 12, 18), 32: (3, 6, 9)}
# Official model options that say nothing about the network, or that official code never reads.
_WITHOUT_MEANING = (
    "crop_size",
    "preprocessed_images_dtype",
    "sync_batch_norm_method",
    "batch_norm_decay",
    "label_weights",
)


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
    input_channels: int = leaf(3, "Channels of the images; a dataset says it of itself. 3: red, green, blue of 0..255.")
    channel_means: tuple[float, ...] | None = leaf(
        None, "Mean of each channel, subtracted from images; unset: the official normalisation of 0..255."
    )
    channel_deviations: tuple[float, ...] | None = leaf(
        None, "Standard deviation of each channel, by which images are divided after that."
    )
    output_stride: int = leaf(16, "Ratio of input size to encoder feature size: 4, 8, 16 or 32.")
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
        "ASPP rates; unset follows the output stride (8: 12,24,36; 16: 6,12,18; 32: 3,6,9, ...); 'none' for no branch.",
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
        "Whether batch norm statistics are trained; unset: each part's are, unless they come from a checkpoint.",
    )
    frozen_batch_norm: tuple[str, ...] | None = leaf(
        None,
        "Parts whose batch norm statistics stay as they are: backbone, aspp, decoder or none; unset: as "
        "fine_tune_batch_norm says.",
    )

    def __post_init__(self) -> None:
        for name in ("image_pooling_crop_size", "image_pooling_stride"):
            if len(getattr(self, name) or ()) == 1:
                object.__setattr__(self, name, getattr(self, name) * 2)
        cell = self.dense_prediction_cell_json
        object.__setattr__(self, "dense_prediction_cell_json", cell_text(cell) if cell else None)
        self._check_numbers()
        self._check_channels()
        self._check_head()

    def _check_channels(self) -> None:
        channels, means, deviations = self.input_channels, self.channel_means, self.channel_deviations
        check(channels >= 1, f"input_channels is {channels}; at least 1 is needed")
        check(
            (means is None) == (deviations is None),
            "channel_means and channel_deviations normalise together: give both or none",
        )
        for name in ("channel_means", "channel_deviations"):
            values = getattr(self, name)
            check(
                values is None or len(values) == channels,
                f"{name} has {len(values or ())} values for {channels} input_channels: give one per channel",
            )
        check(
            all(deviation > 0 for deviation in deviations or ()),
            f"channel_deviations {deviations} must be above 0; for a channel that never changes, 1 will do",
        )

    def _check_numbers(self) -> None:
        check(self.num_classes >= 2, f"num_classes is {self.num_classes}; at least 2 are needed")
        check(
            self.output_stride in OUTPUT_STRIDES,
            f"output_stride is {self.output_stride}; legal are {', '.join(map(str, OUTPUT_STRIDES))}",
        )
        for name in ("aspp_convs_filters", "decoder_filters", "logits_kernel_size", "nas_stem_output_num_conv_filters"):
            check(getattr(self, name) >= 1, f"{name} is {getattr(self, name)}; at least 1 is needed")
        for name in ("atrous_rates", "multi_grid", "image_pooling_crop_size", "image_pooling_stride"):
            values = getattr(self, name)
            check(all(value >= 1 for value in values or ()), f"{name} {values} must be 1 or more")
        for name in ("image_pooling_crop_size", "image_pooling_stride"):
            values = getattr(self, name)
            check(values is None or len(values) == 2, f"{name} is {values}; give two numbers, vertical,horizontal")
        check(self.depth_multiplier > 0, f"depth_multiplier is {self.depth_multiplier}; it must be above 0")
        check(self.weight_decay >= 0, f"weight_decay is {self.weight_decay}; it cannot be below 0")
        parts = self.frozen_batch_norm or ()
        check(
            set(parts) <= set(BATCH_NORM_PARTS),
            f"frozen_batch_norm is {','.join(parts)}; legal are {', '.join(BATCH_NORM_PARTS)}, and none",
        )
        decay = self.batch_norm_decay
        check(decay is None or 0 <= decay < 1, f"batch_norm_decay is {decay}; it must lie in [0, 1)")
        keep = self.drop_path_keep_prob
        check(0 < keep <= 1, f"drop_path_keep_prob is {keep}; it must lie in (0, 1]")
        pyramid = self.image_pyramid
        check(pyramid is None or (bool(pyramid) and min(pyramid) > 0), f"image_pyramid {pyramid} must be above 0")
        check_choices(self)

    def _check_head(self) -> None:
        check(
            not self.aspp_with_batch_norm or self.dense_prediction_cell_json is None or self.output_stride <= 16,
            f"a dense prediction cell's rates are made for output stride 16 and double at 8; output_stride is "
            f"{self.output_stride}",
        )
        strides = self.decoder_output_stride
        check(
            all(stride in DECODER_STRIDES for stride in strides)
            and all(before >= after for before, after in zip(strides, strides[1:], strict=False)),
            f"decoder_output_stride is {strides}; legal are 16, 8 and 4 in descending order (DeepLabv3+), for example "
            "4 or 8,4, and none (DeepLabv3)",
        )
        if self.decoder_output_is_logits:
            check(bool(strides), "decoder_output_is_logits needs a decoder: set decoder_output_stride")
            check(
                self.decoder_filters in (self.num_classes, type(self).decoder_filters),
                f"decoder_output_is_logits: decoder_filters is {self.decoder_filters}, num_classes "
                f"{self.num_classes}; they must be equal, or leave decoder_filters out",
            )
        sums_rates = not self.aspp_with_batch_norm and bool(self.aspp_rates)
        check(
            self.logits_kernel_size == 1 or sums_rates,
            f"logits_kernel_size is {self.logits_kernel_size}; with aspp_with_batch_norm, or without atrous_rates, "
            "it must be 1",
        )
        has_aspp = self.aspp_with_batch_norm and self.dense_prediction_cell_json is None
        gated = has_aspp and self.aspp_with_squeeze_and_excitation and self.add_image_level_feature
        check(
            self.aspp_with_concat_projection or not gated or not self.aspp_rates,
            "aspp_with_squeeze_and_excitation multiplies the ASPP branches by one map of aspp_convs_filters channels: "
            "with atrous_rates they must be projected (aspp_with_concat_projection)",
        )

    @property
    def aspp_rates(self) -> tuple[int, ...]:
        """The rates in force: `atrous_rates`, or those that belong to the output stride."""
        return ATROUS_RATES[self.output_stride] if self.atrous_rates is None else self.atrous_rates

    @property
    def batch_norm_parts(self) -> tuple[str, ...]:
        """The parts of this network that have batch norm."""
        there = (True, self.aspp_with_batch_norm, bool(self.decoder_output_stride))
        return tuple(part for part, is_there in zip(BATCH_NORM_PARTS, there, strict=True) if is_there)

    @property
    def frozen_statistics(self) -> tuple[str, ...]:
        """The parts whose batch norm statistics are not trained."""
        if self.frozen_batch_norm is not None:
            return self.frozen_batch_norm
        return self.batch_norm_parts if self.fine_tune_batch_norm is False else ()

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
            check(len(outputs) == 1, f"outputs_to_num_classes is {outputs}; one output is supported")
            (given["num_classes"],) = outputs.values()
        if cell := given.pop("dense_prediction_cell_config", None):
            given["dense_prediction_cell_json"] = json.dumps(cell)
        if given.get("model_variant", "mobilenet_v2") != "mobilenet_v2":
            # Official code hands it to that backbone alone.
            given.pop("divisible_by", None)
        if options.get("crop_size", ()) is None:
            # Without a crop size the official image pooling is a global mean whatever its window.
            given.pop("image_pooling_crop_size", None)
        for name in ("image_pyramid", "multi_grid"):
            given[name] = given.get(name) or None
        known = {name: value for name, value in given.items() if value is not None}
        return cls.from_dict({"output_stride": 8, "atrous_rates": [], "decoder_output_stride": [], **known})
