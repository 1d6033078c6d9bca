"""The DeepLab network, made from a `ModelConfig`.

Tensor contract, stated once for the whole project:

    image   float32 or uint8 [batch, height, width, 3], RGB, 0..255, any size; float32 once padded (`pad_pixel`).
            With `input_channels` other than 3: float32 or uint16 [batch, height, width, channels], whole numbers of
            0..65535 as the files store them, grey or bands
    label   int32 [batch, height, width]; the ignore label means no loss and no metric
    logits  float32 [batch, height, width, classes], input resolution, no softmax

Rescaling is the model's first step, so that training, notebook and serving cannot disagree: official for RGB;
(image - channel_means) / channel_deviations where the configuration has these statistics. Sizes of the form
k * output_stride + 1 (513, 65) align exactly; every other size is legal too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Self

import keras
from keras import ops

from deeplab_tf2.config import PAD_PIXEL, InputError, ModelConfig
from deeplab_tf2.layers.aspp import ASPP
from deeplab_tf2.layers.decoder import Decoder
from deeplab_tf2.layers.dense_prediction_cell import DensePredictionCell
from deeplab_tf2.layers.logits import Logits
from deeplab_tf2.layers.resize import resize_bilinear, scale_dimension
from deeplab_tf2.models.backbones import Backbone, backbone
from deeplab_tf2.presets import preset

HEAD_BATCH_NORM_DECAY = 0.9997
HEAD_BATCH_NORM_EPSILON = 1e-5


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class DeepLab(keras.Model):
    """DeepLabv3+ (with decoder), DeepLabv3 (without) or DeepLabv2 (without ASPP) on a backbone.

    Chen et al. 2018, figure 2, with every option of the official code.

    Example: `DeepLab(ModelConfig(model_variant="xception_65", num_classes=21))(images)` gives the logits.

    Args:
        config: the network's settings; also what is serialised.

    Raises:
        InputError: the backbone is unknown, or does not have what the settings ask of it.

    Attributes:
        total_steps: optimizer steps over which paths of NAS cells come to be dropped; None: dropped from the start.
    """

    def __init__(self, config: ModelConfig, **kwargs: Any) -> None:
        kwargs.setdefault("name", "deeplab")
        super().__init__(**kwargs)
        self.config = config
        self.total_steps: int | None = None
        row = backbone(config.model_variant)
        _check_decoder(config, row)
        self.mean_pixel, self.pad_pixel = input_pixels(config)
        self.backbone = row.make(config, self._batch_norm("backbone", row.batch_norm_decay, row.batch_norm_epsilon))
        self.aspp = _encoder_head(config, self._head_settings("aspp"))
        self.decoder = _decoder(config, self._head_settings("decoder"))
        self.logits = None if config.decoder_output_is_logits else _logits(config)
        self.built = True
        self(keras.KerasTensor((None, 65, 65, config.input_channels)))

    def _head_settings(self, part: str) -> dict[str, Any]:
        batch_norm = self._batch_norm(part, HEAD_BATCH_NORM_DECAY, HEAD_BATCH_NORM_EPSILON)
        return {"batch_norm": batch_norm, "weight_decay": self.config.weight_decay}

    def _batch_norm(self, part: str, decay: float, epsilon: float) -> dict[str, Any]:
        wish = self.config.batch_norm_decay
        frozen = part in self.config.frozen_statistics
        return {"momentum": decay if wish is None else wish, "epsilon": epsilon, "frozen": frozen}

    @property
    def whole_precision(self) -> str:
        """What the network answers in, and prepares images in: float32, more where the layers compute in more."""
        return keras.backend.result_type(self.compute_dtype, "float32")

    def endpoints(
        self,
        images: Any,
        training: bool | None = None,
        scales: Sequence[float] | None = None,
        pooled: Any = None,
    ) -> dict[str, Any]:
        """The named features on the way from images, see the tensor contract, to the logits at their own stride.

        Args:
            images: see the tensor contract.
            training: whether batch norm and dropout are in training mode.
            scales: input scales whose logits are merged; unset: those of the configuration's `image_pyramid`.
            pooled: [1, 1, 1, channels], what ASPP's image-level feature takes for the mean of "backbone" where `images`
                are parts of a larger one; unset: it sees what is there.

        Returns:
            A dictionary with "backbone", "low_level_4", ..., "aspp", "decoder" (if there is one) and "logits". Of
            several scales, the features are those of the first, and "logits_0.50", ... are the logits of each.
        """
        scales = tuple(scales or self.config.image_pyramid or (1.0,))
        stride = min(self.config.decoder_output_stride, default=self.config.output_stride)
        target = tuple(scale_dimension(side, max(1.0, *scales) / stride) for side in ops.shape(images)[1:3])
        passes = [self._pass(images, scale, training, pooled) for scale in scales]
        each = [resize_bilinear(features["logits"], (target[0], target[1])) for features in passes]
        if len(scales) == 1:
            return {**passes[0], "logits": each[0]}
        merge = ops.max if self.config.merge_method == "max" else ops.mean
        named = {f"logits_{scale:.2f}": logits for scale, logits in zip(scales, each, strict=True)}
        return {**passes[0], **named, "logits": merge(ops.stack(each), axis=0)}

    def _pass(self, images: Any, scale: float, training: bool | None, pooled: Any) -> dict[str, Any]:
        """The features of one input scale, with "logits" at the stride that the network gives them."""
        config = self.config
        images = ops.cast(images, self.whole_precision)
        size = tuple(ops.shape(images)[1:3])
        if scale != 1:
            size = tuple(scale_dimension(side, scale) for side in size)
            images = resize_bilinear(images, (size[0], size[1]))
        features = self.backbone(self._normalized(images), training=training, **self._progress())
        outputs = features["backbone"]
        if self.aspp is not None:
            shared = {} if pooled is None else {"pooled": pooled}
            outputs = self.aspp(outputs, pooling_size=self._pooled(size, scale), training=training, **shared)
        features["aspp"] = outputs
        if self.decoder is not None:
            strides = config.decoder_output_stride
            outputs = features["decoder"] = self.decoder(
                outputs,
                [features[f"low_level_{stride}"] for stride in strides],
                sizes=[tuple(scale_dimension(side, 1 / stride) for side in size) for stride in strides],
                training=training,
            )
        features["logits"] = outputs if self.logits is None else self.logits(outputs)
        return features

    def _normalized(self, images: Any) -> Any:
        if self.mean_pixel is None:
            images = images * (2.0 / 255.0) - 1.0
        else:
            images = images - ops.convert_to_tensor(self.mean_pixel, images.dtype)
        if self.config.channel_deviations is not None:
            images = images / ops.convert_to_tensor(self.config.channel_deviations, images.dtype)
        return ops.cast(images, self.compute_dtype)

    def _progress(self) -> dict[str, Any]:
        """How much of the training is done, for backbones that drop more and more paths."""
        if getattr(self.backbone, "keep", 1.0) == 1:
            return {}
        optimizer = getattr(self, "optimizer", None)
        if optimizer is None or self.total_steps is None:
            return {"progress": 1.0}
        return {"progress": ops.cast(optimizer.iterations, "float32") / self.total_steps}

    def _pooled(self, size: tuple[Any, ...], scale: float) -> tuple[Any, Any] | None:
        """What image pooling averages over: pixels for a dense prediction cell, features for ASPP."""
        config = self.config
        window = config.image_pooling_crop_size
        if window is not None and scale != 1:
            window = tuple(scale_dimension(side, scale) for side in window)
        if config.dense_prediction_cell_json is not None:
            pixels = size if window is None else window
            return pixels[0], pixels[1]
        if window is None:
            return None
        height, width = (scale_dimension(side, 1 / config.output_stride) for side in window)
        return height, width

    def call(self, images: Any, training: bool | None = None) -> Any:
        """Logits float32 [batch, height, width, classes] of images, see the tensor contract."""
        # Said once at the top, the layers below hear it from the call's context.
        logits = ops.cast(self.endpoints(images, training)["logits"], self.whole_precision)
        return resize_bilinear(logits, tuple(ops.shape(images)[1:3]))

    def with_config(self, **changes: Any) -> DeepLab:
        """A network with the same weights and other settings, for instance another `output_stride`.

        Raises:
            ValueError: the weights do not fit the changed settings.
        """
        model = DeepLab(self.config.replace(**changes))
        model.set_weights(self.get_weights())
        return model

    @classmethod
    def from_preset(cls, name: str, **overrides: Any) -> DeepLab:
        """A freshly initialised network of `presets.PRESETS`, with some settings replaced."""
        return cls(preset(name).replace(**overrides))

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "config": self.config.to_dict()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        return cls(ModelConfig.from_dict(config["config"]), name=config["name"])


def input_pixels(config: ModelConfig) -> tuple[tuple[float, ...] | None, tuple[float, ...]]:
    """What a network subtracts from images (None: they are scaled to [-1, 1]), and what pads them, by channel."""
    row, channels = backbone(config.model_variant), config.input_channels
    if config.channel_means is not None:
        # Padding becomes 0, as the average pixel does.
        return config.channel_means, config.channel_means
    if channels == len(row.pad_pixel):
        return row.mean_pixel, row.pad_pixel
    grey = None if row.mean_pixel is None else (sum(row.mean_pixel) / len(row.mean_pixel),) * channels
    return grey, (PAD_PIXEL,) * channels


def _check_decoder(config: ModelConfig, row: Backbone) -> None:
    if not set(config.decoder_output_stride) <= set(row.decoder_strides):
        legal = ", ".join(map(str, row.decoder_strides))
        raise InputError(
            f"decoder_output_stride is {', '.join(map(str, config.decoder_output_stride))}; {config.model_variant} "
            + (f"has features at {legal}" if legal else "has no feature for a decoder: set it to none")
        )


def _encoder_head(config: ModelConfig, shared: dict[str, Any]) -> ASPP | DensePredictionCell | None:
    if not config.aspp_with_batch_norm:
        return None
    if config.dense_prediction_cell_json is not None:
        return DensePredictionCell(json.loads(config.dense_prediction_cell_json), config.output_stride, **shared)
    gate = "q_sigmoid" if config.image_se_uses_qsigmoid else "sigmoid"
    return ASPP(
        config.aspp_rates,
        config.aspp_convs_filters,
        config.add_image_level_feature,
        config.aspp_with_separable_conv,
        config.aspp_with_concat_projection,
        gate if config.aspp_with_squeeze_and_excitation else None,
        (config.image_pooling_stride[0], config.image_pooling_stride[1]),
        _activation(config),
        **shared,
        name="aspp",
    )


def _decoder(config: ModelConfig, shared: dict[str, Any]) -> Decoder | None:
    if not config.decoder_output_stride:
        return None
    return Decoder(
        len(config.decoder_output_stride),
        config.decoder_channels,
        config.decoder_use_separable_conv,
        config.decoder_use_sum_merge,
        config.decoder_output_is_logits,
        _activation(config),
        **shared,
        name="decoder",
    )


def _logits(config: ModelConfig) -> Logits:
    rates = () if config.aspp_with_batch_norm else config.aspp_rates
    return Logits(config.num_classes, rates or (1,), config.logits_kernel_size, config.weight_decay, name="logits")


def _activation(config: ModelConfig) -> str:
    return "relu6" if config.use_bounded_activation else "relu"
