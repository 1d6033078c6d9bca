import os

import pytest
from PIL import Image

from deeplab_tf2.cli.source_files import Classes, FilesConfig, read_class_names
from deeplab_tf2.config import InputError


def test_class_names_can_stand_in_a_file(tmp_path):
    path = tmp_path / "classes.txt"
    path.write_text("\ufeffsky\n road, paved\n\ntree\n", encoding="utf-8")
    assert read_class_names((str(path),)) == ("sky", "road, paved", "tree")
    assert read_class_names(("sky", "road")) == ("sky", "road")
    with pytest.raises(InputError, match="one name and no file"):
        read_class_names(("sky",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_class_names_of_windows_editors_are_read(tmp_path, encoding):
    path = tmp_path / "classes.txt"
    path.write_bytes("\r\nHimmel\r\n\r\n Straße \r\n".encode(encoding))
    assert read_class_names((str(path),)) == ("Himmel", "Straße")


def test_class_names_in_another_encoding_are_refused(tmp_path):
    path = tmp_path / "classes.txt"
    path.write_bytes("Straße".encode("latin-1"))
    with pytest.raises(InputError, match=r"classes\.txt is no UTF-8 text .*save it as UTF-8"):
        read_class_names((str(path),))


def test_legal_values_are_named():
    with pytest.raises(InputError, match="--resize_masks=bilinear; legal are refuse and nearest"):
        FilesConfig(image_folder="a", label_map="c", resize_masks="bilinear")
    with pytest.raises(InputError, match="--unknown_colors=snap; legal are refuse and nearest"):
        FilesConfig(image_folder="a", label_map="c", unknown_colors="snap")
    with pytest.raises(InputError, match="--binary_masks is about pictures"):
        FilesConfig(image_folder="a", semantic_segmentation_folder="b.json", binary_masks=True)


@pytest.mark.parametrize(("names", "ignore", "value"), [("abc", 2, 2), ("abc", 255, 255), ("ab", 1, 255)])
def test_255_is_ignored_besides_another_label(tmp_path, names, ignore, value):
    Image.new("L", (4, 6), 9).save(tmp_path / "x.jpg")
    Image.new("L", (4, 6), 255).save(tmp_path / "x.png")
    config = FilesConfig(
        image_folder=str(tmp_path),
        semantic_segmentation_folder=str(tmp_path),
        class_names=tuple(names),
        ignore_label=ignore,
    )
    told = "the mask value 255 is ignored too, like 2" in config.pair_files().notes
    assert told == (names == "abc" and ignore == 2)
    assert (config.mask_reader(config.classes()).labels(str(tmp_path / "x.png"), (6, 4)) == value).all()


def test_flags_reach_the_pairing_and_the_reader(tmp_path):
    for kind in ("crack", "hole"):
        os.makedirs(tmp_path / kind)
        Image.new("L", (4, 6), 9).save(tmp_path / kind / f"{kind}_x.png")
        Image.new("L", (2, 3), 255).save(tmp_path / kind / f"{kind}_mask.png")
    config = FilesConfig(
        image_folder=str(tmp_path),
        semantic_segmentation_folder=str(tmp_path),
        image_suffix="_x",
        mask_suffix="_mask",
        class_names=("good", "crack", "hole"),
        binary_masks=True,
        class_by_folder=True,
        resize_masks="nearest",
        validation_share=0.0,
    )
    classes = config.classes()
    reader = config.mask_reader(classes)
    assert classes == Classes(("good", "crack", "hole"))
    pairs = config.pair_files().splits["train"]
    assert [pair.name for pair in pairs] == ["crack/crack", "hole/hole"]
    for pair, label in zip(pairs, (1, 2), strict=True):
        found = reader.labels(pair.mask, (6, 4))
        assert found.shape == (6, 4)
        assert (found == label).all()
