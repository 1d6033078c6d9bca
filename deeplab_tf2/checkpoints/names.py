"""From the path of one of our variables to its name in an official TF1 checkpoint."""

from __future__ import annotations

from deeplab_tf2.models.backbones import backbone

_LEAVES = {
    "bias": "biases",
    "depthwise_kernel": "depthwise_weights",
    "pointwise_kernel": "pointwise_weights",
}


def official_name(path: str, model_variant: str) -> str:
    """The official checkpoint's name of a variable.

    Layers are named so that a few rules suffice: `__` in a name stands for `/`, the parts of a separable
    convolution continue its name, and containers that only we have (`conv`, `aspp`) disappear.

    Example: `deeplab/xception_65/entry_flow__conv1_1/conv/kernel` is `xception_65/entry_flow/conv1_1/weights`.

    Args:
        path: `path` of the variable of a `DeepLab`.
        model_variant: the network's backbone.
    """
    top, *rest = path.split("/")[1:]
    if top == model_variant:
        rest = [backbone(model_variant).scope, *rest]
    elif top != "aspp":
        rest = [top, *rest]
    *scopes, leaf = (element for element in rest if element != "conv")
    joined: list[str] = []
    for scope in scopes:
        if scope in ("depthwise", "pointwise") and not joined[-1].startswith("expanded_conv"):
            joined[-1] += f"_{scope}"
        else:
            joined.append("BatchNorm" if scope == "batch_norm" else scope.replace("__", "/"))
    if leaf == "kernel":
        leaf = "depthwise_weights" if joined[-1].endswith("depthwise") else "weights"
    return "/".join([*joined, _LEAVES.get(leaf, leaf)])
