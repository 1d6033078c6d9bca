"""Networks that come with weights."""

from __future__ import annotations

import logging
from typing import Any

from deeplab_tf2.checkpoints import zoo
from deeplab_tf2.checkpoints.download import download
from deeplab_tf2.checkpoints.importer import import_checkpoint
from deeplab_tf2.checkpoints.tf1 import check_tensorflow
from deeplab_tf2.models.deeplab import DeepLab


def from_pretrained(name: str, **overrides: Any) -> DeepLab:
    """A network of the model zoo with its weights, downloaded when they are not on this machine yet.

    Example: `from_pretrained("mobilenetv2_coco_voc_trainaug", output_stride=8)`.

    Args:
        name: its name, with or without `zoo:`.
        **overrides: fields of `ModelConfig` that differ from the published settings. With another `num_classes` the
            last layer keeps its random weights.

    Raises:
        InputError: there is none of that name, it cannot be reached, or its weights do not fit the overrides.
    """
    check_tensorflow()
    model = DeepLab(zoo.find(name).model_config.replace(**overrides))
    logging.getLogger(__name__).info(import_checkpoint(model, download(name)))
    return model
