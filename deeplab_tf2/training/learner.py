"""A network that takes training steps as official DeepLab does, on one device or many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf
from keras import ops

from deeplab_tf2.config import ModelConfig
from deeplab_tf2.layers.resize import resize_bilinear, resize_nearest
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.training.at_steps import steps_taken

_SUM = tf.distribute.ReduceOp.SUM


class Learner(DeepLab):
    """A `DeepLab` whose `fit` minimises the official objective.

    The objective is the loss of the logits of every input scale and of their merger, each summed over all pixels of the
    batch on all devices and divided by how many count there, plus the L2 penalty. Its files are those of a `DeepLab`.

    Args:
        config: the network's settings.
        upsample_logits: whether logits are brought to the size of the labels, or labels to that of the logits.
        parts: number of parts that a batch is computed in, one after the other.

    Attributes:
        input_seconds: seconds that steps have waited for their batches.
    """

    def __init__(self, config: ModelConfig, *, upsample_logits: bool = True, parts: int = 1, **kwargs: Any) -> None:
        super().__init__(config, **kwargs)
        self.upsample_logits = upsample_logits
        self.parts = parts
        self.input_seconds = 0.0
        self.train_function: Callable[[Iterator[Any]], dict[str, tf.Tensor]] | None = None

    def train_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Moves the weights by one batch.

        Args:
            data: images float32 [batch, height, width, channels] and labels int32 [batch, height, width], the share of
                this device.

        Returns:
            This device's share of the total "loss" and of the "gradient_norm" before any clipping, float32 [].
        """
        clones = tf.distribute.get_strategy().num_replicas_in_sync
        loss, gradients = self._in_parts(*data) if self.parts > 1 else self._at_once(*data)
        gradients = self._joined(gradients)
        norm = tf.linalg.global_norm([gradient for gradient in gradients if gradient is not None])
        norm = norm / self._scale() / clones
        step = self.optimizer.iterations + 1
        self.optimizer.apply(gradients, self.trainable_variables)
        # Loss scaling leaves out what overflows, and does not count it; but its batch is gone.
        self.optimizer.iterations.assign(step)
        return {"loss": loss, "gradient_norm": norm}

    def _joined(self, gradients: list[tf.Tensor | None]) -> list[tf.Tensor | None]:
        """Gradients summed over all devices: what acts on the norm of them all needs the sums."""
        known = [gradient for gradient in gradients if gradient is not None]
        sums = iter(tf.distribute.get_replica_context().all_reduce(_SUM, known))
        return [None if gradient is None else next(sums) for gradient in gradients]

    def compile(self, optimizer: Any, *args: Any, **kwargs: Any) -> None:
        """As of every Keras model; the optimizer gets gradients that are sums over all devices already."""
        super().compile(optimizer, *args, **kwargs)
        # Keras sums after clipping, which is too late, and a second sum would multiply them.
        inner: Any = getattr(self.optimizer, "inner_optimizer", self.optimizer)
        inner._all_reduce_sum_gradients = lambda pairs: pairs

    def _at_once(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor | None]]:
        """The loss and its gradient, multiplied by the scale that half precision asks for."""
        with tf.GradientTape() as tape:
            total, count = self._sums(images, labels)
            penalty = self._penalty()
        divisor, scale = _divisor(count), self._scale()
        gradients = tape.gradient([total, penalty], self.trainable_variables, [scale / divisor, scale])
        return total / divisor + penalty, gradients

    def _in_parts(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor | None]]:
        """As `_at_once`, with the memory that one part needs."""
        variables, scale = self.trainable_variables, self._scale()
        images, labels = (tf.reshape(x, [self.parts, -1, *x.shape[1:]]) for x in (images, labels))
        # A sum over all pixels would overflow in half precision.
        small = scale / tf.cast(tf.size(labels), scale.dtype)

        def part(index: tf.Tensor, total: tf.Tensor, count: tf.Tensor, *sums: tf.Tensor) -> tuple[tf.Tensor, ...]:
            with tf.GradientTape() as tape:
                more, counted = self._sums(images[index], labels[index])
            gradients = tape.gradient(more, variables, small, unconnected_gradients="zero")
            added = [before + gradient for before, gradient in zip(sums, gradients, strict=True)]
            return index + 1, total + more, count + counted, *added

        zeros = [tf.zeros(variable.shape, variable.dtype) for variable in variables]
        start = (tf.constant(0), tf.zeros_like(scale), tf.zeros_like(scale), *zeros)
        _, total, count, *sums = self._repeated(part, start)
        divisor = _divisor(count)
        with tf.GradientTape() as tape:
            penalty = self._penalty()
        decays = tape.gradient(penalty, variables, scale)
        gradients = [
            value * (scale / small / divisor) + (0.0 if decay is None else decay)
            for value, decay in zip(sums, decays, strict=True)
        ]
        return total / divisor + penalty, gradients

    def _repeated(self, part: Callable[..., tuple[tf.Tensor, ...]], state: tuple[Any, ...]) -> tuple[tf.Tensor, ...]:
        """What comes of `parts` calls, one after the other."""
        if tf.distribute.get_strategy().num_replicas_in_sync == 1:
            return tf.while_loop(lambda index, *_: index < self.parts, part, state)
        # Devices cannot wait for each other within a loop of the graph, as synchronised batch norm has to.
        for _ in range(self.parts):
            with tf.control_dependencies(state):
                state = part(*state)
        return state

    def _sums(self, images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Numerator, over all input scales and their merger, and divisor of the loss."""
        features = self.endpoints(images, training=True)
        total: Any = 0.0
        for name in features:
            if name == "logits" or name.startswith("logits_"):
                more, count = self.loss.sums(*self._paired(labels, features[name]), self.optimizer.iterations)
                total = total + more
        return total, count

    def _paired(self, labels: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Labels and logits of one size."""
        logits = ops.cast(logits, self.whole_precision)
        if self.upsample_logits:
            return labels, resize_bilinear(logits, (labels.shape[1], labels.shape[2]))
        return resize_nearest(labels, (logits.shape[1], logits.shape[2])), logits

    def _scale(self) -> tf.Tensor:
        """What half precision multiplies the objective by."""
        return self.optimizer.scale_loss(tf.ones([], self.whole_precision))

    def _penalty(self) -> tf.Tensor:
        """This device's share of the L2 penalty."""
        return (
            tf.add_n(self.losses or [tf.zeros([], self.whole_precision)])
            / tf.distribute.get_strategy().num_replicas_in_sync
        )

    def make_train_function(self, force: bool = False) -> Callable[[Iterator[Any]], dict[str, tf.Tensor]]:
        """The function by which `fit` takes `steps_per_execution` steps; it gives their mean logs."""
        if self.train_function is not None and not force:
            return self.train_function
        strategy = self.distribute_strategy
        take: Any = self.train_step
        if strategy.num_replicas_in_sync == 1:
            # XLA cannot compile what draws a batch, and a step that is rewritten with its loop rounds otherwise.
            apart = {"experimental_attributes": {"_noinline": True}}
            take = tf.function(take, autograph=False, jit_compile=self.jit_compile or None, **apart)

        def step(data: Any) -> dict[str, tf.Tensor]:
            logs = strategy.run(take, (data,))
            return {name: strategy.reduce(_SUM, value, axis=None) for name, value in logs.items()}

        def steps(iterator: Iterator[Any], count: tf.Tensor) -> dict[str, tf.Tensor]:
            def one_more(taken: tf.Tensor, sums: dict[str, tf.Tensor]) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
                logs = step(next(iterator))
                return taken + 1, {name: sums[name] + logs[name] for name in sums}

            zeros = {name: tf.zeros([], self.whole_precision) for name in ("loss", "gradient_norm")}
            _, sums = tf.while_loop(lambda taken, _: taken < count, one_more, (tf.constant(0), zeros))
            return {name: value / tf.cast(count, value.dtype) for name, value in sums.items()}

        self.train_function = self._timed(*(tf.function(function, autograph=False) for function in (step, steps)))
        return self.train_function

    def _timed(self, step: Any, steps: Any) -> Callable[[Iterator[Any]], dict[str, tf.Tensor]]:
        def function(iterator: Iterator[Any]) -> dict[str, tf.Tensor]:
            if self.steps_per_execution > 1:
                left = (self.total_steps or 0) - steps_taken(self)
                # Beyond the end there is a measurement that goes on.
                count = min(self.steps_per_execution, left) if left > 0 else self.steps_per_execution
                return steps(iterator, tf.constant(count))
            start = time.perf_counter()
            data = next(iterator)
            self.input_seconds += time.perf_counter() - start
            return step(data)

        return function

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        # All is built. Keras would draw a batch for it, and cannot join those of several machines.
        return


def _divisor(count: tf.Tensor) -> tf.Tensor:
    """How many pixels count in the batch of all devices, at least 1."""
    return tf.maximum(tf.distribute.get_replica_context().all_reduce(_SUM, count), 1.0)
