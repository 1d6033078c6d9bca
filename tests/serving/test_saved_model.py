import io
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
import toys
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.inference.predict import segment
from deeplab_tf2.pictures.palettes import default_colors
from deeplab_tf2.serving.saved_model import check_free, export_saved_model, whole_folder

SIZES = ((40, 52), (33, 65), (5, 3))

# Runs where neither keras nor this project can be imported.
WITHOUT_KERAS = """
import sys
sys.modules["keras"] = sys.modules["tf_keras"] = None
import numpy as np, tensorflow as tf
folder, inputs, outputs = sys.argv[1:]
saved = tf.saved_model.load(folder)
results = {}
for name, value in np.load(inputs).items():
    if name.startswith("pixels"):
        found = saved.signatures["images"](images=tf.constant(value))
    else:
        found = saved.signatures["serving_default"](image_bytes=tf.constant([value.tobytes()]))
    results |= {f"{name}.{key}": tensor.numpy() for key, tensor in found.items()}
np.savez(outputs, **results)
assert "deeplab_tf2" not in sys.modules
"""


def photo(height, width):
    small = Image.fromarray(np.random.default_rng(height).integers(0, 256, (4, 5, 3), np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def encoded(image, form):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format=form)
    return buffer.getvalue()


def test_tensorflow_alone_gives_the_labels_of_the_run(tiny, tiny_export, tmp_path):
    expected, inputs = {}, {}
    for height, width in SIZES:
        image = photo(height, width)
        inputs[f"pixels{height}"] = image[np.newaxis]
        expected[f"pixels{height}"] = segment(tiny, image)
        for form in ("JPEG", "PNG"):
            path = tmp_path / f"{height}.{form}"
            path.write_bytes(encoded(image, form))
            inputs[f"{form}{height}"] = np.frombuffer(path.read_bytes(), np.uint8)
            expected[f"{form}{height}"] = segment(tiny, path)
    np.savez(tmp_path / "inputs.npz", **inputs)
    arguments = [tiny_export, tmp_path / "inputs.npz", tmp_path / "outputs.npz"]
    subprocess.run([sys.executable, "-c", WITHOUT_KERAS, *map(str, arguments)], check=True, cwd=tmp_path)
    outputs = np.load(tmp_path / "outputs.npz")
    for name, found in expected.items():
        np.testing.assert_array_equal(outputs[f"{name}.labels"], found.labels[np.newaxis], name)
        np.testing.assert_allclose(
            outputs[f"{name}.probabilities"], found.probabilities[np.newaxis], atol=1e-5, err_msg=name
        )


def test_signatures_have_stable_names_and_free_sizes(tiny_export):
    signatures = tf.saved_model.load(tiny_export).signatures
    assert set(signatures) == {"serving_default", "images"}
    inputs = {
        "serving_default": {"image_bytes": ([None], tf.string)},
        "images": {"images": ([None, None, None, 3], tf.uint8)},
    }
    outputs = {
        "labels": ([None, None, None], tf.int32),
        "probabilities": ([None, None, None, len(toys.NAMES)], tf.float32),
    }
    for name, signature in signatures.items():
        (given,) = signature.structured_input_signature[1:]
        for specs, wanted in ((given, inputs[name]), (signature.structured_outputs, outputs)):
            assert {key: (spec.shape.as_list(), spec.dtype) for key, spec in specs.items()} == wanted
    # Files of one size in one request; files of several sizes are refused.
    segment_files = signatures["serving_default"]
    pair = [encoded(photo(20, 30), "JPEG"), encoded(photo(20, 30)[:, ::-1], "PNG")]
    batch = segment_files(image_bytes=tf.constant(pair))["labels"]
    for labels, data in zip(batch, pair, strict=True):
        np.testing.assert_array_equal(labels, segment_files(image_bytes=tf.constant([data]))["labels"][0])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[20,30,3\] vs. \[21,30,3\]"):
        segment_files(image_bytes=tf.constant([pair[0], encoded(photo(21, 30), "PNG")]))


def test_an_export_explains_itself(tiny_export, tiny):
    extra = pathlib.Path(tiny_export) / "assets.extra"
    assert load_descriptor(str(extra)) == tiny.descriptor
    record = json.loads((extra / "export.json").read_text())
    assert record["step"] == toys.STEP
    assert record["model"] == tiny.model.config.to_dict()
    text = (extra / "README.md").read_text()
    assert "0 ground, 1 disc, 2 ring, 3 cross" in text


def test_nothing_is_overwritten(tiny, tiny_export, tmp_path):
    with pytest.raises(InputError, match="1 holds files already.*for example .*/2$"):
        export_saved_model(tiny, tiny_export)
    (tmp_path / "photos").mkdir()
    check_free(str(tmp_path / "photos"))
    (tmp_path / "photos" / "a.jpg").touch()
    with pytest.raises(InputError, match="photos holds files already.*for example .*/photos_export/1$"):
        check_free(str(tmp_path / "photos"))
    with pytest.raises(InputError, match="a.jpg is a file"):
        check_free(str(tmp_path / "photos" / "a.jpg"))


def test_a_descriptor_of_other_classes_is_refused_before_anything_is_written(tiny, tmp_path):
    with pytest.raises(InputError, match="'pair' has 2 classes, the network 4"):
        export_saved_model(tiny, tmp_path / "1", Descriptor("pair", ("a", "b"), default_colors(2)))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "serving" / "1"
    with pytest.raises(OSError, match="disk full"), whole_folder(str(target)) as temporary:
        pathlib.Path(temporary).mkdir()
        (pathlib.Path(temporary) / "half").touch()
        raise OSError("disk full")
    assert list(target.parent.iterdir()) == []
    target.mkdir()
    with whole_folder(str(target)) as temporary:
        pathlib.Path(temporary).mkdir()
        (pathlib.Path(temporary) / "all").touch()
        assert list(target.iterdir()) == []
    assert [path.name for path in target.iterdir()] == ["all"]
    assert [path.name for path in target.parent.iterdir()] == ["1"]
