import os

import pytest
from toy_files import write, write_pairs

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.lists import pair_files


def pair(folder, lists=None, **settings):
    """Pairs the files below `folder`, with lists given as split -> text."""
    for split, text in (lists or {}).items():
        write(folder / "lists" / f"{split}.txt", text)
    return pair_files(
        str(folder / "images"), str(folder / "masks"), str(folder / "lists") if lists else None, **settings
    )


def names(pairing):
    return {split: [pair.name for pair in pairs] for split, pairs in pairing.splits.items()}


def problems(pairing):
    return "\n".join(problem.text for problem in pairing.problems)


@pytest.mark.parametrize("line", ["a", "a.jpg", "  a  ", "./a", "a.jpg a.png", "a a", "a.jpg\ta.png"])
def test_forms_of_a_line(tmp_path, line):
    write_pairs(tmp_path, ["a", "b"])
    (found,) = pair(tmp_path, {"train": line + "\n"}).splits["train"]
    assert found.name == "a"
    assert os.path.samefile(found.image, tmp_path / "images" / "a.jpg")
    assert os.path.samefile(found.mask, tmp_path / "masks" / "a.png")


def test_order_comments_blank_lines_and_byte_order_marks(tmp_path):
    write_pairs(tmp_path, ["a", "b", "sub/c"])
    text = "\ufeff# comment\r\nsub/c\r\n\r\nb\r\na.jpg\r\n"
    assert names(pair(tmp_path, {"test": text})) == {"test": ["sub/c", "b", "a"]}


def test_names_with_blanks_and_dots(tmp_path):
    write_pairs(tmp_path, ["my photo 1", "v1.2"])
    lines = "my photo 1.jpg my photo 1.png\nv1.2\n"
    assert names(pair(tmp_path, {"train": lines}))["train"] == ["my photo 1", "v1.2"]
    assert names(pair(tmp_path, {"train": "my photo 1\n"}))["train"] == ["my photo 1"]


def test_dead_prefixes_are_dropped_and_said_once(tmp_path):
    write_pairs(tmp_path, ["train/a", "train/b"])
    lines = "/Dead/Set/train/a.jpg /Dead/Set/train/a.png\n/Dead/Set/train/b.jpg /Dead/Set/train/b.png\n"
    pairing = pair(tmp_path, {"train": lines})
    assert names(pairing)["train"] == ["train/a", "train/b"]
    said = [note for note in pairing.notes if "images" in note]
    assert len(said) == 1
    assert "2 lines in train.txt: dropped the prefix /Dead/Set" in said[0]


def test_dead_prefixes_never_turn_the_mask_into_the_image(tmp_path):
    """Image and mask below one folder, as CamVid has them: the end of the line exists there too."""
    write_pairs(tmp_path, ["a"])
    write(tmp_path / "lists" / "train.txt", "/dead/images/a.jpg /dead/masks/a.png\n")
    (found,) = pair_files(str(tmp_path), str(tmp_path), str(tmp_path / "lists")).splits["train"]
    assert os.path.samefile(found.image, tmp_path / "images" / "a.jpg")
    assert os.path.samefile(found.mask, tmp_path / "masks" / "a.png")


def test_living_absolute_paths_need_no_dropping(tmp_path):
    images, masks = write_pairs(tmp_path, ["sub/a"])
    pairing = pair(tmp_path, {"train": f"{images}/sub/a.jpg {masks}/sub/a.png\n"})
    assert names(pairing)["train"] == ["sub/a"]
    assert not pairing.notes


@pytest.mark.parametrize("line", ["../secret", "../secret.jpg", "sub/../../secret", "a ../secret.png", "..\\secret"])
def test_names_that_lead_out_are_refused(tmp_path, line):
    write_pairs(tmp_path, ["a"])
    write(tmp_path / "secret.jpg", (tmp_path / "images" / "a.jpg").read_bytes())
    write(tmp_path / "secret.png", (tmp_path / "masks" / "a.png").read_bytes())
    with pytest.raises(InputError, match=r"train.txt:1: .*leads out of"):
        pair(tmp_path, {"train": line})


def test_absolute_paths_and_links_outside_are_refused(tmp_path):
    write_pairs(tmp_path, ["a"])
    outside = write(tmp_path / "secret.jpg", (tmp_path / "images" / "a.jpg").read_bytes())
    os.symlink(outside, tmp_path / "images" / "linked.jpg")
    with pytest.raises(InputError, match="train.txt:1: no image"):
        pair(tmp_path, {"train": outside})
    with pytest.raises(InputError, match=r"train.txt:1: .*link that leads out of the folder"):
        pair(tmp_path, {"train": "linked"})


