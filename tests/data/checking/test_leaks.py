"""Images that two splits share, by bytes or by name."""

import pytest

from deeplab_tf2.data.checking.leaks import leaks
from deeplab_tf2.data.checking.survey import SplitSurvey
from deeplab_tf2.data.findings import Severity


def survey(**names):
    """A split of examples: name -> bytes of the image."""
    result = SplitSurvey()
    for position, (name, data) in enumerate(names.items()):
        result.digests[data] = (position, name)
    return result


def test_equal_bytes_in_train_and_val():
    found = leaks({"train": survey(a=b"1", b=b"2"), "val": survey(c=b"2", d=b"3")})
    assert len(found) == 1 and found[0].severity == Severity.WARNING
    assert "1 image is both in train and in val, byte by byte: c = b;" in found[0].text


def test_equal_names_of_different_bytes():
    (found,) = leaks({"train": survey(a=b"1", b=b"2"), "test": survey(a=b"4", b=b"2")})[1:]
    assert found.text == "1 image has the same name in train and in test: a"


def test_repeats_within_a_split_are_noted():
    train = survey(a=b"1")
    train.repeated.add(1, "b = a")
    (found,) = leaks({"train": train})
    assert found.severity == Severity.NOTE and "train: 1 image occurs twice: b = a" in found.text


@pytest.mark.parametrize(
    ("trainval", "words"),
    [
        ({"a": b"1"}, "1 image is in train or val but not in trainval: v"),
        ({"a": b"1", "v": b"2", "x": b"3"}, "1 image is in trainval but neither in train nor val: x"),
    ],
)
def test_trainval_must_be_the_union(trainval, words):
    parts = {"train": survey(a=b"1"), "val": survey(v=b"2")}
    assert leaks({**parts, "trainval": survey(a=b"1", v=b"2")}) == []
    (found,) = leaks({**parts, "trainval": survey(**trainval)})
    assert found.text == words
