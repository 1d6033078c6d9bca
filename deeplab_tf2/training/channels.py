"""What a network must know of its images, from the dataset: how many channels, and how they are distributed."""

from __future__ import annotations

from typing import Any

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.band_arrays import RGB


def channel_settings(
    model: ModelConfig, descriptor: Descriptor, split: str, given_channels: int | None = None
) -> dict[str, Any]:
    """The fields of `ModelConfig` about channels for a new run.

    Photographs have the official normalisation; all others are standardised by what was counted in the training split,
    unless `model` has statistics already.

    Args:
        model: settings of the network.
        descriptor: the dataset's descriptor.
        split: the split to train on.
        given_channels: the number of channels that the user gave.

    Raises:
        InputError: the user says otherwise than the dataset, or the dataset does not say enough.
    """
    channels = descriptor.input_channels
    if given_channels not in (None, channels):
        raise InputError(
            f"--input_channels={given_channels} contradicts the dataset {descriptor.name!r}, whose images have "
            f"{channels}: leave the flag out, or convert the images again with it"
        )
    means, deviations = model.channel_means, model.channel_deviations
    if means is None and channels != RGB:
        counted = descriptor.split(split)
        means, deviations = counted.channel_means, tuple(value or 1.0 for value in counted.channel_deviations)
        if len(means) != channels or len(deviations) != channels:
            raise InputError(
                f"the descriptor of {descriptor.name!r} has no mean and deviation of the {channels} channels of "
                f"{split!r}: convert again, or give --channel_means and --channel_deviations"
            )
    return {"input_channels": channels, "channel_means": means, "channel_deviations": deviations}
