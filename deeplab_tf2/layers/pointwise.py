"""1x1 convolutions that train faster on the CPU."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Conv2D(keras.layers.Conv2D):
    """The stock layer; trained on the CPU, a 1x1 kernel without bias gets its gradient by a matrix product.

    TensorFlow's own operation for that gradient takes about twice as long, and it is near a third of the work of a
    training step of separable convolutions.

    Args: as those of `keras.layers.Conv2D`.
    """

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        plain = self.kernel_size == self.strides == (1, 1) and self.groups == 1 and not self.use_bias
        # Only in training: what is exported is the stock operation.
        if training and plain and _is_float32_on_cpu(inputs):
            return self.activation(_convolved(inputs, self.kernel))
        return super().call(inputs)


def _is_float32_on_cpu(inputs: Any) -> bool:
    if keras.backend.backend() != "tensorflow" or keras.backend.standardize_dtype(inputs.dtype) != "float32":
        return False
    import tensorflow as tf

    return tf.is_tensor(inputs) and not tf.config.list_logical_devices("GPU")


def _convolved(inputs: Any, kernel: Any) -> Any:
    import tensorflow as tf

    @tf.custom_gradient
    def convolution(images: Any, weights: Any) -> Any:
        def gradient(upstream: Any) -> tuple[Any, Any]:
            pixels, errors = (tf.reshape(values, [-1, values.shape[-1]]) for values in (images, upstream))
            to_images = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(images), filter=weights, out_backprop=upstream, strides=[1] * 4, padding="VALID"
            )
            return to_images, tf.reshape(tf.matmul(pixels, errors, transpose_a=True), weights.shape)

        return tf.nn.conv2d(images, weights, 1, "VALID"), gradient

    # Keras gives the variable, which a custom gradient does not take.
    return convolution(inputs, tf.convert_to_tensor(kernel))
