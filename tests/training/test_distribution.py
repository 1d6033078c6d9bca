"""Devices and machines that share the steps of a training."""

import pytest
import tensorflow as tf

from deeplab_tf2.config import InputError, MachineConfig
from deeplab_tf2.data.sample_order import WHOLE
from deeplab_tf2.training import distribution
from deeplab_tf2.training.cluster import Task


def test_one_device_needs_no_strategy():
    strategy = distribution.make_strategy(MachineConfig(num_clones=1))
    assert strategy is tf.distribute.get_strategy() and distribution.is_chief()
    shares = []
    distribution.distributed(strategy, shares.append)
    assert shares == [WHOLE]


def test_devices_that_are_not_there_are_refused():
    count = len(tf.config.list_physical_devices("GPU"))
    with pytest.raises(InputError, match=f"num_clones=99: this machine has {count} GPU.*--clone_on_cpu"):
        distribution.make_strategy(MachineConfig(num_clones=99))
    with pytest.raises(InputError, match="--clone_on_cpu .* TF_CONFIG names several workers"):
        distribution.make_strategy(MachineConfig(clone_on_cpu=True, num_clones=2), Task(0, ("a:1", "b:1")))
    # TensorFlow has been at work in this process.
    tf.constant(1) + 1
    with pytest.raises(InputError, match="devices cannot be chosen any more.*same command again"):
        distribution.make_strategy(MachineConfig(clone_on_cpu=True, num_clones=3))


def test_a_batch_is_dealt_out_evenly_or_refused():
    distribution.check_batch(8, 4)
    distribution.check_batch(8, 2, 2)
    with pytest.raises(InputError, match="train_batch_size=8 .* among 3 devices: .* take 9.*by --num_clones"):
        distribution.check_batch(8, 3)
    with pytest.raises(InputError, match="among 4 devices in 3 parts each: .* take 12"):
        distribution.check_batch(8, 4, 3)


@pytest.mark.parametrize(
    ("batch", "most", "parts", "count"),
    [(8, 3, 1, 2), (1, 4, 1, 1), (8, 4, 2, 4), (8, 4, 4, 2), (9, 2, 1, 1), (8, 0, 1, 0)],
)
def test_as_many_devices_as_divide_the_batch(batch, most, parts, count):
    assert distribution.devices_for(batch, most, parts) == count
