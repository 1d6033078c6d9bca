import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.inference.predict import segment
from deeplab_tf2.serving.frozen_graph import export_frozen_graph

SIZES = ((40, 52), (33, 65), (5, 3))


@pytest.fixture(scope="module")
def path(tiny, tmp_path_factory):
    return export_frozen_graph(tiny, tmp_path_factory.mktemp("frozen") / "graph.pb")


def test_the_official_tensors_give_the_labels_of_the_run(tiny, path):
    definition = tf.compat.v1.GraphDef()
    with open(path, "rb") as file:
        definition.ParseFromString(file.read())
    assert not any(node.op.startswith(("VarHandle", "ReadVariable")) for node in definition.node)
    graph = tf.Graph()
    with graph.as_default():
        tf.compat.v1.import_graph_def(definition, name="")
    (given,) = [operation for operation in graph.get_operations() if operation.type == "Placeholder"]
    assert given.name == "ImageTensor" and given.outputs[0].dtype == tf.uint8
    images = [np.random.default_rng(size[0]).integers(0, 256, (*size, 3), np.uint8) for size in SIZES]
    with tf.compat.v1.Session(graph=graph) as session:
        tensors = ["SemanticPredictions:0", "SemanticProbabilities:0"]
        answers = [session.run(tensors, {"ImageTensor:0": image[np.newaxis]}) for image in images]
    for image, (labels, probabilities) in zip(images, answers, strict=True):
        expected = segment(tiny, image)
        assert labels.dtype == np.int32
        # Folding the constants rounds differently: classes that are as good as equal may swap.
        best = np.sort(expected.probabilities, -1)
        clear = best[..., -1] - best[..., -2] > 1e-3
        assert clear.mean() > 0.98
        np.testing.assert_array_equal(labels[0][clear], expected.labels[clear])
        np.testing.assert_allclose(probabilities[0], expected.probabilities, atol=3e-4)


def test_nothing_is_overwritten_and_nothing_is_left_behind(tiny, path, tmp_path):
    with pytest.raises(InputError, match="graph.pb exists, and nothing is overwritten"):
        export_frozen_graph(tiny, path)
    with pytest.raises(InputError, match="cannot be written .File name too long"):
        export_frozen_graph(tiny, tmp_path / ("long" * 100))
    assert list(tmp_path.iterdir()) == []
