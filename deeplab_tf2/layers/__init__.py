"""Keras layers of the DeepLab series; they run on every Keras backend."""

from deeplab_tf2.layers.aspp import ASPP
from deeplab_tf2.layers.batch_norm import BatchNormalization
from deeplab_tf2.layers.conv import ConvBatchNorm, DepthwiseConvBatchNorm
from deeplab_tf2.layers.decoder import Decoder
from deeplab_tf2.layers.dense_prediction_cell import DensePredictionCell
from deeplab_tf2.layers.image_pooling import ImagePooling
from deeplab_tf2.layers.logits import Logits
from deeplab_tf2.layers.resize import resize_bilinear, resize_nearest, scale_dimension
from deeplab_tf2.layers.separable_conv import SeparableConv2D
from deeplab_tf2.layers.window_mean import window_mean

__all__ = [
    "ASPP",
    "BatchNormalization",
    "ConvBatchNorm",
    "Decoder",
    "DensePredictionCell",
    "DepthwiseConvBatchNorm",
    "ImagePooling",
    "Logits",
    "SeparableConv2D",
    "resize_bilinear",
    "resize_nearest",
    "scale_dimension",
    "window_mean",
]
