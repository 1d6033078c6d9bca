"""The DeepLab network, made from a `ModelConfig`.

Tensor contract, stated once for the whole project:

    image   float32 or uint8 [batch, height, width, 3], RGB, 0..255, any size; float32 once padded (pad pixel 127.5)
    label   int32 [batch, height, width]; the ignore label means no loss and no metric
    logits  float32 [batch, height, width, classes], input resolution, no softmax

Rescaling is the model's first step, so that training, notebook and serving cannot disagree. Sizes of the form
k * output_stride + 1 (513, 65) align exactly; every other size is legal too.
"""

from __future__ import annotations

from typing import Any, Self

import keras
from keras import ops

from deeplab_tf2.config import ModelConfig
from deeplab_tf2.layers.aspp import ASPP
from deeplab_tf2.layers.conv import truncated_normal
from deeplab_tf2.layers.decoder import Decoder
from deeplab_tf2.layers.resize import resize_bilinear, scale_dimension
from deeplab_tf2.models.backbones import backbone
from deeplab_tf2.presets import preset

HEAD_BATCH_NORM_DECAY = 0.9997
HEAD_BATCH_NORM_EPSILON = 1e-5


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class DeepLab(keras.Model):
    """DeepLabv3+ (with decoder) or DeepLabv3 (without) on a backbone (Chen et al. 2018, figure 2).

    Example: `DeepLab(ModelConfig(model_variant="xception_65", num_classes=21))(images)` gives the logits.

    Args:
        config: the network's settings; also what is serialised.
    """

    def __init__(self, config: ModelConfig, **kwargs: Any) -> None:
        kwargs.setdefault("name", "deeplab")
        super().__init__(**kwargs)
        self.config = config
        row = backbone(config.model_variant)
        frozen = config.fine_tune_batch_norm is False
        decay = config.batch_norm_decay
        shared: dict[str, Any] = {
            "batch_norm": {
                "momentum": HEAD_BATCH_NORM_DECAY if decay is None else decay,
                "epsilon": HEAD_BATCH_NORM_EPSILON,
                "frozen": frozen,
            },
            "weight_decay": config.weight_decay,
        }
        self.backbone = row.make(
            config,
            {
                "momentum": row.batch_norm_decay if decay is None else decay,
                "epsilon": row.batch_norm_epsilon,
                "frozen": frozen,
            },
        )
        self.aspp = ASPP(
            config.aspp_rates,
            config.aspp_convs_filters,
            config.add_image_level_feature,
            config.aspp_with_separable_conv,
            **shared,
            name="aspp",
        )
        self.decoder = (
            Decoder(config.decoder_filters, config.decoder_use_separable_conv, **shared, name="decoder")
            if config.decoder_output_stride
            else None
        )
        self.logits = keras.layers.Conv2D(
            config.num_classes,
            1,
            kernel_initializer=truncated_normal(0.01),
            kernel_regularizer=keras.regularizers.L2(config.weight_decay / 2) if config.weight_decay else None,
            name="logits",
        )
        self.built = True
        self(keras.KerasTensor((None, 65, 65, 3)))

    def endpoints(self, images: Any, training: bool | None = None) -> dict[str, Any]:
        """The named features on the way from images [batch, height, width, 3] to the logits at their own stride.

        Returns:
            A dictionary with "backbone", "low_level_4", ..., "aspp", "decoder" (if there is one) and "logits".
        """
        height, width = ops.shape(images)[1:3]
        inputs = ops.cast(ops.cast(images, "float32") * (2.0 / 255.0) - 1.0, self.compute_dtype)
        features = self.backbone(inputs, training=training)
        outputs = features["aspp"] = self.aspp(features["backbone"], training=training)
        if self.decoder is not None:
            (stride,) = self.config.decoder_output_stride
            size = (scale_dimension(height, stride), scale_dimension(width, stride))
            outputs = features["decoder"] = self.decoder(
                outputs, features[f"low_level_{stride}"], size=size, training=training
            )
        features["logits"] = self.logits(outputs)
        return features

    def call(self, images: Any, training: bool | None = None) -> Any:
        """Logits float32 [batch, height, width, classes] of images [batch, height, width, 3] in 0..255."""
        # Said once at the top, the layers below hear it from the call's context.
        logits = ops.cast(self.endpoints(images, training)["logits"], "float32")
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
