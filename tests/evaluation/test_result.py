"""What an evaluation finds is data: fields with a meaning, and nothing that can be changed."""

import dataclasses

import numpy as np
import pytest

from deeplab_tf2.evaluation import result


@pytest.mark.parametrize(
    "kind", [value for value in vars(result).values() if getattr(value, "__module__", "") == result.__name__]
)
def test_every_field_has_a_meaning(kind):
    for field in dataclasses.fields(kind):
        assert f"\n        {field.name}: " in kind.__doc__, field.name


def test_scores_cannot_be_changed():
    score = result.ImageScore("a", 0.5, 0.9, 10)
    with pytest.raises(dataclasses.FrozenInstanceError):
        score.miou = 1.0
    assert result.Shown(score, np.zeros((1, 1, 3), np.uint8), *[np.zeros((1, 1), np.int32)] * 2).score is score
