"""Official TF1 weights into a network, by name; what does not fit is told before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deeplab_tf2.checkpoints.explain import mismatch
from deeplab_tf2.checkpoints.infer import Shapes, num_classes
from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.checkpoints.stem import with_stem
from deeplab_tf2.checkpoints.tf1 import open_tf1
from deeplab_tf2.checkpoints.variables import LEAVES, Variables
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.models.deeplab import DeepLab

_ASPP = re.compile(r"(image_pooling|aspp\d\w*|concat_projection|meta_architecture)/")
# Heads of classification networks, and the 1x1 convolution before that of MobileNetV2.
_CLASSIFIER = re.compile(
    r"[^/]+/((aux_?)?logits|AuxLogits|Logits|predictions|aux_\d+|final_layer)/|MobilenetV2/Conv_1/"
)
_OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


def import_checkpoint(model: DeepLab, path: str, fresh: Sequence[str] = (), *, grow: bool = False) -> str:
    """Fills `model` with the weights of a TF1 checkpoint or of a frozen graph.

    Optimizer slots, averages, step counters and classification heads are passed over. A checkpoint of a bare backbone
    fills the backbone; of one with another number of classes, the layers that depend on it are not taken. Weights for
    RGB fill a network for other channels too, see `stem.with_stem`.

    Args:
        model: the network; its other weights stay as they are.
        path: see `open_tf1`.
        fresh: parts that keep their own weights: "aspp", "decoder", "logits".
        grow: whether a decoder may be new, with the logits after it, where the checkpoint has none: to be trained.

    Returns:
        One line that says what was loaded and what was not.

    Raises:
        InputError: there is nothing to load, or it does not fit; the network is then unchanged.
    """
    with open_tf1(path) as variables:
        return fill(model, variables, fresh, grow=grow)


def fill(model: DeepLab, variables: Variables, fresh: Sequence[str] = (), *, grow: bool = False) -> str:
    """Fills `model` with variables that are open already; see `import_checkpoint`."""
    targets = {official_name(weight.path, model.config.model_variant): weight for weight in model.weights}
    wanted = {name: tuple(weight.shape) for name, weight in targets.items()}
    variables, note = with_stem(model, variables)
    found = network_shapes(variables)
    kept, reason = _kept(model.config, wanted, found, fresh, grow)
    wanted = {name: shape for name, shape in wanted.items() if part_of(name) not in kept}
    found = {name: shape for name, shape in found.items() if part_of(name) not in kept}
    if wanted != found:
        raise InputError(mismatch(variables.where, wanted, found))
    for name in wanted:
        # A damaged source must not leave a network that is half filled.
        variables[name]
    for name in wanted:
        targets[name].assign(variables[name])
    return f"weights from {variables.where}" + (f"; fresh: {', '.join(kept)}{reason}" if kept else "") + note


def network_shapes(variables: Variables) -> dict[str, tuple[int, ...]]:
    """The shapes of what belongs to a segmentation network.

    Raises:
        InputError: it is no TF1 checkpoint.
    """
    if _OBJECT_GRAPH in variables.shapes:
        raise InputError(
            f"{variables.where} is a checkpoint of tf.train.Checkpoint, whose names are not those of TF1: give a TF1 "
            "checkpoint, a frozen graph, a run or a .weights.h5 file"
        )
    return {
        name: shape
        for name, shape in variables.shapes.items()
        if name.rpartition("/")[2] in LEAVES and not _CLASSIFIER.match(name)
    }


def part_of(name: str) -> str:
    """The part of a network that an official variable belongs to: "backbone", "aspp", "decoder" or "logits"."""
    top = name.split("/")[0]
    if top in ("decoder", "logits"):
        return top
    return "aspp" if _ASPP.match(name) else "backbone"


def _kept(
    config: ModelConfig, wanted: Shapes, found: Shapes, fresh: Sequence[str], grow: bool
) -> tuple[list[str], str]:
    """The parts that keep their weights, and the reason where it is not the caller's wish."""
    own, theirs = ({part_of(name) for name in shapes} for shapes in (wanted, found))
    kept = list(fresh)
    absent = [part for part in ("aspp", "decoder", "logits") if part in own - theirs and part not in kept]
    if theirs == {"backbone"}:
        return kept + absent, " (the checkpoint is a backbone)"
    if grow and absent and absent[0] == "decoder":
        # Logits see other features behind a decoder.
        return [
            *kept,
            *(part for part in ("decoder", "logits") if part not in kept),
        ], " (the checkpoint has no decoder)"
    if absent == ["logits"]:
        return [*kept, "logits"], " (the checkpoint has none)"
    last = "decoder" if config.decoder_output_is_logits else "logits"
    if last not in kept and _classes_alone_differ(config, wanted, found, last):
        return [*kept, last], f" ({num_classes(found)} classes there, {config.num_classes} here)"
    return kept, ""


def _classes_alone_differ(config: ModelConfig, wanted: Shapes, found: Shapes, part: str) -> bool:
    """Whether the number of classes is all that keeps a part's variables from fitting."""
    classes = num_classes(found)
    own, theirs = (
        {name: shape for name, shape in shapes.items() if part_of(name) == part} for shapes in (wanted, found)
    )
    if classes in (None, config.num_classes) or own.keys() != theirs.keys():
        return False
    return all(
        len(own[name]) == len(theirs[name])
        and all((a, b) == (config.num_classes, classes) or a == b for a, b in zip(own[name], theirs[name], strict=True))
        for name in own
    )
