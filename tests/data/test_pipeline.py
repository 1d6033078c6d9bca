"""The pipeline: order and augmentation as functions of (seed, step, index), padding, label checks."""

import dataclasses
import itertools
import shutil
import time

import numpy as np
import pytest
import tensorflow as tf
import toy_bands
from toy_records import write_record

from deeplab_tf2 import data
from deeplab_tf2.config import DataConfig, InputError, Resizing, aligned_size
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.pipeline import evaluation_dataset, training_dataset
from deeplab_tf2.data.records import Records
from deeplab_tf2.data.sample_order import Share


def batches(records, count, start_step=0, seed=0, **settings):
    config = DataConfig(dataset_dir=records, train_crop_size=(65, 49), train_batch_size=3, seed=seed, **settings)
    dataset = training_dataset(config, load_descriptor(records), start_step)
    return [(image.numpy(), label.numpy()) for image, label in itertools.islice(dataset, count)]


def equal(one, other):
    return all(np.array_equal(a, b) for pair in zip(one, other, strict=True) for a, b in zip(*pair, strict=True))


def test_training_batches_have_the_shape_of_the_contract(sample_records):
    image, label = batches(sample_records, 1)[0]
    assert image.shape == (3, 65, 49, 3) and image.dtype == np.float32 and 0 <= image.min() <= image.max() <= 255
    assert label.shape == (3, 65, 49) and label.dtype == np.int32 and set(np.unique(label)) <= {0, 1, 2, 3, 4, 255}


def test_a_stream_can_be_repeated_and_continued_at_any_step(sample_records):
    # The second part begins in the second epoch of ten.
    whole = batches(sample_records, 5)
    assert equal(whole, batches(sample_records, 5))
    assert equal(whole[4:], batches(sample_records, 1, start_step=4))
    assert not equal(whole[:1], batches(sample_records, 1, seed=1))


def test_workers_decode_slices_of_the_same_batches(sample_records):
    config = DataConfig(dataset_dir=sample_records, train_crop_size=(33, 33), train_batch_size=6)
    descriptor, workers, clones = load_descriptor(sample_records), 3, 2
    whole = list(itertools.islice(training_dataset(config, descriptor, 1), 3))
    slices = []
    for worker in range(workers):
        share = Share(worker, workers, replicas=workers * clones)
        slices.append(list(itertools.islice(training_dataset(config, descriptor, 1, share=share), 3 * clones)))
    for step, (image, label) in enumerate(whole):
        parts = [part for own in slices for part in own[step * clones : (step + 1) * clones]]
        assert all(part[0].shape[0] == 6 // (workers * clones) for part in parts)
        np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), image)
        np.testing.assert_array_equal(np.concatenate([part[1] for part in parts]), label)


@pytest.mark.parametrize(("ahead", "most"), [(1, 4), (4, 7)])
def test_reading_ahead_goes_as_far_as_asked(sample_records, monkeypatch, ahead, most):
    read = []
    # Where samples are read is the one place that knows how far ahead they are.
    real = Records.read
    monkeypatch.setattr(Records, "read", lambda self, position: read.append(position) or real(self, position))
    config = DataConfig(dataset_dir=sample_records, train_crop_size=(17, 17), train_batch_size=1)
    stream = iter(training_dataset(config, load_descriptor(sample_records), parallel_reads=1, prefetched_batches=ahead))
    next(stream)
    deadline = time.monotonic() + 30
    while len(read) <= ahead and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert ahead < len(read) <= most


def test_flipped_samples_have_the_labels_of_a_mirrored_image(sample_records):
    config = DataConfig(dataset_dir=sample_records, train_crop_size=(97, 97), train_batch_size=1)
    descriptor = load_descriptor(sample_records)
    names = descriptor.class_names
    sided = descriptor.replace(mirror_pairs=((names[1], names[2]), (names[3], names[4])))
    swapped = np.array([0, 2, 1, 4, 3] + [255] * 251)
    flips = []
    both = zip(training_dataset(config, descriptor), training_dataset(config, sided), strict=True)
    for plain, (image, label) in itertools.islice(both, 24):
        np.testing.assert_array_equal(image, plain[0])
        flips.append(not np.array_equal(label, plain[1]))
        np.testing.assert_array_equal(label, swapped[plain[1]] if flips[-1] else plain[1])
    assert 6 <= sum(flips) <= 18


