"""Whatever size, labels and splits a dataset has, they survive; whatever bytes a file has, they are read or refused."""

import json
import os
import tempfile

import numpy as np
import pytest
import tensorflow as tf
from hostile import BANDS, IMAGES, JSON, MASKS, hostile, only_input_errors, rewritten, tried
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from toy_files import encoded

from deeplab_tf2.config import DataConfig, InputError, RunConfig, aligned_size
from deeplab_tf2.data import augmentation, band_records, catalog, pipeline, record_tensors, schema, transforms
from deeplab_tf2.data.checking import sources
from deeplab_tf2.data.conversion import convert
from deeplab_tf2.data.conversion.record_maker import RecordMaker
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.annotations import ShapeClasses
from deeplab_tf2.data.files.coco import CocoMasks, CocoReader, read_instances
from deeplab_tf2.data.files.label_map import Entry, LabelMap
from deeplab_tf2.data.files.label_map_file import read_label_map
from deeplab_tf2.data.files.labelme import LabelmeReader
from deeplab_tf2.data.files.masks import MaskReader
from deeplab_tf2.data.pairing import lists
from deeplab_tf2.data.pairing.pairs import Pair
from deeplab_tf2.pictures.palettes import default_colors

SIDES = st.integers(1, 70)
IMAGE_KINDS = [("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("RGB", "PNG"), ("L", "PNG"), ("RGBA", "PNG")]
IMAGE_KINDS += [("P", "PNG"), ("1", "PNG"), ("RGB", "BMP"), ("RGB", "PPM"), ("RGB", "WEBP"), ("RGB", "TIFF")]
MASK_KINDS = [("L", "PNG"), ("P", "PNG"), ("I;16", "PNG"), ("L", "BMP"), ("L", "PPM"), ("L", "TIFF")]


@st.composite
def datasets(draw):
    """A descriptor of any classes and any ignore label."""
    count = draw(st.integers(2, 256))
    names = tuple(f"c{number}" for number in range(count))
    return catalog.Descriptor("any", names, default_colors(count), draw(st.integers(0, 255)))


@st.composite
def examples(draw, descriptor):
    """The bytes of an image, the bytes of its mask, and the labels, uint8 [height, width]."""
    height, width = draw(SIDES), draw(SIDES)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    legal = np.unique([*range(descriptor.num_classes), descriptor.ignore_label])
    used = random.choice(legal, draw(st.integers(1, 5)))
    labels = used[random.integers(0, len(used), (height, width))].astype(np.uint8)
    mode, kind = draw(st.sampled_from(IMAGE_KINDS))
    image = Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8)).convert(mode)
    mode, mask_kind = draw(st.sampled_from(MASK_KINDS))
    mask = Image.fromarray(labels.astype(np.uint16) if mode == "I;16" else labels)
    if mode == "P":
        mask.putpalette([(37 * value + 91) % 256 for value in range(768)])
    return encoded(image, kind), encoded(mask, mask_kind), labels


@tried(40)
@given(st.data())
def test_any_example_survives_record_and_preprocessing(data):
    descriptor = data.draw(datasets())
    image, mask, labels = data.draw(examples(descriptor))
    read = {"image": image, "mask": mask}.__getitem__
    reader = MaskReader(descriptor.ignore_label, read=read)
    record = RecordMaker(descriptor, reader, read=read).make(Pair("name", "image", "mask"))
    pixels, label, name = record_tensors.decode(tf.constant(record.data), descriptor)
    np.testing.assert_array_equal(label, labels)
    np.testing.assert_array_equal(pixels, images.decode(image))
    assert name == b"name" and (record.height, record.width) == labels.shape
    np.testing.assert_array_equal(record.label_pixels, np.bincount(labels.ravel(), minlength=256))

    height, width = labels.shape
    stride = data.draw(st.sampled_from([8, 16, 32]))
    target = aligned_size(tf.constant(labels.shape), stride)
    padded, padded_label = transforms.pad(pixels, label, target, descriptor.ignore_label, (127.5,) * 3)
    np.testing.assert_array_equal(padded_label[:height, :width], labels)
    outside = np.array(padded_label)
    outside[:height, :width] = descriptor.ignore_label
    assert (outside == descriptor.ignore_label).all() and padded.shape[:2] == tuple(target)

    crop = (data.draw(SIDES), data.draw(SIDES))
    step = data.draw(st.sampled_from([0.0, 0.25]))
    config = DataConfig(train_crop_size=crop, seed=data.draw(st.integers(0, 99)), scale_factor_step_size=step)
    cropped, cropped_label = augmentation.augment(
        pixels, label, tf.constant(data.draw(st.integers(0, 999)), tf.int64), config, descriptor.ignore_label
    )
    assert cropped.shape == (*crop, 3) and cropped_label.shape == crop
    assert set(np.unique(cropped_label)) <= {*np.unique(labels), descriptor.ignore_label}
    assert np.isfinite(cropped).all()


