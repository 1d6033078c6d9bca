from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.data.summary import format_summary


def test_table_has_a_column_per_split_and_a_row_per_class():
    train = Split(8, 4, class_pixels=(750, 250), class_images=(8, 2), ignored_pixels=1000, largest_image=(30, 40))
    splits = {"train": train, "test": Split(2, 1, labelled=False, largest_image=(50, 60))}
    rows = [
        line.split()
        for line in format_summary(Descriptor("toy", ("a", "b"), ((0, 0, 0),) * 2, splits=splits)).splitlines()
    ]
    assert rows == [
        ["train", "test"],
        ["images", "8", "2"],
        ["labelled", "yes", "no"],
        ["largest", "40", "x", "30", "60", "x", "50"],
        ["a", "75.00", "%", "-"],
        ["b", "25.00", "%", "-"],
        ["ignored", "50.00", "%", "-"],
    ]
