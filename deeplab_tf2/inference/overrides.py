"""Model flags beside a trained run: what the weights can follow, and what contradicts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deeplab_tf2.config import ATROUS_RATES, InputError, ModelConfig

FREE = (
    "output_stride",
    "atrous_rates",
    "multi_grid",
    "image_pooling_crop_size",
    "image_pooling_stride",
    "image_pyramid",
    "merge_method",
    "prediction_with_upsampled_logits",
)


def followed_overrides(given: Mapping[str, Any], trained: ModelConfig, folder: str) -> dict[str, Any]:
    """The given model settings that differ from the run's, when the weights can follow them.

    What no weight depends on is free (`FREE`); atrous rates that the run set move with the output stride.

    Args:
        given: fields of `ModelConfig` that the user gave.
        trained: what the run was trained with.
        folder: folder of the run.

    Raises:
        InputError: another setting differs, or the number of rates; both values are named.
    """
    followed = {name: given[name] for name in FREE if name in given}
    for name, value in given.items():
        if name not in followed and value != getattr(trained, name):
            raise _contradiction(name, value, getattr(trained, name), folder)
    wanted = trained.replace(**followed)
    if len(wanted.aspp_rates) != len(trained.aspp_rates):
        raise _contradiction("atrous_rates", wanted.aspp_rates, trained.aspp_rates, folder)
    moved = wanted.output_stride != trained.output_stride and "atrous_rates" not in followed
    if moved and trained.atrous_rates:
        followed["atrous_rates"] = _moved_rates(trained, wanted.output_stride)
    return {name: value for name, value in followed.items() if value != getattr(trained, name)}


def _contradiction(name: str, given: Any, trained: Any, folder: str) -> InputError:
    return InputError(
        f"--{name}={shown(given)} contradicts the run in {folder}, which has {name}={shown(trained)}: "
        "leave the flag out, the run knows its settings"
    )


def _moved_rates(trained: ModelConfig, stride: int) -> tuple[int, ...]:
    rates = trained.atrous_rates or ()
    if any(rate * trained.output_stride % stride for rate in rates):
        usual = shown(ATROUS_RATES[stride])
        raise InputError(
            f"the run has atrous_rates={shown(rates)} at output_stride={trained.output_stride}; they "
            f"have no whole counterpart at {stride}: give --atrous_rates too, usually {usual}"
        )
    return tuple(rate * trained.output_stride // stride for rate in rates)


def shown(value: Any) -> str:
    """A setting as it is written on a command line."""
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return "unset" if value is None else str(value)
