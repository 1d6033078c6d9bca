import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_files import write, write_pairs

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.folders import Folder
from deeplab_tf2.data.pairing.list_pairs import pair_by_lists, pair_by_name


def folders(tmp_path, names=("a", "b", "sub/c")):
    images, masks = write_pairs(tmp_path, names)
    return Folder("image_folder", images), Folder("semantic_segmentation_folder", masks)


def paired(tmp_path, text, name="train.txt", names=("a", "b", "sub/c")):
    return pair_by_lists(*folders(tmp_path, names), write(tmp_path / "lists" / name, text))


@pytest.mark.parametrize(
    "line",
    [
        "my a 1.jpg my a 1.png",
        "/dead/my images/my a 1.jpg /dead/masks/my a 1.png",
        '"my a 1.jpg" "my a 1.png"',
        "my a 1.jpg,my a 1.png",
        r"C:\Users\Ann\My Set\my a 1.jpg",
        r"C:\data\my a 1.jpg C:\data\my a 1.png",
        r'"C:\data\my a 1.jpg" "C:\data\my a 1.png"',
        "my a 1.JPG",
        "my a 1.png",
        "  my a 1   ",
    ],
)
def test_lines_with_blanks_and_dead_paths(tmp_path, line):
    """A shorter name that fits too must not win."""
    pairing = paired(tmp_path, line, names=("my a 1", "my", "my a"))
    assert not pairing.problems
    (found,) = pairing.splits["train"]
    assert (found.name, found.mask) == ("my a 1", f"{tmp_path}/masks/my a 1.png")


def test_other_extensions_are_said(tmp_path):
    pairing = paired(tmp_path, "a.JPG\nsub/c.png\nb.jpg\n")
    assert "2 lines in train.txt: the extension is another in" in [*folders(tmp_path)[0].notes(), *_notes(tmp_path)][0]
    assert [pair.name for pair in pairing.splits["train"]] == ["a", "sub/c", "b"]


def _notes(tmp_path):
    images, masks = folders(tmp_path)
    pair_by_lists(images, masks, f"{tmp_path}/lists")
    return images.notes()


def test_one_table_for_all_splits(tmp_path):
    text = "image,mask,split\na.jpg,a.png,train\n/dead/sub/c.jpg,,val\nb.jpg,b.png,bad-name\nb.jpg,b.png,\nx.jpg,,val\n"
    pairing = paired(tmp_path, text, "all.csv")
    assert {split: [pair.name for pair in pairs] for split, pairs in pairing.splits.items()} == {
        "train": ["a"],
        "val": ["sub/c"],
    }
    assert [problem.name for problem in pairing.problems] == ["all.csv:6", "all.csv:4", "all.csv:5"]
    assert "the split 'bad-name'; legal are" in pairing.problems[1].text


def test_images_in_no_list_are_counted_and_named(tmp_path):
    pairing = paired(tmp_path, "a\n")
    assert [problem.name for problem in pairing.left_out] == [
        f"{tmp_path}/images/{name}.jpg" for name in ("b", "sub/c")
    ]
    assert pairing.notes == (f"images in no list were left out: {tmp_path}/images/b.jpg, {tmp_path}/images/sub/c.jpg",)


def test_lists_of_which_nothing_fits(tmp_path):
    with pytest.raises(InputError, match=r"2 problems \(no line can be used\)"):
        paired(tmp_path, "x\ny\n")
    with pytest.raises(InputError, match=r"holds no list; colors.csv is a label map"):
        paired(tmp_path, "name,color\nsky,#ffffff\n", "colors.csv")


pieces = st.sampled_from(
    ["a", "b.jpg", "a.png", " ", "\n", ",", '"', "'", "/", "..", "C:\\", "#", "train", "\t", "x" * 99, "\r"]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["train.txt", "all.csv"]), st.binary(max_size=60) | st.lists(pieces, max_size=25).map("".join))
def test_any_list_pairs_or_says_why(tmp_path_factory, name, content):
    folder = tmp_path_factory.mktemp("any")
    try:
        pairing = paired(folder, content, name, names=("a", "b"))
    except InputError as error:
        assert name in str(error)
        return
    known = {f"{folder}/images/{stem}.jpg" for stem in "ab"}
    assert {pair.image for pairs in pairing.splits.values() for pair in pairs} <= known
    assert all(problem.name.startswith(name) for problem in pairing.problems)


def test_a_name_of_several_images(tmp_path):
    images = folders(tmp_path, ("x/a", "y/a"))[0]
    write(tmp_path / "flat" / "a.png", b"")
    masks = Folder("semantic_segmentation_folder", f"{tmp_path}/flat")
    with pytest.raises(InputError, match="a.png can be the mask of x/a and y/a"):
        pair_by_name("x/a", "x/a.jpg", images, masks)
