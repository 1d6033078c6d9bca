"""What is counted in a split."""

import numpy as np
from toy_files import encoded, picture, stripes

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.sources import Example
from deeplab_tf2.data.checking.survey import Hits, survey_split, without_union
from deeplab_tf2.data.decoding import Decoding

THREE = Descriptor("toy", ("x", "y", "z"), ((0, 0, 0), (9, 0, 0), (0, 9, 0)))


class Examples:
    """A source of examples that are at hand."""

    decoding = Decoding()

    def __init__(self, *examples):
        self.examples = examples

    def sizes(self):
        return {"train": len(self.examples)}

    def read(self, split, position):
        return self.examples[position]


def example(name, labels=(0, 1), seed=0, **size):
    return Example(name, encoded(picture(seed=seed, **size)), None if labels is None else stripes(labels=labels))


def test_everything_is_counted_once():
    source = Examples(
        example("mixed"),
        example("repeated", (0, 1, 255)),
        example("single", (2,), seed=1),
        example("empty", (255,), seed=2),
        example("strange", (0, 7), seed=3),
        example("bare", None, seed=4),
        example("smaller", height=10, seed=5),
        Example("torn", b"\xff\xd8\xff", stripes()),
    )
    advanced = []
    survey = survey_split(source, "train", THREE, advance=lambda: advanced.append(1))
    assert (survey.examples, survey.masks, len(advanced)) == (8, 5, 8)
    assert survey.class_pixels(THREE).tolist() == [300 + 210 + 300, 300 + 210, 600]
    assert survey.class_images(THREE).tolist() == [3, 2, 1]
    assert survey.label_pixels[[7, 255]].tolist() == [300, 180 + 600]
    assert survey.image_sizes == {(20, 30): 6}
    assert survey.repeated.first == [(1, "repeated = mixed")]
    assert survey.single.first == [(2, "single")] and survey.empty.first == [(3, "empty")]
    assert survey.strange.first[0][0] == 4 and "7 (300 pixels)" in survey.strange.names[0]
    assert np.flatnonzero(survey.strange_pixels).tolist() == [0, 7]
    assert survey.unlabelled.first == [(5, "bare")]
    smaller, torn = survey.unreadable.names
    assert "mask of smaller has 30 x 20 pixels, its image 30 x 10" in smaller and "image of torn" in torn


def test_the_fast_part_reads_some_masks_and_no_image():
    source = Examples(*(Example(f"{i}", b"no image", stripes()) for i in range(300)))
    survey = survey_split(source, "train", THREE, positions=[0, 150, 299], with_images=False)
    assert survey.examples == 3 and not survey.unreadable.count and not survey.digests
    assert survey.image_sizes == {(20, 30): 3}


def test_an_ignore_label_inside_the_classes_is_no_class():
    survey = survey_split(Examples(example("a", (0, 1))), "train", Descriptor("t", ("x", "y"), THREE.colors[:2], 0))
    assert survey.class_pixels(Descriptor("t", ("x", "y"), THREE.colors[:2], 0)).tolist() == [0, 300]
    assert survey.single.count == 1


def test_hits_keep_the_first_and_count_all():
    hits = Hits()
    for position in np.arange(120):
        hits.add(int(position), f"{position}")
    assert hits.count == 120 and len(hits.first) == len(hits.names) == 50 and hits.names[-1] == "49"


def test_a_union_is_left_out_beside_its_parts():
    assert without_union(["train", "val", "test", "trainval"]) == ["train", "val", "test"]
    assert without_union(["trainval", "test", "val"]) == ["trainval", "test", "val"]