def test_evaluation_pads_each_image_to_its_own_aligned_size(sample_records):
    descriptor = load_descriptor(sample_records)
    examples = list(evaluation_dataset(sample_records, "val", descriptor, output_stride=16))
    assert [example["name"].numpy()[0].decode() for example in examples] == [f"sample_{i:05d}" for i in (10, 11, 12)]
    for example in examples:
        height, width = int(example["height"][0]), int(example["width"][0])
        padded = example["image"].shape[1:3]
        for side, have in zip(padded, (height, width), strict=True):
            assert (side - 1) % 16 == 0 and 0 <= side - have < 16
        assert np.all(example["image"][0, height:] == 127.5) and np.all(example["label"][0, :, width:] == 255)


def test_an_explicit_crop_is_the_official_padding(sample_records):
    descriptor = load_descriptor(sample_records)
    whole = next(iter(evaluation_dataset(sample_records, "val", descriptor, crop_size=(241, 257), batch_size=3)))
    assert whole["image"].shape == (3, 241, 257, 3) and whole["label"].shape == (3, 241, 257)
    with pytest.raises(InputError, match=r"largest image has \d+,\d+ pixels .* use \d+,\d+"):
        evaluation_dataset(sample_records, "val", descriptor, crop_size=(65, 65))
    with pytest.raises(InputError, match="one by one"):
        evaluation_dataset(sample_records, "val", descriptor, batch_size=2)


def test_resize_to_range_comes_before_padding(sample_records):
    descriptor = load_descriptor(sample_records)
    for example in evaluation_dataset(sample_records, "val", descriptor, resizing=Resizing(65, 97, 16)):
        sides = example["image"].shape[1:3]
        assert min(sides) in (65, 81) and max(sides) <= 97
        assert (int(example["height"][0]), int(example["width"][0])) == tuple(sides)
    image, _ = batches(sample_records, 1, min_resize_value=40, max_resize_value=60)[0]
    assert image.shape == (3, 65, 49, 3)


def test_make_dataset_is_the_short_way_to_both(sample_records):
    image, label = next(
        iter(data.make_dataset(sample_records, "train", crop_size=(33, 33), batch_size=2, training=True))
    )
    assert image.shape == (2, 33, 33, 3) and label.shape == (2, 33, 33)
    assert len(list(data.make_dataset(sample_records, "val"))) == 3
    with pytest.raises(InputError, match="crop_size is not set"):
        data.make_dataset(sample_records, "train", training=True)


def test_make_dataset_resizes_and_takes_no_setting_that_cannot_act(sample_records):
    resized = {"min_resize_value": 65, "max_resize_value": 97, "resize_factor": 16}
    for image, label in data.make_dataset(sample_records, "val", **resized):
        assert min(image.shape[1:3]) in (65, 81) and max(image.shape[1:3]) <= 97 and label.shape == image.shape[:3]
    for name in ("min_scale_factor", "min_resize", "train_crop_size"):
        with pytest.raises(InputError, match=f"no setting {name} with training=False; legal are dataset, max_resize"):
            data.make_dataset(sample_records, "val", **{name: 1})
    for name in ("min_scale", "train_batch_size"):
        with pytest.raises(InputError, match=f"no setting {name} with training=True; legal are .*, min_scale_factor"):
            data.make_dataset(sample_records, "train", crop_size=(33, 33), training=True, **{name: 1})
    with pytest.raises(InputError, match="min_resize_value is '65'"):
        data.make_dataset(sample_records, "val", min_resize_value="65")


def test_make_dataset_needs_masks(sample_records, tmp_path):
    descriptor = load_descriptor(sample_records)
    bare = {name: dataclasses.replace(split, labelled=False) for name, split in descriptor.splits.items()}
    shutil.copytree(sample_records, tmp_path / "bare")
    descriptor.replace(splits=bare).save(str(tmp_path / "bare"))
    for training in (False, True):
        with pytest.raises(InputError, match="the split 'val' has no masks"):
            data.make_dataset(str(tmp_path / "bare"), "val", crop_size=(33, 33), training=training)


def test_a_label_out_of_range_stops_the_pipeline_and_names_the_record(tmp_path):
    write_record(tmp_path, np.full((20, 20), 7))
    descriptor = Descriptor("odd", ("a", "b"), ((0, 0, 0), (1, 1, 1)))
    config = DataConfig(dataset_dir=str(tmp_path), train_crop_size=(9, 9), train_batch_size=1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="odd") as caught:
        next(iter(training_dataset(config, descriptor)))
    assert "has labels outside 0..1 and the ignore label 255" in str(caught.value) and "[7]" in str(caught.value)


