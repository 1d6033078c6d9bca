from deeplab_tf2.data.conversion.twins import Twins, digest


def met(*images):
    twins = Twins()
    for split, name, data in images:
        twins.add(split, name, digest(data))
    return list(twins.notes())


def test_equal_bytes_in_two_splits_are_noted():
    assert met(
        ("train", "a", b"1"), ("train", "b", b"2"), ("val", "c", b"1"), ("val", "d", b"2"), ("test", "e", b"2")
    ) == [
        "2 images of val lie in train too, byte by byte under another name (first: c = a); scores on val then say too"
        " much",
        "1 image of test lies in train too, byte by byte under another name (first: e = b); scores on test then say"
        " too much",
    ]


def test_no_twins():
    assert not met(("train", "a", b"1"), ("train", "b", b"1"), ("train_aug", "c", b"1"), ("val", "d", b"2"))


def test_one_name_in_two_splits_is_no_twin():
    assert not met(("train", "a", b"1"), ("test", "a", b"1"))
