"""A worker that compares notes with the others, without a network: agreeing_workers.py FOLDER_OF_ITS_OWN."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import tensorflow as tf

from deeplab_tf2.config import DataConfig, InputError, MachineConfig, RunConfig, RunOptions
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.training import agreement, cluster
from deeplab_tf2.training.distribution import make_strategy


def said(check, *arguments):
    try:
        check(*arguments)
    except InputError as error:
        print("refused:", error)
    else:
        print("fine")


strategy = make_strategy(MachineConfig())
index, folder = cluster.this_task().index, sys.argv[1]
print(agreement.gathered(strategy, 10.0**12 + index), agreement.any_worker(strategy, index == 1))
print(agreement.any_worker(strategy, False))
descriptor = Descriptor("toy", ("a", "b"), ((0, 0, 0), (1, 1, 1)))
config = RunConfig(data=DataConfig(dataset_dir=folder), run=RunOptions(train_logdir=folder))
said(agreement.check_alike, strategy, config, descriptor, 7)
said(agreement.check_alike, strategy, config, descriptor, 7 - index)
other = config.replace(data=config.data.replace(seed=index))
said(agreement.check_alike, strategy, other, descriptor, 7)
said(agreement.check_alike, strategy, config, Descriptor(f"toy{index}", descriptor.class_names, descriptor.colors), 7)
if index == 0:
    config.save(folder)
said(agreement.check_shared, strategy, os.path.join(os.path.dirname(folder), "0"), "config.json")
said(agreement.check_shared, strategy, folder, "config.json")
agreement.farewell(strategy)
if index == 1:
    os._exit(0)
try:
    agreement.gathered(strategy, 0)
except tf.errors.OpError as error:
    print(agreement.lost(error))
