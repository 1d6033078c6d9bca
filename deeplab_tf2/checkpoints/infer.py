"""What the names and shapes of a checkpoint's variables tell of its network."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from deeplab_tf2.models.mobilenet_rows import DIVISOR, widths
from deeplab_tf2.models.mobilenet_rows import VARIANTS as MOBILENETS

Shapes = Mapping[str, tuple[int, ...]]

_CELL_OUTPUTS = 5
# Those that are published come first.
_MULTIPLIERS = (1.0, 0.5, 0.75, 0.35, 1.4, 1.3, *(step / 20 for step in range(1, 41)))
_HEAD = re.compile(r"(aspp0|concat_projection|meta_architecture|decoder|logits)/")


@dataclasses.dataclass(frozen=True)
class Trace:
    """How a backbone is recognised.

    Attributes:
        variant: `model_variant`.
        mark: a variable that it has, and none of those listed after it that share its scope.
        taps: stride -> a variable, and how many times as wide the feature is that a decoder takes at that stride.
    """

    variant: str
    mark: str
    taps: Mapping[int, tuple[str, int]]


def _mobilenet(variant: str, mark: str, blocks: tuple[int, ...]) -> Trace:
    scope = mark.split("/")[0]
    names = [f"{scope}/expanded_conv{f'_{block}' if block else ''}/depthwise/BatchNorm/beta" for block in blocks]
    taps = {stride: (name, 1) for stride, name in zip((4, 8, 16), names, strict=False)}
    return Trace(variant, mark, taps)


def _xception(layers: int, blocks: tuple[str, str, str]) -> Trace:
    scope = f"xception_{layers}"
    end = "unit_1/xception_module/separable_conv2_pointwise/BatchNorm/beta"
    taps = {stride: (f"{scope}/{block}/{end}", 1) for stride, block in zip((4, 8, 16), blocks, strict=True)}
    return Trace(scope, f"{scope}/entry_flow/conv1_1/weights", taps)


def _resnet(layers: int, root: str, suffix: str, units: tuple[int, int, int], end: str) -> Trace:
    scope = f"resnet_v1_{layers}"
    taps = {4 * 2**i: (f"{scope}/block{i + 1}/unit_{unit}/{end}/BatchNorm/beta", 1) for i, unit in enumerate(units)}
    return Trace(f"{scope}{suffix}", f"{scope}/{root}/weights", taps)


def _nas(variant: str, cells: Mapping[int, int], stem: Mapping[int, tuple[str, int]]) -> Trace:
    scope = variant.removeprefix("nas_")
    taps = {stride: (f"{scope}/cell_{cell}/beginning_bn/beta", _CELL_OUTPUTS) for stride, cell in cells.items()}
    return Trace(variant, f"{scope}/conv0/weights", {**taps, **stem})


_ENTRY = ("entry_flow/block2", "entry_flow/block3", "exit_flow/block1")
_ENTRY_71 = ("entry_flow/block3", "entry_flow/block5", "exit_flow/block1")
TRACES = (
    _mobilenet("mobilenet_v2", "MobilenetV2/Conv/weights", (2, 5, 12)),
    _mobilenet("mobilenet_v3_large_seg", "MobilenetV3/expanded_conv_11/project/weights", (2, 5, 11)),
    _mobilenet("mobilenet_v3_small_seg", "MobilenetV3/Conv/weights", (0, 2, 7)),
    _mobilenet("mobilenet_edgetpu", "MobilenetEdgeTPU/Conv/weights", ()),
    _xception(41, _ENTRY),
    _xception(65, _ENTRY),
    _xception(71, _ENTRY_71),
    *(
        _resnet(layers, root, suffix, units, end)
        for layers, units, end in (
            (18, (1, 1, 1), "lite_bottleneck_v1/conv2"),
            (50, (2, 3, 5), "bottleneck_v1/conv3"),
            (101, (2, 3, 22), "bottleneck_v1/conv3"),
        )
        for root, suffix in (("conv1_1", "_beta"), ("conv1", ""))
    ),
    _nas("nas_pnasnet", {8: 3, 16: 7}, stem={4: ("pnasnet/conv2_bn/beta", 1)}),
    _nas("nas_hnasnet", {4: 2, 8: 5, 16: 7}, stem={}),
)


def recognise(shapes: Shapes) -> Trace | None:
    """The backbone whose variables are among `shapes`, if it is one of ours."""
    return next((trace for trace in TRACES if trace.mark in shapes), None)


def infer_settings(shapes: Shapes) -> dict[str, Any]:
    """The fields of `ModelConfig` that a checkpoint's variables tell.

    Atrous rates, multi-grid, output stride and the rates of a dense prediction cell leave no trace; three ASPP
    branches are taken for the rates that belong to the output stride.

    Args:
        shapes: shape of each variable by its TF1 name.
    """
    trace = recognise(shapes)
    settings = {} if trace is None else {"model_variant": trace.variant, **_width(shapes, trace)}
    if "aspp0/weights" in shapes:
        settings |= {"aspp_with_batch_norm": True, **_aspp(shapes)}
    elif "logits/semantic/weights" in shapes and not any(name.startswith("meta_architecture/") for name in shapes):
        settings |= {"aspp_with_batch_norm": False, "logits_kernel_size": shapes["logits/semantic/weights"][0]}
        settings |= {} if "logits/semantic_1/weights" in shapes else {"atrous_rates": ()}
    if num_classes(shapes) is not None:
        settings["num_classes"] = num_classes(shapes)
    return settings | _decoder(shapes, trace) if any(map(_HEAD.match, shapes)) else settings


def num_classes(shapes: Shapes) -> int | None:
    """The number of classes that a checkpoint's last layer has, if it has one."""
    if "logits/semantic/biases" in shapes:
        return shapes["logits/semantic/biases"][0]
    # Without logits the decoder's convolutions answer; the projection before two of them has its own width.
    ends = [shape[0] for name, shape in shapes.items() if re.match(r"decoder/decoder_conv0.*/biases$", name)]
    return ends[0] if ends else None


