"""DeepLabv3+ and its series on TensorFlow 2 and Keras 3.

Names load when they are first used, so that `import deeplab_tf2.layers` needs no TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "InputError": "config",
    "ModelConfig": "config",
    "DeepLab": "models.deeplab",
    "endpoints": "models.prediction",
    "predict_probabilities": "models.prediction",
    "import_checkpoint": "checkpoints.importer",
    "from_pretrained": "checkpoints.pretrained",
    "SegmentationLoss": "training.losses",
    "MeanIoU": "training.metrics",
    "WarmupPoly": "training.schedules",
    "segment": "inference.predict",
    "CrfConfig": "config",
    "dense_crf": "inference.dense_crf",
    "load": "inference.loading",
    "export_saved_model": "serving.saved_model",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