def test_problems_leave_the_rest_as_it_is(tmp_path):
    write_pairs(tmp_path, ["a", "b", "sub/c"])
    os.remove(tmp_path / "masks" / "b.png")
    pairing = pair(tmp_path, {"train": "a\nmissing\na\nb\n", "val": "c\na x.png\nsub/c\n"})
    assert names(pairing) == {"train": ["a"], "val": ["sub/c"], "trainval": ["a", "sub/c"]}
    assert [problem.name for problem in pairing.problems] == [
        "train.txt:2",
        "train.txt:3",
        "b",
        "val.txt:1",
        "val.txt:2",
    ]
    for words in (
        "lists/train.txt:2: no image missing",
        "train.txt:3: a stands in train.txt:1 already",
        "train.txt:4: no mask b.png",
        "val.txt:1: no image c in",
        "there is sub/c.jpg: write that",
        "val.txt:2: no mask x.png",
    ):
        assert words in problems(pairing)


def test_text_that_is_no_list_is_named(tmp_path):
    write_pairs(tmp_path, ["a"])
    pairing = pair(tmp_path, {"train": "a\n", "notes": "Made by us in 2021\n"})
    assert "notes.txt:1: no image Made" in problems(pairing)
    assert "if the file is no list, move it elsewhere" in problems(pairing)
    assert set(pairing.splits) == {"train"}