@tried(5)
@given(st.data())
def test_any_split_survives_conversion_reading_and_batching(data):
    descriptor = data.draw(datasets())
    sizes = data.draw(st.dictionaries(st.sampled_from(["train", "val", "test", "x_1"]), st.integers(1, 6), min_size=1))
    made = {
        split: [(f"{split}/{number}", *data.draw(examples(descriptor))) for number in range(count)]
        for split, count in sizes.items()
    }
    files = {f"{name}.image": image for part in made.values() for name, image, _, _ in part}
    files |= {f"{name}.mask": mask for part in made.values() for name, _, mask, _ in part}
    splits = {split: [Pair(name, f"{name}.image", f"{name}.mask") for name, *_ in part] for split, part in made.items()}
    reader = MaskReader(descriptor.ignore_label, read=files.__getitem__)
    options = convert.Options(num_shards=data.draw(st.integers(1, 5)), workers=data.draw(st.integers(1, 3)))
    with tempfile.TemporaryDirectory() as folder:
        try:
            descriptor = convert.convert(
                splits, folder, descriptor, mask_reader=reader, read_image=files.__getitem__, options=options
            )
        except InputError as error:
            # The one set that is refused on purpose: two classes of which only 0 and an ignored 255 occur.
            assert "--binary_masks" in str(error)
            return
        for split, part in made.items():
            _assert_same(folder, split, part, descriptor)
        split, part = next(iter(made.items()))
        crop = (data.draw(SIDES), data.draw(SIDES))
        batch = pipeline.make_dataset(folder, split, crop_size=crop, batch_size=2, training=True)
        image, label = next(iter(batch))
        assert image.shape == (2, *crop, 3) and label.shape == (2, *crop)
        known = {value for *_, labels in part for value in np.unique(labels)}
        assert set(np.unique(label)) <= known | {descriptor.ignore_label}


def _assert_same(folder, split, part, descriptor):
    pixels = np.zeros(256, np.int64)
    batches = pipeline.evaluation_dataset(folder, split, descriptor)
    for batch, (name, image, _, labels) in zip(batches, part, strict=True):
        height, width = labels.shape
        assert batch["name"] == [name.encode()]
        np.testing.assert_array_equal(batch["label"][0, :height, :width], labels)
        np.testing.assert_array_equal(batch["image"][0, :height, :width], images.decode(image))
        pixels += np.bincount(labels.ravel(), minlength=256)
    counted = descriptor.split(split)
    assert counted.examples == len(part) and counted.ignored_pixels == pixels[descriptor.ignore_label]
    pixels[descriptor.ignore_label] = 0
    assert counted.class_pixels == tuple(pixels[: descriptor.num_classes])


@tried(300)
@given(hostile(IMAGES))
def test_any_bytes_as_image(data):
    with only_input_errors():
        images.displayed_size(data)
    with only_input_errors():
        images.encode(data, verify="header")
    with only_input_errors():
        image = images.encode(data)
        pixels = tf.io.decode_jpeg(image.data, channels=3, dct_method="INTEGER_ACCURATE")
        assert pixels.shape == (image.height, image.width, 3)
        assert images.decode(data).shape == pixels.shape


