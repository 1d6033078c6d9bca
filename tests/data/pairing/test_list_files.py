import pytest
from toy_files import write

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.list_files import find_lists, read_list


def lines(tmp_path, name, text):
    """The (split, image, mask) of every line, as the first reading has it."""
    return [(line.split, *line.readings[0][:2]) for line in read_list(write(tmp_path / name, text))]


def readings(tmp_path, line):
    return [reading[:2] for reading in read_list(write(tmp_path / "train.txt", line))[0].readings]


def test_lists_of_a_folder_or_one(tmp_path):
    for name in ("train.txt", "val.LST", "all.csv", "x.tsv", ".hidden.txt", "readme.md"):
        write(tmp_path / name, "a")
    assert [path.rpartition("/")[2] for path in find_lists(str(tmp_path))] == [
        "all.csv",
        "train.txt",
        "val.LST",
        "x.tsv",
    ]
    assert find_lists(f"{tmp_path}/readme.md") == [f"{tmp_path}/readme.md"]
    write(tmp_path / "other" / "notes.md", "")
    with pytest.raises(InputError, match=r"holds no list \(it holds notes.md, ...\); expected train.txt"):
        find_lists(f"{tmp_path}/other")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, end):
    """UTF-16 is what PowerShell redirects into."""
    data = end.join(("Straße 1.jpg  ", "", "\t# comment", "b")).encode(encoding)
    assert lines(tmp_path, "train.txt", data) == [("train", "Straße 1.jpg", ""), ("train", "b", "")]
    assert lines(tmp_path, "val.csv", data)[0] == ("val", "Straße 1.jpg", "")


@pytest.mark.parametrize(
    "line",
    ["'my a.jpg' 'my b.png'", '"my a.jpg"\t"my b.png"', '"my a.jpg", "my b.png"', '"my a.jpg";"my b.png"'],
)
def test_quoted_names_with_blanks(tmp_path, line):
    assert readings(tmp_path, line) == [("my a.jpg", "my b.png")]
    assert readings(tmp_path, '"my a.jpg"') == [("my a.jpg", "")]
    assert readings(tmp_path, '"my a.jpg" b.png') == [("my a.jpg", "b.png")]


def test_the_gap_behind_an_extension_is_the_likeliest(tmp_path):
    assert readings(tmp_path, "/d/a 1.jpg /d/a 1.png")[:2] == [
        ("/d/a 1.jpg /d/a 1.png", ""),
        ("/d/a 1.jpg", "/d/a 1.png"),
    ]
    assert ("a.jpg", "b.png") in readings(tmp_path, "a.jpg, b.png")


def test_one_absolute_path_with_blanks_may_lose_its_folders(tmp_path):
    def whole(line):
        return [
            reading for reading in read_list(write(tmp_path / "t.txt", line))[0].readings if reading == (line, "", True)
        ]

    assert whole(r"C:\My Photos\a.jpg")
    assert whole("/my photos/a 1.JPG")
    for two in ("/dead/a /dead/b", "/dead/a.jpg b.png", "/dead/a masks/b", "my photo.jpg"):
        assert not whole(two)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("all.csv", "a.jpg,a.png,train\nb.jpg,b.png,val\n"),
        ("all.csv", "Image;Mask;Split\na.jpg;a.png;train\nb.jpg;b.png;val\n"),
        ("all.csv", ",split,mask_path,image_path,width\n0,train,a.png,a.jpg,9\n1,val,b.png,b.jpg,9\n"),
        ("all.tsv", "filename\tlabel\tsubset\na.jpg\ta.png\ttrain\nb.jpg\tb.png\tval\n"),
        ("all.csv", '"image","mask","split"\n"a.jpg","a.png","train"\n\n# more\n"b.jpg","b.png","val"\n'),
    ],
)
def test_tables(tmp_path, name, text):
    assert lines(tmp_path, name, text) == [("train", "a.jpg", "a.png"), ("val", "b.jpg", "b.png")]


def test_tables_without_masks_or_splits(tmp_path):
    assert lines(tmp_path, "train.csv", "a.jpg\nb.jpg\n") == [("train", "a.jpg", ""), ("train", "b.jpg", "")]
    assert lines(tmp_path, "train.csv", "image\na b.jpg\n") == [("train", "a b.jpg", "")]
    assert lines(tmp_path, "val.csv", 'image,mask\n"a, b.jpg",a.png\n') == [("val", "a, b.jpg", "a.png")]
    assert lines(tmp_path, "all.csv", "a.jpg,train\nb.jpg,test\n") == [("train", "a.jpg", ""), ("test", "b.jpg", "")]
    assert lines(tmp_path, "all.csv", "image,fold\na,0\nb,\n") == [("0", "a", ""), ("", "b", "")]


def test_a_last_column_of_split_words_says_the_split(tmp_path):
    assert lines(tmp_path, "all.txt", "a train\nmy b.jpg, val\n") == [("train", "a", ""), ("val", "my b.jpg", "")]
    assert lines(tmp_path, "all.txt", "a train\nb c\n") == [("all", "a train", ""), ("all", "b c", "")]
    (line, *_) = read_list(write(tmp_path / "all.txt", "a.jpg a.png train\nb.jpg b.png test\n"))
    assert (line.split, line.readings[1]) == ("train", ("a.jpg", "a.png", True))


def test_label_maps_are_no_lists(tmp_path):
    assert read_list(write(tmp_path / "class_dict.csv", "name,r,g,b\nsky,1,2,3\n")) is None


@pytest.mark.parametrize("row", ["a,b,c,d", ",", "x" * 9000])
def test_rows_without_a_reading(tmp_path, row):
    found = read_list(write(tmp_path / "train.csv", f"a.jpg\n{row}\n"))
    assert [len(line.readings) for line in found] == [1, 0][: len(found)]


def test_a_line_of_nothing_but_a_split_has_no_reading(tmp_path):
    path = tmp_path / "all.txt"
    path.write_text(",train\nb,val\n")
    first, second = read_list(str(path))
    assert (first.split, first.text, first.readings) == ("train", "", ())
    assert second.readings[0][0] == "b"


@pytest.mark.parametrize("name", ["train-a.txt", "my train.csv"])
def test_splits_that_cannot_name_files(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: a split is named by letters"):
        read_list(write(tmp_path / name, "a\n"))
    assert lines(tmp_path, "my-set.csv", "a,train\n") == [("train", "a", "")]


def test_long_lines_take_no_time(tmp_path):
    for text in ("a " * 4000, "x" * 100_000, "/a" * 4000, '"' * 5000, "a," * 100_000):
        (line,) = read_list(write(tmp_path / "train.txt", text))
        assert len(line.readings) < 40
