"""Backbones and the DeepLab network; they run on every Keras backend."""

from deeplab_tf2.models.deeplab import DeepLab

__all__ = ["DeepLab"]
