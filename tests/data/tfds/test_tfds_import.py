import os

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
import tiny_tfds
from toy_files import encoded, stripes
from toy_records import converted

from deeplab_tf2.config import InputError
from deeplab_tf2.data import pipeline, schema
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.checking.check import check_records
from deeplab_tf2.data.conversion import convert
from deeplab_tf2.data.records import Records
from deeplab_tf2.data.tfds.tfds_import import ensure, import_set


@pytest.fixture
def pets(tmp_path):
    """Folder of a data folder of TFDS that has a set of the layout of oxford_iiit_pet."""
    tiny_tfds.make_pets(tmp_path / "tfds")
    tfds.core.add_data_dir(str(tmp_path / "tfds"))
    yield tmp_path
    tfds.core.utils.file_utils.clear_registered_data_dirs()


def read(folder, split):
    records = Records(folder, split)
    return [schema.parse(tf.constant(records.read(position))) for position in range(len(records))]


def test_a_set_by_name_becomes_records_that_train_and_score(pets):
    folder = str(pets / "records")
    told = []
    descriptor = ensure("tfds:oxford_iiit_pet", folder, told.append)
    assert descriptor == load_descriptor(folder)
    assert (descriptor.name, descriptor.source) == ("tfds:oxford_iiit_pet", "tfds:oxford_iiit_pet:4.0.0")
    assert descriptor.class_names == ("pet", "background", "border")
    assert descriptor.split("train").class_pixels == (4 * 210, 4 * 210, 4 * 180)
    assert "converted to records" in told[0] and "test is val" in told[1]
    images = [record["image"].numpy() for record in read(folder, "train")]
    assert images == [tiny_tfds.jpeg(number) for number in range(4)]
    assert not [finding for finding in check_records(folder, "train", descriptor) if finding.error]
    for _, label in pipeline.make_dataset(folder, "val"):
        np.testing.assert_array_equal(label[0, :20, :30], stripes())
    batch = next(iter(pipeline.make_dataset(folder, "train", crop_size=(17, 17), batch_size=2, training=True)))
    assert batch[0].shape == (2, 17, 17, 3) and set(np.unique(batch[1])) <= {0, 1, 2, 255}


def test_the_second_time_the_records_are_used_as_they_are(pets, monkeypatch):
    folder = str(pets / "records")
    first = ensure("tfds:oxford_iiit_pet", folder)
    before = {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}
    told = []
    assert ensure("tfds:oxford_iiit_pet", folder, told.append) == first
    assert ensure("tfds:oxford_iiit_pet:4.0.0", folder, told.append) == first
    assert not told
    assert before == {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in os.listdir(folder)}


def test_another_version_is_noticed(pets):
    folder = str(pets / "records")
    ensure("tfds:oxford_iiit_pet", folder)
    with pytest.raises(InputError, match="holds tfds:oxford_iiit_pet:4.0.0, not tfds:oxford_iiit_pet:5.0.0"):
        ensure("tfds:oxford_iiit_pet:5.0.0", folder)
    load_descriptor(folder).replace(source="tfds:oxford_iiit_pet:3.0.0").save(folder)
    told = []
    ensure("tfds:oxford_iiit_pet", folder, told.append)
    assert "tfds:oxford_iiit_pet:4.0.0 is there too" in told[0]


def test_records_outlive_their_source(pets):
    folder = str(pets / "records")
    first = ensure("tfds:oxford_iiit_pet", folder)
    tfds.core.utils.file_utils.clear_registered_data_dirs()
    (pets / "tfds").rename(pets / "moved")
    assert ensure("tfds:oxford_iiit_pet", folder) == first


def test_a_folder_with_another_dataset_is_left_alone(pets, tmp_path):
    folder = converted(tmp_path / "own", {"train": ["a", "b"]})
    with pytest.raises(InputError, match="holds My set!, not tfds:oxford_iiit_pet: choose another --dataset_dir"):
        ensure("tfds:oxford_iiit_pet", folder)


def test_an_interrupted_conversion_is_taken_up(pets, monkeypatch):
    folder = str(pets / "records")
    make, made = convert.RecordMaker.make, []

    def interrupted(self, pair):
        made.append(pair.name)
        if pair.name == "photo_2":
            raise KeyboardInterrupt
        return make(self, pair)

    monkeypatch.setattr(convert.RecordMaker, "make", interrupted)
    options = convert.Options(num_shards=4, workers=1)
    with pytest.raises(KeyboardInterrupt):
        import_set("tfds:oxford_iiit_pet", folder, options=options)
    monkeypatch.setattr(convert.RecordMaker, "make", lambda self, pair: made.append(pair.name) or make(self, pair))
    del made[:]
    import_set("tfds:oxford_iiit_pet", folder, options=options)
    assert "photo_0" not in made and "photo_2" in made
    assert [record["filename"].numpy() for record in read(folder, "train")] == [b"photo_%d" % n for n in range(4)]


def test_out_and_in_again_keeps_every_byte(tmp_path):
    out = converted(tmp_path, {"train": ["b", "a", "c"], "val": ["d"]})
    back = str(tmp_path / "back")
    descriptor = ensure(f"tfds:{out}", back)
    assert descriptor.class_names == load_descriptor(out).class_names
    for split in ("train", "val"):
        there, here = read(out, split), read(back, split)
        assert [{name: field.numpy() for name, field in record.items()} for record in there] == [
            {name: field.numpy() for name, field in record.items()} for record in here
        ]


def test_masks_that_are_arrays_are_read(tmp_path):
    features = tfds.features.FeaturesDict(
        {"photo": tfds.features.Image(), "labels": tfds.features.Tensor(shape=(None, 30), dtype=np.int32)}
    )
    examples = [{"photo": tiny_tfds.jpeg(number), "labels": stripes().astype(np.int32) + 4} for number in range(5)]
    builder = tiny_tfds.make(tmp_path / "tfds", "arrays", features, {"whole": examples})
    descriptor = ensure(f"tfds:{builder.data_dir}", str(tmp_path / "records"))
    assert descriptor.class_names == ("class_4", "class_5", "class_6")
    assert {split: counted.examples for split, counted in descriptor.splits.items()} == {"train": 4, "val": 1}
    record = read(str(tmp_path / "records"), "val")[0]
    assert record["label"].numpy() == encoded(stripes())
