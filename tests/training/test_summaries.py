"""What TensorBoard reads of a run, also of one that was stopped and went on."""

import sys
import types

import numpy as np
import pytest
from watched import LOG, STEPS, VALIDATE, small

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.training import csv_log
from deeplab_tf2.training.summaries import Summaries


def read(folder):
    pytest.importorskip("tensorboard", reason="the extra 'tensorboard' is not installed")
    # What TensorBoard shows; the older one purges no tensors.
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), {"tensors": 0})
    events.Reload()
    return events


def points(events, tag):
    from tensorboard.util.tensor_util import make_ndarray

    return {event.step: make_ndarray(event.tensor_proto) for event in events.Tensors(tag)}


def test_scalars_are_those_of_the_logs(watched_run):
    events = read(watched_run.folder)
    rows = csv_log.rows(f"{watched_run.folder}/train_log.csv")
    for name in ("loss", "learning_rate", "gradient_norm", "images_per_second"):
        found = points(events, name)
        assert list(found) == [*range(LOG, STEPS, LOG), STEPS]
        np.testing.assert_allclose(list(found.values()), [float(row[name]) for row in rows], rtol=1e-6)
    assert all(value > 0 for value in points(events, "regularization").values())
    scores = csv_log.rows(f"{watched_run.folder}/validation_log.csv")
    found = points(events, "validation/mIoU")
    assert list(found) == [VALIDATE, STEPS]
    np.testing.assert_allclose(list(found.values()), [float(row["mIoU"]) for row in scores], rtol=1e-6)
    assert "validation/IoU/background" in events.Tags()["tensors"]


def test_pictures_hold_photo_truth_and_prediction(watched_run):
    import tensorflow as tf

    events = read(watched_run.folder)
    tags = [tag for tag in events.Tags()["tensors"] if tag.startswith("photo, truth, prediction/")]
    assert len(tags) == 3
    width, height, data = points(events, tags[0])[STEPS][:3]
    strip = tf.io.decode_png(data).numpy()
    assert strip.shape[:2] == (int(height), int(width)) and int(width) % 3 == 0
    _, truth, prediction = np.split(strip, 3, axis=1)
    descriptor = load_descriptor(watched_run.folder)
    legal = {tuple(color) for color in descriptor.colors}
    assert {tuple(color) for color in prediction.reshape(-1, 3).tolist()} <= legal
    assert len({tuple(color) for color in truth.reshape(-1, 3).tolist()} & legal) > 1


def write(folder, first, last):
    """Summaries of the steps after `first`."""
    for path in folder.iterdir():
        # They are read by name, with the second they are from; older ones come first.
        path.rename(path.with_name(path.name.replace("tfevents.", "tfevents.0")))
    progress = types.SimpleNamespace(last=last, row={})
    model = types.SimpleNamespace(optimizer=types.SimpleNamespace(iterations=first), losses=[])
    summaries = Summaries(progress, None, str(folder), None, False)
    summaries.set_model(model)
    summaries.on_train_begin()
    names = ("loss", "learning_rate", "gradient_norm", "images_per_second", "input_share")
    for step in range(first + 1, last + 1):
        progress.row = {"step": step, **dict.fromkeys(names, float(step))}
        summaries.on_train_batch_end(step - first - 1, {})
    summaries.on_train_end()


def test_what_a_stop_made_void_is_not_shown(tmp_path):
    pytest.importorskip("tensorboard", reason="the extra 'tensorboard' is not installed")

    def steps():
        return [event.step for event in read(tmp_path).Tensors("loss")]

    write(tmp_path, 0, 7)
    write(tmp_path, 4, 6)
    assert steps() == [1, 2, 3, 4, 5, 6]
    # It was stopped before its first checkpoint.
    write(tmp_path, 0, 2)
    assert steps() == [1, 2]


def test_tensorboard_is_an_extra(sample_records, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    run = small(sample_records, tmp_path, run={"tensorboard": True}).run
    with pytest.raises(InputError, match=r"pip install 'deeplab-tf2\[tensorboard\]'"):
        Summaries(types.SimpleNamespace(last=1), None, run.train_logdir, None, False)