@pytest.mark.parametrize(
    ("split", "text", "words"),
    [
        ("train", "# nothing\n", "names no image"),
        ("train-small", "a\n", "rename the list"),
        ("train", b"\xff\xfe\x00", "no UTF-8 text"),
        ("train", b"\xe4.jpg", "no UTF-8 text"),
        ("train", b"a\0.jpg", "it has zero bytes"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path, split, text, words):
    write_pairs(tmp_path, ["a"])
    with pytest.raises(InputError, match=words):
        pair(tmp_path, {split: text})


def test_a_split_has_all_its_masks_or_none(tmp_path):
    write_pairs(tmp_path, ["a", "b", "c", "d"])
    for name in "cd":
        os.remove(tmp_path / "masks" / f"{name}.png")
    pairing = pair(tmp_path, {"train": "a\nb\n", "test": "c\nd\n"})
    assert [pair.mask for pair in pairing.splits["test"]] == [None, None]
    assert any("none of the 2 images has a mask" in note for note in pairing.notes)
    pairing = pair(tmp_path, {"train": "a\nb\nc\n"})
    assert "train.txt:3: no mask c.png" in problems(pairing)
    assert names(pairing)["train"] == ["a", "b"]
    with pytest.raises(InputError, match="has no mask for any listed image"):
        pair(tmp_path, {"train": "c\n", "test": "d\n"})


def test_trainval_is_made_where_it_is_missing(tmp_path):
    write_pairs(tmp_path, ["a", "b", "c"])
    found = names(pair(tmp_path, {"train": "b\na\n", "val": "c\n"}))
    assert found["trainval"] == ["b", "a", "c"]
    assert names(pair(tmp_path, {"trainval": "c\n"}))["trainval"] == ["c"]


def test_trainval_does_not_mix_images_with_and_without_masks(tmp_path):
    write_pairs(tmp_path, ["a", "b"])
    os.remove(tmp_path / "masks" / "b.png")
    assert set(pair(tmp_path, {"train": "a\n", "val": "b\n"}).splits) == {"train", "val"}


def test_no_image_is_its_own_mask(tmp_path):
    """One folder for both, in which only some images have a mask beside them."""
    write_pairs(tmp_path, ["a", "b"])
    os.rename(tmp_path / "masks" / "a.png", tmp_path / "images" / "a.png")
    folder = str(tmp_path / "images")
    assert "b.jpg: no mask b.png" in problems(pair_files(folder, folder))
    os.remove(tmp_path / "images" / "b.jpg")
    (found,) = pair_files(folder, folder, validation_share=0).splits["train"]
    assert (os.path.basename(found.image), os.path.basename(found.mask)) == ("a.jpg", "a.png")


def test_images_in_two_lists(tmp_path):
    write_pairs(tmp_path, ["a", "b", "c"])
    notes = pair(tmp_path, {"train": "a\nb\n", "val": "c\n", "test": "b\n"}).notes
    assert "1 images are in both train and test (first: b)" in notes
    pairing = pair(tmp_path, {"val": "b.jpg\nc\n"})
    assert [problem.name for problem in pairing.problems] == ["b"]
    assert "val.txt:1: b is in both train and val; delete one" in problems(pairing)
    assert names(pairing)["val"] == ["c"]


def test_a_trainval_that_is_no_union_is_noted(tmp_path):
    write_pairs(tmp_path, ["a", "b", "c", "d"])
    lists = {"train": "a\nb\n", "val": "c\n"}
    os.remove(tmp_path / "images" / "d.jpg")
    assert not pair(tmp_path, {**lists, "trainval": "c\nb\na\n"}).notes
    write_pairs(tmp_path, ["a", "b", "c", "d"])
    assert pair(tmp_path, {**lists, "trainval": "d\na\n"}).notes == (
        "trainval lacks 2 images of train and val (first: b)",
        "trainval has 1 images beyond them (first: d)",
    )


def test_images_without_masks_folder_form_a_test_split(tmp_path):
    images, _ = write_pairs(tmp_path, ["a", "sub/b"])
    assert names(pair_files(images)) == {"test": ["a", "sub/b"]}


def test_images_of_one_name_only(tmp_path):
    images, _ = write_pairs(tmp_path, ["a", "b"])
    write(tmp_path / "images" / "a.png", b"")
    assert "a.jpg and a.png in" in problems(pair_files(images))
    os.remove(tmp_path / "images" / "b.jpg")
    with pytest.raises(InputError, match=r"1 problem \(nothing pairs\):\n.*a.jpg and a.png"):
        pair_files(images)


def test_seeded_split(tmp_path):
    everyone = [f"image{number:02d}" for number in range(20)]
    write_pairs(tmp_path, everyone)
    first = names(pair(tmp_path, validation_share=0.25))
    assert len(first["val"]) == 5
    assert sorted(first["train"] + first["val"]) == everyone
    assert first["trainval"] == first["train"] + first["val"]
    assert names(pair(tmp_path, validation_share=0.25)) == first
    assert names(pair(tmp_path, validation_share=0.25, seed=1)) != first
    assert set(names(pair(tmp_path, validation_share=0))) == {"train"}
    with pytest.raises(InputError, match="validation_share is 1"):
        pair(tmp_path, validation_share=1)


def test_unpaired_files_without_lists(tmp_path):
    write_pairs(tmp_path, ["a", "b", "c"])
    os.remove(tmp_path / "images" / "c.jpg")
    pairing = pair(tmp_path)
    assert pairing.notes == (f"masks without an image were left out: {tmp_path}/masks/c.png",)
    assert [problem.name for problem in pairing.left_out] == [f"{tmp_path}/masks/c.png"]
    for name in "de":
        write(tmp_path / "images" / f"{name}.jpg", b"")
    pairing = pair(tmp_path)
    assert [problem.name for problem in pairing.problems] == ["d", "e"]
    assert "d.jpg: no mask d.png in" in problems(pairing)
    assert sorted(names(pairing)["trainval"]) == ["a", "b"]


def test_no_mask_at_all_is_the_wrong_folder(tmp_path):
    images, masks = write_pairs(tmp_path, ["a"])
    os.rename(tmp_path / "masks" / "a.png", tmp_path / "masks" / "a_mask.png")
    told = "has no mask for any image; looked for names like a.png; there are a_mask.png: say --mask_suffix=_mask$"
    with pytest.raises(InputError, match=told):
        pair_files(images, masks)
    with pytest.raises(InputError, match=r"names like a_L.png; .*do not end in _L .*first: a_mask.png"):
        pair_files(images, masks, mask_suffix="_L")


def test_what_a_wrong_mask_folder_holds_is_told(tmp_path):
    images, _ = write_pairs(tmp_path, ["a", "ab"])
    others = write_pairs(tmp_path / "else", ["a_color", "a_id", "ab_id", "b1"])[1]
    with pytest.raises(InputError, match=r"are a_color.png, a_id.png, ab_id.png and 1 more: say .*=_color or _id$"):
        pair_files(images, others)
    os.makedirs(tmp_path / "none")
    with pytest.raises(InputError, match=r"names like a.png$"):
        pair_files(images, str(tmp_path / "none"))
    # Images and masks in one folder, all of them PNG files.
    write_pairs(tmp_path / "else", ["a"])
    with pytest.raises(InputError, match=r"and 2 more: say --mask_suffix=_color or _id$"):
        pair_files(others, others)


def test_folders_that_are_none(tmp_path):
    images, masks = write_pairs(tmp_path, ["a"])
    for settings in ((f"{images}x", masks), (images, f"{masks}x")):
        with pytest.raises(InputError, match="is no folder"):
            pair_files(*settings)
    with pytest.raises(InputError, match="holds no list"):
        pair_files(images, masks, images)
    os.remove(tmp_path / "images" / "a.jpg")
    with pytest.raises(InputError, match="holds no image"):
        pair_files(images, masks)


def test_suffixes_in_one_folder(tmp_path):
    images, masks = write_pairs(tmp_path, ["a", "sub/b"])
    for name in ("a", "sub/b"):
        os.rename(f"{masks}/{name}.png", f"{images}/{name}_mask.png")
    (found,) = pair_files(images, images, mask_suffix="_mask", validation_share=0).splits.values()
    assert [pair.name for pair in found] == ["a", "sub/b"]
    assert [os.path.relpath(pair.mask, images) for pair in found] == ["a_mask.png", "sub/b_mask.png"]
    write(tmp_path / "lists" / "train.txt", "a\n/dead/sub/b.jpg sub/b_mask.png\n")
    (listed,) = pair_files(images, images, str(tmp_path / "lists"), mask_suffix="_mask").splits.values()
    assert listed == found
    os.remove(f"{images}/a_mask.png")
    assert "a.jpg: no mask a_mask.png in" in problems(pair_files(images, images, mask_suffix="_mask"))


def test_suffixes_of_both(tmp_path):
    """As Cityscapes has them, with other files beside the masks."""
    images, masks = write_pairs(tmp_path, ["a", "b"])
    for name in "ab":
        os.rename(f"{images}/{name}.jpg", f"{images}/{name}_leftImg8bit.jpg")
        os.rename(f"{masks}/{name}.png", f"{masks}/{name}_labelIds.png")
        write(f"{masks}/{name}_color.png", b"")
    pairing = pair_files(images, masks, image_suffix="_leftImg8bit", mask_suffix="_labelIds")
    assert names(pairing)["trainval"] in (["a", "b"], ["b", "a"])
    assert ["2 files whose names do not end in _labelIds" in note for note in pairing.notes] == [True]


def test_numbered_persons_and_flat_masks(tmp_path):
    """As Labeled Faces in the Wild lists them, with numbers padded or not."""
    images, masks = write_pairs(tmp_path, ["Ann_Lee/Ann_Lee_0001", "Ann_Lee/Ann_Lee_0012", "Bo/Bo_0001"])
    for name in ("Ann_Lee_0001", "Ann_Lee_0012", "Bo_0001"):
        os.rename(f"{masks}/{name[:-5]}/{name}.png", f"{masks}/{name}.png")
    for person in ("Ann_Lee", "Bo"):
        os.rmdir(f"{masks}/{person}")
    pairing = pair(tmp_path, {"train": "Ann_Lee 12\nBo 0001\n", "val": "Ann_Lee\t1\n"})
    assert names(pairing)["train"] == ["Ann_Lee/Ann_Lee_0012", "Bo/Bo_0001"]
    assert pairing.splits["val"][0].mask == f"{masks}/Ann_Lee_0001.png"
    write(tmp_path / "images" / "Cy" / "Bo_0001.jpg", (tmp_path / "images" / "Bo" / "Bo_0001.jpg").read_bytes())
    pairing = pair(tmp_path)
    assert "Bo_0001.png can be the mask of Bo/Bo_0001 and Cy/Bo_0001" in problems(pairing)
    assert len(names(pairing)["trainval"]) == 2


def test_names_that_are_no_text_are_problems(tmp_path):
    write_pairs(tmp_path, ["a", "b"])
    write(os.fsdecode(os.fsencode(tmp_path / "images") + b"/\xe4.jpg"), b"")
    pairing = pair(tmp_path)
    assert [problem.name for problem in pairing.problems] == ["?.jpg"]
    assert "is no UTF-8; rename the file" in problems(pairing)
    assert len(pairing.splits["trainval"]) == 2


def test_other_file_systems(tmp_path):
    import tensorflow as tf

    for name in ("images/x/a.jpg", "masks/x/a.png", "images/b.jpg", "masks/b.png", "images/.c.jpg", "l/train.txt"):
        path = f"ram://{tmp_path.name}/{name}"
        tf.io.gfile.makedirs(os.path.dirname(path))
        tf.io.gfile.GFile(path, "w").write(f"dead/x/a\nram://{tmp_path.name}/images/b.jpg\n../b\n")
    folder = f"ram://{tmp_path.name}"
    pairing = pair_files(f"{folder}/images", f"{folder}/masks/", f"{folder}/l")
    assert names(pairing) == {"train": ["x/a", "b"]}
    assert pairing.splits["train"][0].mask == f"{folder}/masks/x/a.png"
    assert f"{folder}/l/train.txt:3: ../b leads out of" in problems(pairing)
    assert names(pair_files(f"{folder}/images", f"{folder}/masks", validation_share=0)) == {"train": ["b", "x/a"]}
    with pytest.raises(InputError, match="is no folder"):
        pair_files(f"{folder}/none")
