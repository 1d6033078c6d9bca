"""Keras layers of the DeepLab series; they run on every Keras backend."""

from deeplab_tf2.layers.aspp import ASPP
from deeplab_tf2.layers.batch_norm import BatchNormalization
from deeplab_tf2.layers.conv import ConvBatchNorm, DepthwiseConvBatchNorm
from deeplab_tf2.layers.decoder import Decoder
from deeplab_tf2.layers.image_pooling import ImagePooling
from deeplab_tf2.layers.resize import resize_bilinear, scale_dimension
from deeplab_tf2.layers.separable_conv import SeparableConv2D

__all__ = [
    "ASPP",
    "BatchNormalization",
    "ConvBatchNorm",
    "Decoder",
    "DepthwiseConvBatchNorm",
    "ImagePooling",
    "SeparableConv2D",
    "resize_bilinear",
    "scale_dimension",
]
