"""Channels and their statistics come from the dataset, unless the user gives statistics."""

import dataclasses

import pytest

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.training.channels import channel_settings

COUNTED = Split(3, 1, channel_means=(700.0, 5.0), channel_deviations=(30.0, 0.0))
BANDS = Descriptor("field", ("soil", "crop"), ((0, 0, 0), (9, 9, 9)), splits={"train": COUNTED}, input_channels=2)


def test_a_new_run_takes_what_was_counted_and_a_constant_channel_keeps_its_size():
    settings = channel_settings(ModelConfig(), BANDS, "train")
    assert settings == {"input_channels": 2, "channel_means": (700.0, 5.0), "channel_deviations": (30.0, 1.0)}
    assert ModelConfig().replace(**settings).input_channels == 2


def test_statistics_of_the_user_come_first():
    model = ModelConfig(input_channels=2, channel_means=(1.0, 2.0), channel_deviations=(3.0, 4.0))
    assert channel_settings(model, BANDS, "train", 2)["channel_means"] == (1.0, 2.0)


def test_photographs_keep_the_official_normalisation():
    photos = dataclasses.replace(BANDS, input_channels=3)
    settings = channel_settings(ModelConfig(), photos, "train")
    assert settings == {"input_channels": 3, "channel_means": None, "channel_deviations": None}


def test_contradictions_and_missing_statistics_are_told():
    with pytest.raises(InputError, match=r"--input_channels=3 contradicts the dataset 'field', whose images have 2"):
        channel_settings(ModelConfig(), BANDS, "train", 3)
    bare = dataclasses.replace(BANDS, splits={"train": Split(3, 1)})
    with pytest.raises(InputError, match="no mean and deviation of the 2 channels of 'train': convert again"):
        channel_settings(ModelConfig(), bare, "train")
