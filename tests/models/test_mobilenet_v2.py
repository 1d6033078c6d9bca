"""MobileNetV2 by its own name."""

import numpy as np

from deeplab_tf2.models.mobilenet import MobileNet
from deeplab_tf2.models.mobilenet_v2 import MobileNetV2


def test_is_the_network_of_the_family():
    x = np.random.default_rng(0).normal(size=(1, 33, 33, 3)).astype(np.float32)
    named, of_family = MobileNetV2(0.35, output_stride=8), MobileNet("mobilenet_v2", 0.35, output_stride=8)
    named(x), of_family(x)
    named.set_weights(of_family.get_weights())
    np.testing.assert_array_equal(named(x)["backbone"], of_family(x)["backbone"])
