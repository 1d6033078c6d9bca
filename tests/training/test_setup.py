"""What follows from a user's settings, the dataset and an earlier run."""

import numpy as np
import pytest

from deeplab_tf2.config import (
    DataConfig,
    InputError,
    LossConfig,
    MachineConfig,
    ModelConfig,
    OptimizerConfig,
    RunConfig,
    RunOptions,
)
from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.data.label_weights import label_weights
from deeplab_tf2.training import setup

DATA = Descriptor("toy", ("a", "b", "c"), ((0, 0, 0),) * 3, splits={"train": Split(9, 1), "val": Split(3, 1)})
COUNTED = DATA.replace(splits={"train": Split(9, 1, class_pixels=(9_000, 900, 100)), "val": Split(3, 1)})


def settled(model=None, optimizer=None, run=None, data=None, loss=None, machine=None, dataset=DATA):
    config = RunConfig(
        ModelConfig(**(model or {})),
        DataConfig(**{"dataset_dir": "d", **(data or {})}),
        LossConfig(**(loss or {})),
        OptimizerConfig(**(optimizer or {})),
        MachineConfig(**(machine or {})),
        RunOptions(**{"train_logdir": "r", **(run or {})}),
    )
    return setup.resolved(config, dataset)


def test_the_number_of_classes_is_the_datasets():
    assert settled().model.num_classes == 3
    config = RunConfig(data=DataConfig(dataset_dir="d"))
    with pytest.raises(InputError, match=r"--num_classes=4 contradicts .* 3 classes \(a, b, c\); the ignore label 255"):
        setup.resolved(config, DATA, given_classes=4)


def test_validation_happens_ten_times_and_saves():
    run = settled(optimizer={"training_number_of_steps": 500}).run
    assert (run.validation_steps, run.save_steps) == (50, 50)
    run = settled(run={"validation_steps": 7, "save_steps": 3, "validation_split": "none"}).run
    assert (run.validation_steps, run.save_steps, run.validation_split) == (7, 3, "")
    with pytest.raises(InputError, match="--validation_split=night: the dataset has .*; 'none' validates on nothing"):
        settled(run={"validation_split": "night"})


def test_contradictions_with_the_dataset_name_both_sides():
    with pytest.raises(InputError, match="--dataset=voc contradicts d, which holds 'toy'"):
        settled(data={"dataset": "voc"})
    with pytest.raises(InputError, match="2 label_weights for 3 classes"):
        settled(loss={"label_weights": (1.0, 2.0)})


def test_continuing_takes_what_does_not_touch_the_weights():
    stored = settled()
    given = {
        "optimizer": {"training_number_of_steps": 9},
        "data": {"dataset_dir": "moved"},
        "model": {},
        "run": {},
    }
    config = setup.continued(stored, given, DATA, DATA)
    assert config.optimizer.training_number_of_steps == 9 and config.data.dataset_dir == "moved"
    assert config.model == stored.model


def test_continuing_refuses_a_contradiction_and_names_both_values():
    stored = settled(model={"atrous_rates": (6, 12)})
    with pytest.raises(
        InputError, match="--atrous_rates=6,12,18 contradicts the run in r, which has atrous_rates=6,12"
    ):
        setup.continued(stored, {"model": {"atrous_rates": (6, 12, 18)}}, DATA, DATA)
    same = {"model": {"atrous_rates": (6, 12)}, "data": {"train_crop_size": (513,)}}
    assert setup.continued(stored, same, DATA, DATA) == stored


def test_machines_may_change_but_not_the_precision():
    moved = setup.continued(settled(), {"machine": {"parallel_reads": 3, "jit_compile": True}}, DATA, DATA)
    assert moved.machine.parallel_reads == 3 and moved.machine.jit_compile
    with pytest.raises(InputError, match="--precision=mixed_float16 contradicts the run in r.* precision=float32"):
        setup.continued(settled(), {"machine": {"precision": "mixed_float16"}}, DATA, DATA)


@pytest.mark.parametrize(
    ("asked", "method"),
    [("auto", "median_frequency"), ("median_frequency",) * 2, ("effective_number",) * 2],
)
def test_label_weights_become_numbers_when_a_run_starts(asked, method):
    config = settled(loss={"label_weights": asked}, dataset=COUNTED)
    np.testing.assert_allclose(config.loss.label_weights, label_weights((9_000, 900, 100), method), rtol=5e-4)
    assert RunConfig.from_dict(config.to_dict()) == config
    grown = COUNTED.replace(splits={"train": Split(99, 1, class_pixels=(90_000, 90_000, 90_000))})
    assert setup.weights_of(config, grown) == config.loss.label_weights


def test_a_way_to_make_label_weights_may_be_typed_again_or_contradict():
    stored = settled(loss={"label_weights": "auto"}, dataset=COUNTED)
    for same in ("auto", "median_frequency", stored.loss.label_weights):
        assert setup.continued(stored, {"loss": {"label_weights": same}}, COUNTED, COUNTED) == stored
    with pytest.raises(InputError, match=r"--label_weights=effective_number contradicts .* label_weights=0.3704,3.7"):
        setup.continued(stored, {"loss": {"label_weights": "effective_number"}}, COUNTED, COUNTED)
    with pytest.raises(InputError, match="which has label_weights=None"):
        setup.continued(settled(), {"loss": {"label_weights": "auto"}}, COUNTED, COUNTED)


def test_label_weights_cannot_be_made_without_counts():
    with pytest.raises(InputError, match="--label_weights=auto needs .* 'toy' has no counts of the split 'train'"):
        settled(loss={"label_weights": "auto"})
    with pytest.raises(InputError, match="no counts of the split 'trainval'"):
        settled(loss={"label_weights": "auto"}, data={"train_split": "trainval"}, dataset=COUNTED)