def test_every_value_can_be_a_class(tmp_path):
    write_record(tmp_path, np.arange(256).reshape(16, 16))
    names = tuple(f"class {label}" for label in range(256))
    config = DataConfig(dataset_dir=str(tmp_path), train_crop_size=(16, 16), train_batch_size=1)
    config = config.replace(min_scale_factor=1.0, max_scale_factor=1.0)
    _, label = next(iter(training_dataset(config, Descriptor("all", names, ((0, 0, 0),) * 256, ignore_label=0))))
    assert sorted(label.numpy().ravel()) == list(range(256))
    with pytest.raises(tf.errors.InvalidArgumentError, match="has labels outside 0..254 and the ignore label 0"):
        next(iter(training_dataset(config, Descriptor("all", names[:255], ((0, 0, 0),) * 255, ignore_label=0))))


def test_a_split_without_masks_can_be_predicted_but_not_trained_on(sample_records, tmp_path):
    records = tmp_path / "records"
    shutil.copytree(sample_records, records)
    descriptor = load_descriptor(str(records))
    bare = descriptor.splits["val"].replace(labelled=False, class_pixels=(), class_images=())
    descriptor = Descriptor.from_dict({**descriptor.to_dict(), "splits": {"val": bare.to_dict()}})
    example = next(iter(evaluation_dataset(str(records), "val", descriptor)))
    assert "label" not in example and example["image"].shape[-1] == 3
    with pytest.raises(InputError, match="has no masks"):
        training_dataset(DataConfig(dataset_dir=str(records), train_split="val"), descriptor)


def test_aligned_size_of_tensors():
    assert aligned_size(tf.constant([360, 480]), 16).numpy().tolist() == [369, 481]
    assert aligned_size(tf.constant([1, 17]), 16).numpy().tolist() == [1, 17]


@pytest.mark.parametrize("channels", [1, 2, 4, 5])
def test_other_channels_arrive_with_the_numbers_of_the_files(channels, tmp_path):
    records = toy_bands.make_records(tmp_path, channels)
    descriptor = load_descriptor(records)
    pad = tuple(descriptor.splits["train"].channel_means)
    examples = evaluation_dataset(records, "val", descriptor, crop_size=(65, 65), batch_size=2, pad_pixel=pad)
    batch = next(iter(examples))
    assert batch["image"].shape == (2, 65, 65, channels)
    for example, (number, (height, width)) in enumerate(enumerate(toy_bands.SIZES["val"])):
        pixels, labels = toy_bands.bands(height, width, channels, seed=[len("val"), number])
        # Grey is stored as JPEG.
        np.testing.assert_allclose(batch["image"][example, :height, :width], pixels, atol=30 if channels == 1 else 0)
        np.testing.assert_array_equal(batch["label"][example, :height, :width], labels)
        outside = batch["image"][example, height:].numpy()
        np.testing.assert_array_equal(outside, np.broadcast_to(np.float32(pad), outside.shape))
    image, label = batches(records, 1)[0]
    assert image.shape == (3, 65, 49, channels) and label.shape == (3, 65, 49)


def test_the_statistics_of_a_split_are_those_of_all_its_pixels(tmp_path):
    descriptor = load_descriptor(toy_bands.make_records(tmp_path, 5))
    pixels = np.concatenate(
        [
            toy_bands.bands(*size, 5, seed=[len("train"), number])[0].reshape(-1, 5)
            for number, size in enumerate(toy_bands.SIZES["train"])
        ]
    ).astype(np.float64)
    np.testing.assert_allclose(descriptor.splits["train"].channel_means, pixels.mean(0), rtol=1e-9)
    np.testing.assert_allclose(descriptor.splits["train"].channel_deviations, pixels.std(0), rtol=1e-6)


def test_records_of_other_channels_than_the_descriptor_says_are_named(tmp_path):
    records = toy_bands.make_records(tmp_path, 4)
    descriptor = dataclasses.replace(load_descriptor(records), input_channels=2)
    with pytest.raises(tf.errors.InvalidArgumentError, match="val/0.*has other than 2 channels"):
        list(evaluation_dataset(records, "val", descriptor))
