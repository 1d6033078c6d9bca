"""A worker that compares notes with the others, without a network: agreeing_workers.py FOLDER_OF_ITS_OWN."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import keras
import tensorflow as tf

from deeplab_tf2.config import DataConfig, InputError, MachineConfig, RunConfig, RunOptions
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.layers.dropout import Dropout
from deeplab_tf2.training import agreement, cluster, distribution
from deeplab_tf2.training.saver import Saver
from deeplab_tf2.training.signals import StopSignals


def said(check, *arguments):
    try:
        check(*arguments)
    except InputError as error:
        print("refused:", error)
    else:
        print("fine")


strategy = distribution.make_strategy(MachineConfig())
index, folder = cluster.this_task().index, sys.argv[1]
print(agreement.gathered(strategy, 10.0**12 + index))
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

with strategy.scope():
    dropout = Dropout(0.5, seed=7)
    model = keras.Sequential([keras.Input((2,)), dropout, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
model.optimizer.build(model.trainable_variables)
distribution.spread_randomness(model, strategy)
print(keras.ops.convert_to_numpy(dropout.seed_generator.state))
patient = config.replace(run=config.run.replace(early_stopping=1))
saver = Saver(patient, StopSignals(), None, [], print, writes=index == 0)
saver.set_model(model)
saver.on_train_begin()
saver.on_train_batch_end(0, {})
print(model.stop_training)
if index == 0:
    saver.best, saver.waited = {"step": 1, "mIoU": 0.5}, 1
saver.on_train_batch_end(1, {})
print(model.stop_training, [name for name in sorted(os.listdir(folder)) if "model" in name])
agreement.farewell(strategy)
if index == 1:
    os._exit(0)
try:
    agreement.gathered(strategy, 0)
except tf.errors.OpError as error:
    print(agreement.lost(error))
