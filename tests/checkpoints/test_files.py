"""Checkpoints on disk: names, keeping, optimizer and state, damage, a full disk."""

import json
import resource

import keras
import numpy as np
import pytest

from deeplab_tf2 import storage
from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.models.deeplab import DeepLab

STATE = {"Progress": {"losses": [0.1, 1e-45, 3.0]}, "words": "ÄÖ" * 40_000}


SMALL = ModelConfig(num_classes=4, depth_multiplier=0.1, aspp_convs_filters=8, decoder_filters=8)


def dense(units=3):
    """The smallest network that Keras saves."""
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])


def compiled():
    model = DeepLab(SMALL)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9))
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture(scope="module")
def bare():
    return dense()


@pytest.fixture(scope="module")
def written(bare, tmp_path_factory):
    """The bytes of a checkpoint."""
    with open(files.save(bare, str(tmp_path_factory.mktemp("written")), 1, state=STATE), "rb") as file:
        return file.read()


def test_weights_optimizer_and_state_come_back(tmp_path):
    model, other = compiled(), compiled()
    rng = np.random.default_rng(0)
    for variable in model.optimizer.variables:
        variable.assign(rng.uniform(1, 9, variable.shape).astype(variable.dtype))
    path = files.save(model, str(tmp_path), 1, state=STATE)
    assert files.state_of(path) == STATE
    files.load(other, path, "the checkpoint")
    both = (*model.variables, *model.optimizer.variables)
    for one, two in zip(both, (*other.variables, *other.optimizer.variables), strict=True):
        np.testing.assert_array_equal(one, two)
    reader = DeepLab(SMALL)
    files.load(reader, path, "the checkpoint")
    np.testing.assert_array_equal(reader.logits.kernel, model.logits.kernel)
    # HDF5's own tables are what a checkpoint has besides: some 2 kB a variable.
    held = sum(np.asarray(variable).nbytes for variable in both)
    assert held < storage.size(path) < held + 2_500 * len(both) + len(json.dumps(STATE))


def test_a_file_of_keras_alone_is_a_checkpoint_too(bare, tmp_path):
    path = files.path_of(str(tmp_path), 3)
    bare.save_weights(path)
    assert files.latest(str(tmp_path)) == (3, path)
    assert files.state_of(path) == {}
    other = dense()
    files.load(other, path, "the checkpoint")
    np.testing.assert_array_equal(other.get_weights()[0], bare.get_weights()[0])


def test_the_newest_few_and_the_protected_are_kept_and_nothing_else_lies_about(bare, tmp_path):
    for step in (1, 20, 300, 4000, 5000):
        files.save(bare, str(tmp_path), step, keep=2, protect={20})
    assert files.steps(str(tmp_path)) == [20, 4000, 5000]
    assert files.latest(str(tmp_path)) == (5000, str(tmp_path / "model-00005000.weights.h5"))
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_without_checkpoint_says_what_it_holds(tmp_path):
    (tmp_path / "events.log").write_text("")
    with pytest.raises(InputError, match=r"no checkpoint in .* \(found: events.log\)"):
        files.latest(str(tmp_path))
    with pytest.raises(InputError, match="no such folder"):
        files.latest(str(tmp_path / "nowhere"))


def test_a_file_of_another_network_is_refused_in_words(bare, tmp_path):
    path = files.save(bare, str(tmp_path), 1)
    with pytest.raises(InputError, match="the checkpoint .* holds another network"):
        files.load(dense(5), path, "the checkpoint")


def cut(data, share):
    return data[: int(len(data) * share)]


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda data: b"", "it is empty"),
        (lambda data: b"not hdf5", "file signature not found"),
        (lambda data: cut(data, 0.4), "truncated file"),
        (lambda data: data[:-20], "its end is missing"),
        (lambda data: data + b"more", "its end is missing"),
        (lambda data: bytes(len(data)), "file signature not found"),
    ],
    ids=["empty", "foreign", "cut", "cut at the end", "longer", "zeros"],
)
def test_a_damaged_newest_is_named_and_the_one_before_used(written, bare, tmp_path, harm, why):
    good, bad = (files.path_of(str(tmp_path), step) for step in (1, 2))
    for path, data in ((good, written), (bad, harm(written))):
        with open(path, "wb") as file:
            file.write(data)
    lines = []
    assert files.latest(str(tmp_path), lines.append) == (1, good)
    assert len(lines) == 1 and f"{bad} is damaged" in lines[0] and why in lines[0]
    with pytest.raises(InputError, match="the checkpoint .*00002.weights.h5 is damaged"):
        files.check(bad, "the checkpoint")
    files.set_aside(str(tmp_path), after=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model-00000001.weights.h5",
        "model-00000002.weights.h5.damaged",
    ]
    with open(good, "wb") as file:
        file.write(harm(written))
    with pytest.raises(InputError, match=r"every checkpoint in .* is damaged \(steps 1\)"):
        files.latest(str(tmp_path), lines.append)


def test_no_flipped_bit_goes_unseen(written, tmp_path):
    path = tmp_path / "model-00000001.weights.h5"
    path.write_bytes(written)
    assert files.damage(str(path)) is None
    rng = np.random.default_rng(0)
    # All bytes of the note at the end, and any before.
    places = [*range(len(written) - 40, len(written)), *rng.integers(0, len(written), 100)]
    for place in places:
        harmed = bytearray(written)
        harmed[place] ^= 1 << rng.integers(8)
        path.write_bytes(harmed)
        assert files.damage(str(path)), place


def test_a_full_disk_leaves_the_older_checkpoint_and_nothing_else(bare, written, tmp_path):
    folder, largest = str(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.raises(
        InputError, match=r"the checkpoint of step 1 \(\d\.\d MB\) was not saved.*no earlier checkpoint"
    ):
        files.save(bare, str(tmp_path / "nowhere"), 1)
    files.save(bare, folder, 1)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(written) // 2, largest[1]))
        with pytest.raises(
            InputError,
            match="of step 2 .*File too large.* The checkpoint of step 1 is still good: where the disk is full",
        ):
            files.save(bare, folder, 2, keep=1, state=STATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, largest)
    assert [path.name for path in tmp_path.iterdir()] == ["model-00000001.weights.h5"]
    assert files.latest(folder) == (1, files.path_of(folder, 1))


def test_what_a_killed_save_left_is_found_and_removed(bare, tmp_path, monkeypatch):
    # What the process that dies between writing and renaming leaves.
    monkeypatch.setattr(storage, "rename", lambda *paths: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr(storage, "remove", lambda path: None)
    with pytest.raises(KeyboardInterrupt):
        files.save(bare, str(tmp_path), 1)
    monkeypatch.undo()
    assert [path.name[:27] for path in tmp_path.iterdir()] == [".model-00000001.weights.h5."]
    assert files.steps(str(tmp_path)) == []
    storage.remove_leftovers(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
