"""The optimizers of official DeepLab, with factors for single variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.config import OptimizerConfig, RunConfig
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.training.schedules import learning_rate, starting_rate

_LOGITS = ("logits",)
# Parts of official names; what contains one belongs to the last layers.
_LAST_LAYERS = (*_LOGITS, "image_pooling", "aspp", "concat_projection", "decoder", "meta_architecture")
_BIAS_FACTOR = 2.0
# 0.9 and 0.999 in float32, as TF1 has them. Keras rounds the unrounded ones in its powers alone, which makes every step
# 6.7e-6 too small.
_ADAM_DECAYS: dict[str, Any] = {"beta_1": 0.8999999761581421, "beta_2": 0.9990000128746033}


class _ByVariable:
    """An optimizer that multiplies gradients, before clipping and momentum, and learning rates by variable.

    Args:
        gradient_factors: path of a variable -> factor on its gradient; 1 for the others.
        rate_factors: path of a variable -> factor on its learning rate; 1 for the others.
        **kwargs: arguments of the Keras optimizer.
    """

    def __init__(
        self,
        *args: Any,
        gradient_factors: Mapping[str, float] | None = None,
        rate_factors: Mapping[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.gradient_factors = dict(gradient_factors or {})
        self.rate_factors = dict(rate_factors or {})

    def build(self, variables: Sequence[Any]) -> None:
        """Makes the slots of `variables`."""
        super().build(variables)  # type: ignore[misc]
        self._built_paths = [variable.path for variable in variables]

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> None:
        """Moves variables by their gradients; those the optimizer was built for if none are given."""
        variables = list(trainable_variables or self._trainable_variables)  # type: ignore[attr-defined]
        factors = [self.gradient_factors.get(variable.path, 1.0) for variable in variables]
        grads = [
            grad if grad is None or factor == 1 else grad * factor for grad, factor in zip(grads, factors, strict=True)
        ]
        super().apply(grads, trainable_variables)  # type: ignore[misc]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Moves one variable."""
        path = self._built_paths[self._get_variable_index(variable)]  # type: ignore[attr-defined]
        rate = ops.cast(learning_rate, variable.dtype) * self.rate_factors.get(path, 1.0)
        super().update_step(gradient, variable, rate)  # type: ignore[misc]

    def get_config(self) -> dict[str, Any]:
        """What the optimizer is made again from."""
        factors = {"gradient_factors": self.gradient_factors, "rate_factors": self.rate_factors}
        return {**super().get_config(), **factors}  # type: ignore[misc]


class _OfficialSGD(keras.optimizers.SGD):
    """a = momentum * a + gradient; w -= rate * a. In Keras' own the accumulator keeps the rates of earlier steps."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        moved = ops.cast(gradient, variable.dtype)
        if self.momentum:
            accumulator = self.momentums[self._get_variable_index(variable)]
            moved = accumulator * self.momentum + moved
            self.assign(accumulator, moved)
        self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * moved)


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Momentum(_ByVariable, _OfficialSGD):
    """a = momentum * a + gradient; w -= rate * a; with factors by variable."""


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Adam(_ByVariable, keras.optimizers.Adam):
    """Adam (Kingma & Ba 2015, the form at the end of section 2), with factors by variable."""


class _DecayedAdam(keras.optimizers.AdamW):
    """The decay follows the rate of each variable. In Keras' own it follows that of all."""

    def _apply_weight_decay(self, variables: Sequence[Any]) -> None:
        return

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if self._use_weight_decay(variable):
            self.assign_sub(variable, ops.cast(learning_rate, variable.dtype) * self.weight_decay * variable)
        super().update_step(gradient, variable, learning_rate)


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class AdamW(_ByVariable, _DecayedAdam):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019), with factors by variable."""


def make_optimizer(config: RunConfig, model: DeepLab) -> keras.optimizers.Optimizer:
    """The optimizer that a configuration asks for.

    Biases have twice the gradient and the last layers `last_layer_gradient_multiplier` times theirs, L2 included, as in
    official DeepLab. Clipping, if any, sees these gradients.

    Args:
        config: settings of the run.
        model: the network; adamw takes its L2 penalty over, as decay of the same kernels.
    """
    settings = config.optimizer
    shared: dict[str, Any] = {
        "learning_rate": learning_rate(settings),
        "gradient_factors": gradient_factors(config, model),
        "rate_factors": rate_factors(settings, model),
        "global_clipnorm": settings.clip_gradient_norm,
        "use_ema": settings.ema_decay is not None,
        "ema_momentum": settings.ema_decay or 0.99,
    }
    if settings.optimizer == "momentum":
        return Momentum(momentum=settings.momentum, **shared)
    if settings.optimizer == "adam":
        return Adam(epsilon=settings.adam_epsilon, **_ADAM_DECAYS, **shared)
    optimizer = AdamW(epsilon=settings.adam_epsilon, weight_decay=config.model.weight_decay, **_ADAM_DECAYS, **shared)
    optimizer.exclude_from_weight_decay([weight for weight in model.weights if weight.regularizer is None])
    for weight in model.weights:
        weight.regularizer = None
    return optimizer


def gradient_factors(config: RunConfig, model: DeepLab) -> dict[str, float]:
    """The factors on gradients that are not 1, by the path of their variables."""
    parts = _LOGITS if config.run.last_layers_contain_logits_only else _LAST_LAYERS
    multiplier = config.optimizer.last_layer_gradient_multiplier
    factors = {}
    for variable in model.trainable_variables:
        name = official_name(variable.path, model.config.model_variant)
        factor = multiplier if any(part in name for part in parts) else 1.0
        factors[variable.path] = factor * _BIAS_FACTOR if "biases" in name else factor
    return {path: factor for path, factor in factors.items() if factor != 1}


def rate_factors(config: OptimizerConfig, model: DeepLab) -> dict[str, float]:
    """The factors on learning rates that are not 1, by path: those of all that is not backbone."""
    if config.head_learning_rate is None:
        return {}
    factor = config.head_learning_rate / starting_rate(config)
    backbone = {variable.path for variable in model.backbone.trainable_variables}
    return {variable.path: factor for variable in model.trainable_variables if variable.path not in backbone}