@tried(40)
@given(hostile([*IMAGES, *BANDS]), st.sampled_from([1, 2, 4, 5]))
def test_any_bytes_as_bands(data, channels):
    with only_input_errors():
        image = band_records.encoder(channels)(data)
        pixels = band_records.decode_stored(tf.constant(image.data), channels)
        assert pixels.shape == (image.height, image.width, channels)


COLORS = LabelMap(
    "map", (Entry("a", (0, 1), (0x000000,)), Entry("b", (2,), (0x646464, 0xC8C8C8))), (Entry("", (255,)),)
)
READERS = [
    MaskReader(),
    MaskReader(0),
    MaskReader(resize=True),
    MaskReader(binary=True),
    MaskReader(255, COLORS),
    MaskReader(255, COLORS, nearest_color=True, resize=True),
]


@tried(300)
@given(hostile([*MASKS, *IMAGES]), st.sampled_from(READERS), st.sampled_from([None, (20, 30), (40, 60), (1, 1)]))
def test_any_bytes_as_mask(data, reader, size):
    with only_input_errors():
        mask = reader.encode(data, size)
        np.testing.assert_array_equal(tf.io.decode_png(mask.data, channels=1)[..., 0], reader.decode(data, size))
        assert mask.counts.sum() == mask.height * mask.width


MAPS = [
    json.dumps([{"name": "a", "id": 0, "color": "#ff0000"}, {"name": "b", "ids": [3, 4], "mirror": "a"}]).encode(),
    b"name,id,color,ignore,mirror\nbackground,0,#0000ff,,\nhair,3 4,#ff0000,,\nunsure,90,#ffffff,yes,\n",
    b"- name: a\n  id: 0\n- name: b\n  colors: ['#00ff00', [1, 2, 3]]\n  ignore: true\n",
]


def _in_a_file(name, data):
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, name)
    with open(path, "wb") as file:
        file.write(data)
    return folder, path


@tried(300)
@given(
    hostile(MAPS) | rewritten([json.loads(MAPS[0])]).map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["classes.json", "classes.csv", "classes.yaml"]),
)
def test_any_bytes_as_label_map(data, name):
    folder, path = _in_a_file(name, data)
    with folder, only_input_errors():
        found = read_label_map(path)
        MaskReader(255, found)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Folders of three images and masks, beside a file that no list may reach."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("images/a.png", "images/b.png", "images/sub/c.png", "masks/a.png", "masks/b.png", "masks/sub/c.png"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(MASKS[0])
    (folder / "secret.png").write_bytes(MASKS[0])
    return folder


LISTS = [
    b"a\nb\nsub/c\n",
    b"a.png a.png\n/data/images/b.png\t/data/masks/b.png\n",
    b"image,mask,split\na,a,train\nb,b,val\n",
]
WORDS = ["a", "b.png", "sub/c", "../secret", "/", "..", "\\", "~", " ", "\t", ",", "#", "\n", "a 1", "\0", '"']


@tried(300)
@given(
    hostile(LISTS) | st.lists(st.sampled_from(WORDS), max_size=12).map(lambda words: "".join(words).encode()),
    st.sampled_from(["train.txt", "val.csv", "list.tsv", "x.lst"]),
)
def test_any_bytes_as_list(pictures, data, name):
    folder, path = _in_a_file(name, data)
    with folder, only_input_errors():
        pairing = lists.pair_files(str(pictures / "images"), str(pictures / "masks"), os.path.dirname(path))
        for pair in (pair for part in pairing.splits.values() for pair in part):
            assert os.path.realpath(pair.image).startswith(str(pictures / "images") + os.sep)
            assert pair.mask is None or os.path.realpath(pair.mask).startswith(str(pictures / "masks") + os.sep)


POLYGON = [[1, 2.5], [20, 3], [9, 18]]
LABELME = {
    "imageHeight": 20,
    "imageWidth": 30,
    "shapes": [
        {"label": "a", "points": POLYGON, "shape_type": "polygon"},
        {"label": "b", "points": POLYGON[:2], "shape_type": "rectangle"},
        {"label": "a", "points": POLYGON[:2], "shape_type": "circle"},
    ],
}
COCO = {
    "images": [{"id": 1, "file_name": "a.jpg", "height": 20, "width": 30}],
    "categories": [{"id": 3, "name": "a"}, {"id": 7, "name": "b"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 3, "segmentation": [[1, 2, 20, 3, 9, 18]]},
        {"id": 2, "image_id": 1, "category_id": 7, "segmentation": {"size": [20, 30], "counts": [100, 50, 450]}},
        {"id": 3, "image_id": 1, "category_id": 7, "segmentation": {"size": [20, 30], "counts": "PY61"}, "iscrowd": 1},
    ],
}


