"""The flag for a dense prediction cell: text or file, and what is refused."""

import json

import pytest

from deeplab_tf2.cell_config import cell_text
from deeplab_tf2.config import InputError


def test_a_cell_is_text_or_in_a_file(tmp_path):
    branches = [{"op": "conv", "kernel": 1, "input": -1}, {"op": "pyramid_pooling", "grid_size": [1, 1], "input": 0}]
    path = tmp_path / "cell.json"
    path.write_text(json.dumps(branches, indent=1))
    for value in (json.dumps(branches), str(path)):
        assert json.loads(cell_text(value)) == branches


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no_such.json", "no such file"),
        ("[", "is no JSON"),
        ("[]", "must be a list of branches"),
        ("[1]", "branch 0 .* is no JSON object"),
        ('[{"op": "pool"}]', "op='pool'; legal are conv"),
        ('[{"op": "conv", "input": -1}]', "lacks kernel, rate"),
        ('[{"op": "conv", "kernel": 1, "input": 0}]', "earlier branch"),
        ('[{"op": "conv", "kernel": 1, "input": -2}]', "earlier branch"),
        ('[{"op": "conv", "kernel": 3, "rate": 6, "input": -1}]', "rate=6; it must be two"),
    ],
)
def test_what_is_no_cell_is_refused_in_words(text, told):
    with pytest.raises(InputError, match=told):
        cell_text(text)
