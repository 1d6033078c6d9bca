"""What the workers of a training tell each other."""

import pathlib

import tensorflow as tf
import workers

from deeplab_tf2.config import RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.training import agreement

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "agreeing_workers.py"


def test_workers_find_out_where_they_differ(tmp_path):
    for index in range(2):
        (tmp_path / str(index)).mkdir()
    ended = workers.outcome(workers.start(SCRIPT, lambda index: [tmp_path / str(index)], workers=2))
    assert [status for _, status in ended] == [0, 0], ended
    chief, other = (text[text.index("[") :].splitlines() for text, _ in ended)
    expected = [
        "[1000000000000.0, 1000000000001.0]",
        "fine",
        "refused: worker 1 would go on from step 6, worker 0 from 7: --train_logdir=",
        "refused: worker 1 was started with other settings than worker 0",
        "refused: worker 1 sees another dataset than worker 0 in --dataset_dir=",
        "fine",
        "refused: worker 1 does not see config.json in --train_logdir=",
    ]
    # Random numbers differ; a reason of the first worker to stop is one for all.
    rest = [
        (["[7 0]", "False", "stopped early at step 2: 1 valid", "True ['model-00000002.weights.h5']"], chief),
        (["[8 0]", "False", "another worker stops", "True []"], other),
    ]
    for own, lines in rest:
        expected[7:] = own
        assert [line[: len(start)] for line, start in zip(lines, expected, strict=False)] == expected
    assert "worker 0 of 2 stops, for it has lost another one (Collective ops is aborted" in chief[-1]


def test_one_worker_agrees_with_itself(tmp_path):
    strategy = tf.distribute.get_strategy()
    assert agreement.gathered(strategy, 7) == [7.0]
    descriptor = Descriptor("toy", ("a", "b"), ((0, 0, 0), (1, 1, 1)))
    agreement.check_alike(strategy, RunConfig(), descriptor, 3)
    (tmp_path / "config.json").touch()
    agreement.check_shared(strategy, str(tmp_path), "config.json")
    agreement.farewell(strategy)
