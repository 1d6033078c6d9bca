"""From our variable paths to official names."""

import pytest
import tf1_files
import toys

from deeplab_tf2.checkpoints.names import official_name


@pytest.mark.parametrize(
    ("variant", "path", "name"),
    [
        ("xception_65", "xception_65/entry_flow__conv1_1/conv/kernel", "xception_65/entry_flow/conv1_1/weights"),
        (
            "xception_65",
            "xception_65/middle_flow__block1__unit_3__xception_module/separable_conv2/depthwise/conv/kernel",
            "xception_65/middle_flow/block1/unit_3/xception_module/separable_conv2_depthwise/depthwise_weights",
        ),
        (
            "xception_65",
            "xception_65/middle_flow__block1__unit_3__xception_module/separable_conv2/pointwise/batch_norm/gamma",
            "xception_65/middle_flow/block1/unit_3/xception_module/separable_conv2_pointwise/BatchNorm/gamma",
        ),
        (
            "mobilenet_v2",
            "mobilenet_v2/expanded_conv_7/depthwise/conv/kernel",
            "MobilenetV2/expanded_conv_7/depthwise/depthwise_weights",
        ),
        ("mobilenet_v2", "aspp/image_pooling/conv/conv/kernel", "image_pooling/weights"),
        ("mobilenet_v2", "aspp/image_pooling/conv/bias", "image_pooling/biases"),
        ("mobilenet_v2", "aspp/aspp2/pointwise/conv/kernel", "aspp2_pointwise/weights"),
        ("mobilenet_v2", "aspp/aspp2/conv/kernel", "aspp2/weights"),
        (
            "xception_71",
            "meta_architecture/branch3/depthwise/conv/kernel",
            "meta_architecture/branch3_depthwise/depthwise_weights",
        ),
        (
            "xception_71",
            "meta_architecture/concat_projection/batch_norm/beta",
            "meta_architecture/concat_projection/BatchNorm/beta",
        ),
        (
            "mobilenet_v2",
            "decoder/decoder_conv0__decoder_conv0_2/batch_norm/moving_variance",
            "decoder/decoder_conv0/decoder_conv0_2/BatchNorm/moving_variance",
        ),
        ("mobilenet_v2", "decoder/feature_projection0_1/bias", "decoder/feature_projection0_1/biases"),
        ("mobilenet_v2", "logits/semantic/kernel", "logits/semantic/weights"),
    ],
)
def test_a_path_gives_the_official_name(variant, path, name):
    assert official_name(f"deeplab/{path}", variant) == name


def test_no_two_variables_of_a_network_share_a_name():
    model = toys.tiny_model()
    assert len(tf1_files.variables_of(model)) == len(model.weights)


def test_the_names_of_a_released_network(shared):
    """MobileNetV2 with image pooling, as its checkpoint on PASCAL VOC has them."""
    import numpy as np

    from deeplab_tf2 import DeepLab, ModelConfig

    archive = np.load(shared / "weights" / "deeplabv3_mnv2_dm05_voc" / "tf1_variables.npz")
    model = DeepLab(ModelConfig(depth_multiplier=0.5, atrous_rates=(), decoder_output_stride=()))
    shapes = {name: array.shape for name, array in tf1_files.variables_of(model).items()}
    assert shapes == {name: archive[name].shape for name in archive.files}
