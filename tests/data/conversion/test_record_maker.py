"""One pair to one record."""

import copy

import numpy as np
import pytest
from PIL import Image
from toy_files import encoded, picture, stripes, write

from deeplab_tf2.config import InputError
from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion.record_maker import RecordMaker
from deeplab_tf2.data.files.masks import EncodedMask, MaskReader, pack
from deeplab_tf2.data.pairing.lists import Pair, Problem
from deeplab_tf2.pictures.palettes import default_colors

DESCRIPTOR = Descriptor("toy", ("x", "y", "z"), default_colors(3))


def pair(folder, mask=None):
    image = write(folder / "a.png", encoded(picture()))
    return Pair("a", image, write(folder / "a_mask.png", encoded(stripes() if mask is None else mask)))


def test_a_record_holds_what_the_files_hold(tmp_path):
    maker = copy.deepcopy(RecordMaker(DESCRIPTOR, MaskReader()))
    record = maker.make(pair(tmp_path))
    fields = {key: value.numpy() for key, value in schema.parse(record.data).items()}
    assert (fields["filename"], fields["height"], fields["width"]) == (b"a", 20, 30)
    assert fields["image"] == (tmp_path / "a.png").read_bytes()
    assert (record.name, record.height, record.width) == ("a", 20, 30)
    np.testing.assert_array_equal(record.label_pixels[:4], [210, 210, 180, 0])


def test_what_cannot_be_used_is_a_problem(tmp_path):
    maker = RecordMaker(DESCRIPTOR, MaskReader())
    strange = pair(tmp_path, stripes(labels=(0, 7)))
    problem = maker.outcome(strange)
    assert isinstance(problem, Problem) and problem.name == "a"
    assert problem.text.startswith(f"{strange.mask}: labels 7 (300 pixels)")


def test_the_likely_cause_of_strange_labels_is_told(tmp_path):
    problem = RecordMaker(DESCRIPTOR, MaskReader()).outcome(pair(tmp_path, stripes(labels=(0, 50, 100))))
    assert "labels 50 (210 pixels), 100 (180 pixels); legal are 0 to 2" in problem.text
    assert "all labels are multiples of 50" in problem.text and "--label_map" in problem.text


def test_masks_of_any_source_are_held_to_the_size_of_the_image(tmp_path):
    class Source:
        def encoded(self, mask: str, size: tuple[int, int]) -> EncodedMask:
            return pack(stripes(size[0] + 1, size[1]))

    with pytest.raises(InputError, match="a_mask.png: the mask has 30 x 21 pixels, its image 30 x 20"):
        RecordMaker(DESCRIPTOR, Source()).make(pair(tmp_path))


def test_hostile_masks_are_refused_by_their_header(tmp_path):
    """A mask of another size than its image takes no memory."""
    found = pair(tmp_path)
    bomb = write(tmp_path / "a_mask.png", encoded(Image.new("L", (20_000, 8_000))))
    with pytest.raises(InputError, match=f"{bomb}: the mask has 20000 x 8000 pixels, its image 30 x 20"):
        RecordMaker(DESCRIPTOR, MaskReader(resize=True)).make(found)
    write(tmp_path / "a_mask.png", encoded(Image.new("1", (20_000, 20_000))))
    with pytest.raises(InputError, match="400000000 pixels"):
        RecordMaker(DESCRIPTOR, MaskReader()).make(found)