def _json_or_bytes(value):
    return rewritten([value]).map(lambda changed: json.dumps(changed).encode()) | hostile([json.dumps(value).encode()])


@tried(150)
@given(_json_or_bytes(LABELME))
def test_any_bytes_as_labelme(data):
    folder, path = _in_a_file("a.json", data)
    with folder, only_input_errors():
        labels = LabelmeReader(ShapeClasses(("ground", "a", "b"), 255)).labels(path, (20, 30))
        assert labels.shape == (20, 30) and set(np.unique(labels)) <= {0, 1, 2, 255}


@tried(150)
@given(_json_or_bytes(COCO))
def test_any_bytes_as_instances(data):
    folder, path = _in_a_file("instances.json", data)
    with folder, only_input_errors():
        instances = read_instances(path)
        reader = CocoReader(instances, ShapeClasses(("background", "a", "b"), 255))
        masks = CocoMasks(instances)
        for stem in masks.stems():
            labels = reader.labels(masks.full(stem), (20, 30))
            assert labels.shape == (20, 30) and set(np.unique(labels)) <= {0, 1, 2, 255}


def _record(**changes):
    values = {"image": IMAGES[0], "filename": "a", "image_format": "jpeg", "height": 20, "width": 30, "label": MASKS[0]}
    return schema.encode(**{**values, **changes})


RECORDS = [_record(), _record(label=None), _record(image=IMAGES[5], image_format="png")]


def _shard(*serialized):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "shard")
        with tf.io.TFRecordWriter(path) as writer:
            for record in serialized:
                writer.write(record)
        with open(path, "rb") as file:
            return file.read()


SHARDS = [_shard(*RECORDS), _shard(RECORDS[0])]


def _read_all(data):
    folder, path = _in_a_file("train-00000-of-00001.tfrecord", data)
    with folder, only_input_errors():
        source = sources.RecordSource(os.path.dirname(path), ["train"])
        for position in range(min(source.sizes()["train"], 5)):
            with only_input_errors():
                example = source.read("train", position)
                images.encode(example.image)


@tried(200)
@given(hostile(RECORDS))
def test_any_bytes_as_record(data):
    _read_all(_shard(data))


@tried(200)
@given(hostile(SHARDS))
def test_any_bytes_as_shard(data):
    _read_all(data)


DESCRIPTOR = catalog.Descriptor(
    "set",
    ("left", "right", "c"),
    default_colors(3),
    splits={"train": catalog.Split(3, 1, class_pixels=(1, 2, 3), class_images=(1, 1, 1), largest_image=(20, 30))},
    mirror_pairs=(("left", "right"),),
).to_dict()


@tried(150)
@given(_json_or_bytes(RunConfig().to_dict()))
def test_any_bytes_as_run(data):
    folder, path = _in_a_file("config.json", data)
    with folder, only_input_errors():
        found = RunConfig.load(os.path.dirname(path))
        assert RunConfig.from_dict(found.to_dict()) == found


@tried(400)
@given(
    rewritten([DESCRIPTOR]).map(lambda value: json.dumps(value).encode())
    | hostile([json.dumps(DESCRIPTOR).encode()])
    | JSON.map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_as_descriptor(data):
    folder, path = _in_a_file(catalog.FILE_NAME, data)
    with folder, only_input_errors():
        found = catalog.load_descriptor(os.path.dirname(path))
        assert len(found.mirrored_labels) == found.num_classes == len(found.class_names) == len(found.colors)
        assert all(isinstance(name, str) for name in found.class_names)
        assert 0 <= found.ignore_label <= 255
        found.save(os.path.dirname(path))
        assert catalog.load_descriptor(os.path.dirname(path)) == found
