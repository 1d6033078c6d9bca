"""Which examples are looked at, and what they look like."""

import numpy as np
import pytest
from toy_files import encoded, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.contact_sheet import Choice, choose, drawn, overlay
from deeplab_tf2.data.checking.sources import Example, FileSource
from deeplab_tf2.data.checking.survey import SplitSurvey
from deeplab_tf2.data.decoding import Decoding

TWO = Descriptor("two", ("ground", "crack"), ((0, 0, 0), (255, 0, 0)))


def survey(examples, **hits):
    result = SplitSurvey(examples=examples)
    for name, positions in hits.items():
        for position in positions:
            getattr(result, name).add(position, str(position))
    return result


def test_the_choice_is_spread_over_splits_and_within_them():
    chosen = choose({"train": survey(1000), "val": survey(5), "test": survey(1000), "trainval": survey(1005)})
    positions = {split: [one.position for one in chosen if one.split == split] for split in ("train", "val", "test")}
    assert len(chosen) == sum(map(len, positions.values())) <= 24
    assert len(positions["train"]) == 8 and {0, 999} <= set(positions["train"])
    assert positions["val"] == [0, 1, 2, 3, 4] and len(positions["test"]) == 11


def test_examples_with_a_reason_come_first_and_leave_room_for_others():
    chosen = choose({"train": survey(500, single=range(50), strange=[70], empty=[3], unreadable=[0, 499])})
    assert [one.reason for one in chosen[:3]] == ["labels outside the classes", "ignored pixels only", "one class only"]
    assert [one.position for one in chosen[:2]] == [70, 3]
    assert [bool(one.reason) for one in chosen] == [True] * 12 + [False] * 12
    assert not {0, 499} & {one.position for one in chosen[12:]}


def test_every_class_is_seen_the_rarest_first():
    found = survey(1000)
    found.label_pixels[:3] = 9000, 20, 5
    found.most_of = {0: (900, 17), 1: (20, 333), 2: (5, 333), 255: (1, 700)}
    positions = [one.position for one in choose({"train": found})]
    assert len(positions) == len(set(positions)) == 24 and {17, 333, 700} <= set(positions)


def test_small_sets_are_shown_whole():
    assert [one.position for one in choose({"train": survey(3, empty=[2])})] == [2, 0, 1]
    assert choose({"train": survey(1, unreadable=[0])}) == []


def test_masks_lie_over_their_images():
    grey = np.full((40, 720, 3), 100, np.uint8)
    mask = stripes(40, 720, (0, 1, 9, 255))
    shown = overlay(Example("a", encoded(grey), mask), TWO, Decoding())
    assert shown.shape == (20, 360, 3)
    assert overlay(Example("tall", encoded(grey.transpose(1, 0, 2)), None), TWO, Decoding()).shape == (360, 20, 3)
    np.testing.assert_array_equal(shown[[2, 7, 12, 17], 5], [[45, 45, 45], [185, 45, 45], [185, 45, 185], [100] * 3])


def test_images_without_a_mask_are_shown_bare_and_unequal_sizes_refused():
    image = picture()
    np.testing.assert_array_equal(overlay(Example("a", encoded(image), None), TWO, Decoding()), image)
    with pytest.raises(InputError, match="image and mask of a differ in size"):
        overlay(Example("a", encoded(image), stripes(9, 9)), TWO, Decoding())


def test_examples_that_cannot_be_read_are_left_out(tmp_path):
    from deeplab_tf2.data.pairing.lists import Pair

    (tmp_path / "good.png").write_bytes(encoded(picture()))
    pairs = [Pair(name, str(tmp_path / f"{name}.png"), None) for name in ("gone", "good")]
    found = list(drawn(FileSource({"train": pairs}), [Choice("train", 0), Choice("train", 1, "why")], TWO))
    assert [(choice.reason, example.name) for choice, example, _ in found] == [("why", "good")]
