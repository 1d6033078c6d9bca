"""Why a checkpoint does not fit a network, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deeplab_tf2.checkpoints.infer import Shapes, atrous_branches, infer_settings

_ROWS = 12
_CELL = "meta_architecture/"
# A class number that differs is no fault, and with decoder_output_is_logits it is the decoder's width.
_SILENT = frozenset(("atrous_rates", "num_classes"))


def mismatch(where: str, wanted: Shapes, found: Shapes) -> str:
    """A sentence about the difference of two networks, and the variables that show it.

    Args:
        where: what to call the checkpoint.
        wanted: the network's variables.
        found: the checkpoint's.
    """
    rows = [(name, _shown(wanted.get(name)), _shown(found.get(name))) for name in sorted(wanted.keys() | found.keys())]
    rows = [row for row in rows if row[1] != row[2]]
    # What has another shape tells more than what is not there, a kernel more than its batch norm.
    rows.sort(key=lambda row: ("-" in row[1:], not row[0].endswith(("weights", "biases"))))
    table = [("variable", "this network", "checkpoint"), *rows[:_ROWS]]
    width = max(len(name) for name, _, _ in table)
    lines = [f"  {name:<{width}}  {own:<16}{theirs}" for name, own, theirs in table]
    if len(rows) > _ROWS:
        lines.append(f"  and {len(rows) - _ROWS} more")
    return f"{where} does not fit this network: {_sentence(wanted, found)}\n" + "\n".join(lines)


def _shown(shape: tuple[int, ...] | None) -> str:
    return "-" if shape is None else "x".join(map(str, shape))


def _sentence(wanted: Shapes, found: Shapes) -> str:
    own, theirs = infer_settings(wanted), infer_settings(found)
    variant, other = own.get("model_variant"), theirs.get("model_variant")
    if not found:
        return "this checkpoint has no variables with names of an official network"
    if variant and other is None:
        tops = sorted({name.split("/")[0] for name in found})
        return f"this checkpoint has no backbone that is known here (its names begin with {', '.join(tops[:6])})"
    if variant != other:
        return f"this checkpoint is {other}, not {variant}: set model_variant={other}"
    if not any(name.endswith("moving_variance") for name in found):
        return "its batch norm is folded into the kernels; give the checkpoint that the graph was frozen from"
    differences = [*_head(wanted, found), *_settings(own, theirs)]
    return "; ".join(differences) or "some of its variables are missing, or have other shapes"


def _head(wanted: Shapes, found: Shapes) -> list[str]:
    """Differences that no single field of `ModelConfig` tells."""
    cells = [any(name.startswith(_CELL) for name in shapes) for shapes in (wanted, found)]
    if cells == [False, True]:
        return ["this checkpoint has a dense prediction cell, this network none: give dense_prediction_cell_json"]
    if cells == [True, False]:
        return ["this checkpoint has no dense prediction cell, this network one: leave out dense_prediction_cell_json"]
    own, theirs = atrous_branches(wanted), atrous_branches(found)
    if own != theirs:
        advice = "set atrous_rates=none" if theirs == 0 else f"give {theirs} atrous_rates"
        return [f"this checkpoint has {theirs} atrous branches in ASPP, this network {own}: {advice}"]
    return []


def _settings(own: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    found = []
    for name in sorted(own.keys() & theirs.keys() - _SILENT):
        ours, other = own[name], theirs[name]
        if ours == other or (name == "decoder_filters" and own["decoder_output_is_logits"]):
            continue
        if name == "decoder_output_stride" and not (ours and other):
            has = ("a decoder", "none") if other else ("no decoder (DeepLabv3)", "one (DeepLabv3+)")
        else:
            has = f"{name} {_word(other)}", _word(ours)
        found.append(f"this checkpoint has {has[0]}, this network {has[1]}: {_advice(name, other)}")
    return found


def _advice(name: str, value: Any) -> str:
    return f"leave out {name}" if value is None else f"set {name}={_word(value)}"


def _word(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return str(value).lower() if value is not None else "unset"
