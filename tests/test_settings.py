"""What settings are made of: strict dictionaries, element types, JSON files."""

import pytest

from deeplab_tf2.config import ModelConfig
from deeplab_tf2.settings import InputError, element_type, read_json


def test_unknown_field_is_named():
    with pytest.raises(InputError, match="has no field model_varian"):
        ModelConfig.from_dict({"model_varian": "xception_65"})


def test_element_types():
    assert element_type(tuple[int, ...] | None) == (int, True)
    assert element_type(float | None) == (float, False)
    assert element_type(bool) == (bool, False)


def test_missing_and_damaged_json_are_named(tmp_path):
    (tmp_path / "other.txt").write_text("")
    with pytest.raises(InputError, match=r"is not a run: it has no config.json \(found: other.txt\)"):
        read_json(str(tmp_path / "config.json"), "a run")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        read_json(str(tmp_path / "config.json"), "a run")
