import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.data import schema

SIZES = st.integers(0, 2**40)


@settings(max_examples=50, deadline=None)
@given(
    image=st.binary(),
    filename=st.text(),
    image_format=st.sampled_from(["jpeg", "png"]),
    height=SIZES,
    width=SIZES,
    label=st.none() | st.binary(min_size=1),
)
def test_what_is_encoded_is_parsed(image, filename, image_format, height, width, label):
    values = {
        "image": image,
        "filename": filename,
        "image_format": image_format,
        "height": height,
        "width": width,
        "label": label,
    }
    fields = {name: value.numpy() for name, value in schema.parse(tf.constant(schema.encode(**values))).items()}
    assert fields["image"] == image
    assert fields["filename"].decode() == filename
    assert fields["image_format"].decode() == image_format
    assert (fields["height"], fields["width"], fields["channels"]) == (height, width, 3)
    assert fields["label"] == (label or b"")
    assert fields["label_format"] == b"png"


def test_the_same_example_gives_the_same_bytes_in_every_process():
    record = schema.encode(image=b"i", filename="f", image_format="png", height=1, width=2, label=b"l")
    places = [
        record.index(field.key.encode() + b"\x12")
        for field in sorted(schema.FIELDS.values(), key=lambda field: field.key)
    ]
    assert places == sorted(places)


def test_keys_are_the_official_ones():
    record = schema.encode(image=b"i", filename="f", image_format="png", height=1, width=2, label=b"l")
    keys = set(tf.train.Example.FromString(record).features.feature)
    assert keys == {
        "image/encoded",
        "image/filename",
        "image/format",
        "image/height",
        "image/width",
        "image/channels",
        "image/segmentation/class/encoded",
        "image/segmentation/class/format",
    }
    assert keys == {field.key for field in schema.FIELDS.values()}


def test_parse_runs_in_a_graph_and_reads_records_without_a_mask():
    records = [schema.encode(image=b"i", filename=name, image_format="png", height=1, width=2) for name in "ab"]
    parsed = list(tf.data.Dataset.from_tensor_slices(records).map(schema.parse))
    assert [fields["filename"].numpy() for fields in parsed] == [b"a", b"b"]
    assert all(fields["label"].numpy() == b"" for fields in parsed)


def test_missing_keys_take_the_official_defaults():
    fields = schema.parse(tf.constant(tf.train.Example().SerializeToString()))
    assert {name: value.numpy() for name, value in fields.items()} == {
        name: field.default for name, field in schema.FIELDS.items()
    }
