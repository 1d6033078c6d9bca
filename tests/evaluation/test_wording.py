import pytest

from deeplab_tf2.evaluation.wording import score, worded


@pytest.mark.parametrize(("value", "text"), [(0.51239, "0.5124"), (1, "1.0000"), (None, "-"), (float("nan"), "-")])
def test_scores(value, text):
    assert score(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"kind": "own size", "plus_one": True, "height": None}, "kind own size, plus one yes"),
        ([0.5, 1.0], "0.5, 1.0"),
        (("a", False), "a, no"),
        (1, "1"),
    ],
)
def test_facts(value, text):
    assert worded(value) == text