def atrous_branches(shapes: Shapes) -> int:
    """How many atrous branches the ASPP of a checkpoint has."""
    return len({match[0] for name in shapes if (match := re.match(r"aspp[1-9]\d*", name))})


def _width(shapes: Shapes, trace: Trace) -> dict[str, Any]:
    if trace.variant.startswith("nas_"):
        scope = trace.variant.removeprefix("nas_")
        # The first cell of pnasnet is a level down, where filters double.
        filters = shapes.get(f"{scope}/cell_0/beginning_bn/beta", (0,))[0] // (2 if scope == "pnasnet" else 1)
        head = f"{scope}/classification_head_conv/weights" in shapes
        return {"nas_stem_output_num_conv_filters": filters, "nas_use_classification_head": head}
    return _multiplier(shapes, trace.variant) if trace.variant in MOBILENETS else {}


def _multiplier(shapes: Shapes, variant: str) -> dict[str, Any]:
    """The first multiplier that gives a checkpoint's widths; others that do give the same network."""
    part = re.compile(r"Mobilenet\w+/(Conv|expanded_conv(_\d+)?/project)/BatchNorm/beta")
    found = sorted(shape[0] for name, shape in shapes.items() if part.fullmatch(name))
    for divisor in (None, DIVISOR):
        for multiplier in _MULTIPLIERS:
            made = widths(variant, multiplier, divisor)[: len(found)]
            if found and sorted(made) == found:
                return {"depth_multiplier": multiplier, "divisible_by": divisor if multiplier != 1 else None}
    return {}


def _aspp(shapes: Shapes) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "aspp_convs_filters": shapes["aspp0/weights"][-1],
        "add_image_level_feature": "image_pooling/weights" in shapes,
        "aspp_with_squeeze_and_excitation": "image_pooling/biases" in shapes,
        "aspp_with_concat_projection": "concat_projection/weights" in shapes,
    }
    if atrous_branches(shapes) == 0:
        return {**settings, "atrous_rates": ()}
    return {**settings, "aspp_with_separable_conv": "aspp1_depthwise/depthwise_weights" in shapes}


def _decoder(shapes: Shapes, trace: Trace | None) -> dict[str, Any]:
    name = "decoder/feature_projection0{}/weights"
    stages = [shapes[name.format(end)] for end in ("", "_1", "_2") if name.format(end) in shapes]
    if not stages:
        return {"decoder_output_stride": ()}
    separable = any(re.match(r"decoder/decoder_\w+_depthwise/", name) for name in shapes)
    added = "decoder/decoder_conv0/weights" in shapes or "decoder/decoder_split_sep_conv0_pointwise/weights" in shapes
    merged = re.compile(r"decoder/(decoder_(split_sep_)?conv0(_pointwise)?|decoder_conv0/decoder_conv0_1)/weights")
    settings: dict[str, Any] = {
        "decoder_filters": next(shape[-1] for name, shape in shapes.items() if merged.fullmatch(name)),
        "decoder_use_sum_merge": added,
        "decoder_output_is_logits": "decoder/feature_projection0/biases" in shapes,
    }
    if not settings["decoder_output_is_logits"]:
        settings["decoder_use_separable_conv"] = separable
    taps = {} if trace is None else trace.taps
    widths = {shapes[name][0] * times: stride for stride, (name, times) in taps.items() if name in shapes}
    strides = tuple(widths.get(shape[-2], 0) for shape in stages)
    return settings if 0 in strides else {**settings, "decoder_output_stride": strides}
