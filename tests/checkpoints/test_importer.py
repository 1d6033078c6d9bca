"""Official weights by name: what is taken, what stays fresh, what is refused."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tf1_files

from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints.importer import fill, import_checkpoint, part_of
from deeplab_tf2.checkpoints.variables import Variables
from deeplab_tf2.config import InputError

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"


def network(**changes):
    settings = {"num_classes": 4, "depth_multiplier": 0.35, "aspp_convs_filters": 16, "decoder_filters": 16}
    return DeepLab(ModelConfig(**{**settings, **changes}))


@pytest.fixture(scope="module")
def arrays():
    """The variables of a small network with 4 classes, none at its initial value."""
    rng = np.random.default_rng(0)
    shapes = {name: array.shape for name, array in tf1_files.variables_of(network()).items()}
    return {name: rng.uniform(0.5, 1.5, shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def built():
    model = network()
    return model, model.get_weights()


@pytest.fixture
def model(built):
    """The same small network with its initial weights."""
    built[0].set_weights(built[1])
    return built[0]


def imported(model, arrays, fresh=()):
    return fill(model, Variables.of(arrays, "net.ckpt"), fresh)


def differing(model, arrays):
    """Parts of the model that hold other values than the arrays."""
    own = tf1_files.variables_of(model)
    return {part_of(name) for name, array in own.items() if not np.array_equal(array, arrays.get(name))}


def backbone_of(arrays):
    return {name: array for name, array in arrays.items() if part_of(name) == "backbone"}


def test_a_checkpoint_with_all_that_a_training_leaves_in_it(model, arrays, tmp_path):
    slots = {
        f"{name}/{slot}": array
        for slot in ("Momentum", "Adam", "Adam_1", "ExponentialMovingAverage")
        for name, array in arrays.items()
        if "moving" not in name
    }
    counters = {"global_step": np.int64(7), "beta1_power": np.float32(0.9), "MobilenetV2/mean_rgb": np.zeros(3)}
    prefix = tf1_files.write_checkpoint(tmp_path / "model.ckpt-7", {**arrays, **slots, **counters})
    assert import_checkpoint(model, prefix) == f"weights from {prefix}"
    assert not differing(model, arrays)


def test_a_frozen_graph(model, arrays, tmp_path):
    path = tf1_files.write_frozen_graph(tmp_path / "frozen_inference_graph.pb", arrays)
    assert import_checkpoint(model, path) == f"weights from {path}"
    assert not differing(model, arrays)


def test_another_number_of_classes_leaves_the_logits_alone(arrays):
    model = network(num_classes=9)
    before = np.array(model.logits.kernel)
    assert imported(model, arrays) == "weights from net.ckpt; fresh: logits (4 classes there, 9 here)"
    np.testing.assert_array_equal(model.logits.kernel, before)
    assert differing(model, arrays) == {"logits"}


def test_a_decoder_that_gives_the_logits_follows_the_classes():
    settings = {"decoder_output_stride": (8, 4), "decoder_use_sum_merge": True, "decoder_output_is_logits": True}
    arrays = tf1_files.variables_of(network(num_classes=5, decoder_filters=5, **settings))
    model = network(num_classes=3, decoder_filters=3, **settings)
    assert imported(model, arrays).endswith("fresh: decoder (5 classes there, 3 here)")
    assert differing(model, arrays) == {"decoder"}


def test_a_classification_checkpoint_fills_the_backbone(model, arrays):
    head = {
        "MobilenetV2/Conv_1/weights": np.zeros((1, 1, 112, 1280), np.float32),
        "MobilenetV2/Conv_1/BatchNorm/gamma": np.zeros(1280, np.float32),
        "MobilenetV2/Logits/Conv2d_1c_1x1/weights": np.zeros((1, 1, 1280, 1001), np.float32),
        "MobilenetV2/AuxLogits/biases": np.zeros(3, np.float32),
    }
    line = imported(model, {**backbone_of(arrays), **head})
    assert line == "weights from net.ckpt; fresh: aspp, decoder, logits (the checkpoint is a backbone)"
    assert differing(model, arrays) == {"aspp", "decoder", "logits"}


def test_a_checkpoint_without_logits(model, arrays):
    line = imported(model, {name: array for name, array in arrays.items() if part_of(name) != "logits"})
    assert line == "weights from net.ckpt; fresh: logits (the checkpoint has none)"
    assert differing(model, arrays) == {"logits"}


def test_parts_that_are_to_stay_fresh(arrays):
    model = network(aspp_convs_filters=8)
    line = imported(model, arrays, fresh=("aspp", "decoder", "logits"))
    assert line == "weights from net.ckpt; fresh: aspp, decoder, logits"
    assert differing(model, arrays) == {"aspp", "decoder", "logits"}
    without = network(decoder_output_stride=())
    assert imported(without, arrays, fresh=("decoder",)).endswith("fresh: decoder")


def test_a_gap_in_a_filled_part_is_an_error_that_changes_nothing(model, arrays):
    before = model.get_weights()
    missing = "MobilenetV2/expanded_conv_5/project/weights"
    for found in (arrays, backbone_of(arrays)):
        with pytest.raises(InputError, match=rf"missing, or have other shapes\n.*\n +{missing} +1x1x64x11 +-"):
            imported(model, {name: array for name, array in found.items() if name != missing})
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_other_networks_are_refused(model, arrays):
    with pytest.raises(InputError, match="no decoder .* set decoder_output_stride=none"):
        imported(model, {n: a for n, a in arrays.items() if part_of(n) != "decoder"})
    with pytest.raises(InputError, match="has depth_multiplier 0.35, this network 0.5"):
        imported(network(depth_multiplier=0.5), arrays)
    with pytest.raises(InputError, match="no backbone that is known here"):
        imported(model, {"FeatureExtractor/Conv/weights": np.zeros((3, 3, 3, 8))})


def test_a_checkpoint_of_tf2_is_named(model, tmp_path):
    import tensorflow as tf

    path = tf.train.Checkpoint(step=tf.Variable(1)).write(str(tmp_path / "ckpt"))
    with pytest.raises(InputError, match="of tf.train.Checkpoint, whose names are not those of TF1"):
        import_checkpoint(model, path)


def test_the_released_network_gives_its_own_answers(shared, tmp_path):
    """Depth multiplier 0.5 on PASCAL VOC against the released TFLite file, on a photograph."""
    import tensorflow as tf
    from PIL import Image

    folder = shared / "weights" / "deeplabv3_mnv2_dm05_voc"
    arrays = dict(np.load(folder / "tf1_variables.npz"))
    prefix = tf1_files.write_checkpoint(tmp_path / "model.ckpt-30000", arrays)
    model = DeepLab(ModelConfig(depth_multiplier=0.5, atrous_rates=(), decoder_output_stride=(), output_stride=8))
    import_checkpoint(model, prefix)
    interpreter = tf.lite.Interpreter(str(folder / "deeplabv3_257_mv_gpu.tflite"))
    interpreter.allocate_tensors()
    (source,), (target,) = interpreter.get_input_details(), interpreter.get_output_details()
    for path in sorted((shared / "data" / "voc_photos").glob("*_image.png")):
        image = np.asarray(Image.open(path).convert("RGB").resize((257, 257)), np.float32)[np.newaxis]
        interpreter.set_tensor(source["index"], image * 2 / 255 - 1)
        interpreter.invoke()
        want, got = interpreter.get_tensor(target["index"]), np.asarray(model(image))
        np.testing.assert_allclose(got, want, atol=1e-3)
        assert np.mean(got.argmax(-1) != want.argmax(-1)) <= 1e-3


MEASURE = """
import sys, threading, time
import numpy as np, tensorflow as tf
from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints.importer import import_checkpoint

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def watch():
    while not done:
        peak.append(max(peak.pop(), resident()))
        time.sleep(0.002)

DeepLab(ModelConfig(depth_multiplier=0.35))
start, done, peak = resident(), False, [0]
thread = threading.Thread(target=watch)
thread.start()
model = DeepLab(ModelConfig(model_variant="xception_65"))
built = time.process_time()
import_checkpoint(model, sys.argv[1])
seconds, done = time.process_time() - built, True
thread.join()
print(sum(weight.value.numpy().nbytes for weight in model.weights), peak[0] - start, seconds)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_a_large_checkpoint_costs_little_memory_and_time(tmp_path):
    case = json.loads((GOLDEN / "xception_65_os16.json").read_text())
    arrays = {variable["name"]: np.zeros(variable["shape"], np.float32) for variable in case["variables"]}
    prefix = tf1_files.write_checkpoint(tmp_path / "model.ckpt", arrays)
    result = subprocess.run([sys.executable, "-c", MEASURE, prefix], capture_output=True, text=True, check=True)
    size, added, seconds = map(float, result.stdout.split())
    assert size == 4 * 41_258_213
    assert added <= 3 * size and seconds < 30
