"""Variables of frozen graphs."""

import pathlib

import numpy as np
import pytest
import tf1_files

from deeplab_tf2.checkpoints.graph_constants import open_graph
from deeplab_tf2.config import InputError

ARRAYS = {
    "MobilenetV2/Conv/weights": np.arange(24, dtype=np.float32).reshape(2, 2, 2, 3),
    "MobilenetV2/Conv/BatchNorm/gamma": np.full(3, 0.5, np.float32),
    "logits/semantic/biases": np.arange(5, dtype=np.float32),
}


@pytest.fixture
def graph(tmp_path):
    return tf1_files.write_frozen_graph(tmp_path / "frozen_inference_graph.pb", ARRAYS)


def test_the_variables_alone_come_back(graph):
    variables = open_graph(graph, "the graph")
    assert variables.shapes == {name: array.shape for name, array in ARRAYS.items()}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(variables[name], array)


def test_damage_is_told(graph, tmp_path):
    content = pathlib.Path(graph).read_bytes()
    damaged = {"cut": content[:-40], "text": b'node { name: "x" op: "Const" }', "head": content[:1]}
    for name, part in damaged.items():
        (tmp_path / f"{name}.pb").write_bytes(part)
        with pytest.raises(InputError, match=f"{name}.pb is no frozen graph, or a damaged one"):
            open_graph(str(tmp_path / f"{name}.pb"), f"{name}.pb")


def test_a_graph_without_variables_is_told(tmp_path):
    path = tf1_files.write_frozen_graph(tmp_path / "x.pb", {"Reshape/shape": np.zeros(2, np.int32)})
    with pytest.raises(InputError, match="no constants with names of variables"):
        open_graph(path, "x.pb")
