import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from toy_files import encoded, palette_mask, picture, stripes, write, write_pairs

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data import catalog, schema
from deeplab_tf2.data.conversion import convert
from deeplab_tf2.data.files import images, masks
from deeplab_tf2.data.pairing.lists import Pair, Problem, pair_files
from deeplab_tf2.pictures.palettes import default_colors

NAMES = ("sky", "road", "tree")
ROOT = pathlib.Path(__file__).resolve().parents[3]


def read(folder, split):
    """The records of a split, parsed, in order."""
    paths = sorted(str(path) for path in pathlib.Path(folder).glob(f"{split}-*"))
    records = map(schema.parse, tf.data.TFRecordDataset(paths))
    return [{key: value.numpy() for key, value in record.items()} for record in records]


def described(names=NAMES, **settings):
    return catalog.Descriptor("toy", tuple(names), default_colors(len(names)), **settings)


def run(splits, folder, descriptor=None, *, mask_reader=None, advance=lambda: None, note=print, **options):
    return convert.convert(
        splits,
        str(folder),
        descriptor or described(),
        mask_reader=mask_reader,
        options=convert.Options(**options),
        advance=advance,
        note=note,
    )


@pytest.fixture
def pairs(tmp_path):
    """Three pairs to train on and two to validate on; the last mask has a palette and ignored pixels."""
    write_pairs(tmp_path, ["a", "b", "c", "d", "sub/e"])
    write(tmp_path / "masks" / "sub" / "e.png", encoded(palette_mask(stripes(labels=(0, 2, 255)))))
    write(tmp_path / "lists" / "train.txt", "a\nb\nc\n")
    write(tmp_path / "lists" / "val.txt", "d\nsub/e\n")
    return pair_files(str(tmp_path / "images"), str(tmp_path / "masks"), str(tmp_path / "lists")).splits


def test_records_and_descriptor(pairs, tmp_path):
    descriptor = run(pairs, tmp_path / "out", num_shards=2)
    assert descriptor == catalog.load_descriptor(str(tmp_path / "out"))
    shards = [f"{split}-0000{shard}-of-00002.tfrecord" for split in ("train", "trainval", "val") for shard in (0, 1)]
    for_tfds = ["dataset_info.json", "features.json", "image-segmentation-class-encoded.labels.txt"]
    assert sorted(os.listdir(tmp_path / "out")) == sorted(["descriptor.json", *for_tfds, *shards])
    assert [record["filename"] for record in read(tmp_path / "out", "val")] == [b"d", b"sub/e"]
    assert [record["filename"] for record in read(tmp_path / "out", "trainval")] == [
        b"a",
        b"b",
        b"c",
        b"d",
        b"sub/e",
    ]
    record = read(tmp_path / "out", "val")[1]
    assert record["image"] == (tmp_path / "images" / "sub" / "e.jpg").read_bytes()
    assert (record["image_format"], record["height"], record["width"], record["channels"]) == (
        b"jpeg",
        20,
        30,
        3,
    )
    labels = tf.io.decode_png(record["label"], channels=1).numpy()[..., 0]
    np.testing.assert_array_equal(labels, stripes(labels=(0, 2, 255)))


def test_the_descriptor_counts(pairs, tmp_path):
    descriptor = run(pairs, tmp_path / "out")
    train, val, both = (descriptor.split(name) for name in ("train", "val", "trainval"))
    whole = np.bincount(stripes().ravel(), minlength=3)
    mixed = np.bincount(stripes(labels=(0, 2, 255)).ravel(), minlength=256)
    assert (train.examples, train.shards, train.labelled) == (3, 3, True)
    assert train.class_pixels == tuple(3 * whole)
    assert val.class_pixels == tuple(whole + mixed[:3])
    assert val.class_images == (2, 1, 2)
    assert (train.ignored_pixels, val.ignored_pixels) == (0, mixed[255])
    assert both.examples == 5
    assert both.class_pixels == tuple(np.add(train.class_pixels, val.class_pixels))
    assert both.largest_image == (20, 30)


def test_an_ignore_label_among_the_classes_is_no_class(pairs, tmp_path):
    split = run({"train": pairs["train"]}, tmp_path / "out", described(ignore_label=0)).split("train")
    whole = np.bincount(stripes().ravel(), minlength=3)
    assert split.class_pixels == (0, 3 * whole[1], 3 * whole[2])
    assert split.class_images == (0, 3, 3)
    assert split.ignored_pixels == 3 * whole[0]


def test_largest_image_is_taken_side_by_side(tmp_path):
    for name, (height, width) in {"wide": (10, 50), "tall": (40, 20)}.items():
        write(tmp_path / "images" / f"{name}.png", encoded(picture(height, width)))
    split = run(pair_files(str(tmp_path / "images")).splits, tmp_path / "out").split("test")
    assert split.largest_image == (40, 50)


def test_images_without_masks_convert(tmp_path):
    folder, _ = write_pairs(tmp_path, ["a", "b"])
    split = run(pair_files(folder).splits, tmp_path / "out").split("test")
    assert (split.examples, split.labelled, split.class_pixels) == (2, False, ())
    assert [record["label"] for record in read(tmp_path / "out", "test")] == [b"", b""]


@pytest.mark.parametrize("workers", [1, 5])
def test_the_number_of_threads_changes_nothing(pairs, tmp_path, workers):
    run(pairs, tmp_path / "one", workers=1)
    run(pairs, tmp_path / "many", workers=workers)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "many" / path.name).read_bytes()


def test_all_bad_files_are_named_and_nothing_is_left(pairs, tmp_path):
    write(tmp_path / "images" / "a.jpg", b"")
    write(tmp_path / "masks" / "b.png", encoded(stripes(10, 15)))
    write(tmp_path / "masks" / "d.png", encoded(stripes(labels=(0, 7))))
    os.remove(tmp_path / "masks" / "sub" / "e.png")
    ticks = []
    with pytest.raises(InputError) as caught:
        run(pairs, tmp_path / "out", advance=lambda: ticks.append(1))
    text = str(caught.value)
    assert text.startswith("4 problems")
    assert "a.jpg: the file is empty" in text
    assert "b.png: the mask has 15 x 10 pixels, its image" in text and "30 x 20" in text
    assert "d.png: labels 7 (300 pixels); legal are 0 to 2" in text
    assert "e.png: cannot be read (No such file" in text
    assert len(ticks) == 5
    assert os.listdir(tmp_path / "out") == ["problems.csv"]


def test_masks_of_0_and_255_are_a_question_where_there_are_two_classes(tmp_path):
    pairing = pair_files(*write_pairs(tmp_path, ["a", "b"], labels=(0, 255)))
    splits = {**pairing.splits, "test": (dataclasses.replace(pairing.splits["train"][0], mask=None),)}
    reader = masks.MaskReader(binary=True)
    with pytest.raises(InputError, match="every mask holds 0 and 255 only.*say --binary_masks"):
        run(splits, tmp_path / "out", described(["good", "bad"]))
    descriptor = run(splits, tmp_path / "out", described(["good", "bad"]), mask_reader=reader)
    assert descriptor.split("train").class_pixels == (300, 300)


def test_two_classes_and_ignored_pixels_are_no_question(tmp_path):
    splits = pair_files(*write_pairs(tmp_path, ["a", "b"], labels=(0, 1, 255))).splits
    descriptor = run(splits, tmp_path / "out", described(["good", "bad"]))
    assert descriptor.split("train").ignored_pixels == np.sum(stripes(labels=(0, 1, 255)) == 255)


def test_masks_of_another_size_are_refused_or_scaled(pairs, tmp_path):
    write(tmp_path / "masks" / "b.png", encoded(stripes(10, 15)))
    write(tmp_path / "masks" / "c.png", encoded(stripes(15, 15)))
    with pytest.raises(InputError) as caught:
        run(pairs, tmp_path / "out")
    assert "b.png: the mask has 15 x 10 pixels" in str(caught.value)
    assert "30 x 20 (as displayed, by its EXIF orientation); they must agree, or say --resize" in str(caught.value)
    reader = masks.MaskReader(resize=True)
    with pytest.raises(InputError, match="1 problem .*\n.*c.png: the mask has 15 x 15 pixels.* no scale makes them"):
        run(pairs, tmp_path / "out", mask_reader=reader)
    write(tmp_path / "masks" / "c.png", encoded(stripes()))
    assert sum(run(pairs, tmp_path / "out", mask_reader=reader).split("train").class_pixels) == 3 * 20 * 30


def test_equal_images_in_train_and_val_are_noted(pairs, tmp_path):
    write(tmp_path / "images" / "d.jpg", (tmp_path / "images" / "b.jpg").read_bytes())
    notes = []
    run(pairs, tmp_path / "out", note=notes.append)
    assert len(notes) == 1
    assert notes[0].startswith("1 image of val lies in train too, byte by byte under another name (first: d = b)")


def test_a_rotated_photograph_is_compared_as_displayed(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(picture()).transpose(Image.Transpose.ROTATE_90)
    image = write(tmp_path / "a.jpg", encoded(turned, "JPEG", exif=exif))
    mask = write(tmp_path / "a.png", encoded(stripes()))
    assert run({"train": [Pair("a", image, mask)]}, tmp_path / "out").split("train").largest_image == (20, 30)
    write(mask, encoded(stripes(30, 20)))
    with pytest.raises(InputError, match="EXIF orientation"):
        run({"train": [Pair("a", image, mask)]}, tmp_path / "out")


def test_a_second_conversion_replaces_the_first(pairs, tmp_path):
    run(pairs, tmp_path / "out", num_shards=3)
    write(tmp_path / "out" / "notes.txt", "mine")
    run(pairs, tmp_path / "out", num_shards=1)
    assert len(read(tmp_path / "out", "train")) == 3
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    write(tmp_path / "images" / "a.jpg", b"")
    with pytest.raises(InputError):
        run(pairs, tmp_path / "out", num_shards=2)
    assert len(read(tmp_path / "out", "train")) == 3
    assert catalog.load_descriptor(str(tmp_path / "out")).split("train").shards == 1


def test_splits_that_share_images_are_converted_each(pairs, tmp_path):
    splits = {
        "train_aug": pairs["trainval"],
        "trainval": pairs["train"][::-1],
        "train": pairs["train"],
        "val": pairs["val"],
    }
    assert convert.joined_split(splits) is None
    assert convert.files_to_read(splits) == 13
    assert convert.files_to_read(pairs) == 5
    run(splits, tmp_path / "out")
    assert [record["filename"] for record in read(tmp_path / "out", "trainval")] == [b"c", b"b", b"a"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"num_shards": 0}, "num_shards is 0"),
        ({"skip_limit": -1}, "skip_limit is -1"),
    ],
)
def test_settings_that_are_refused(pairs, tmp_path, settings, words):
    with pytest.raises(InputError, match=words):
        run(pairs, tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_class_names_that_are_refused(pairs, tmp_path):
    for names, words in (
        (["sky"], "at least 2 classes"),
        (["sky", "sky"], "differ"),
        ([str(n) for n in range(257)], "257 names"),
    ):
        with pytest.raises(InputError, match=words):
            run(pairs, tmp_path / "out", described(names))
    with pytest.raises(InputError, match="no image to convert in split val"):
        run({**pairs, "val": ()}, tmp_path / "out")


def test_kills_at_any_moment(tmp_path):
    """No torn shard is ever seen, and resuming gives the bytes of a conversion in one go."""
    folder, mask_folder = write_pairs(tmp_path, [f"{number:04d}" for number in range(400)])
    command = [sys.executable, str(ROOT / "datasets" / "build_tfrecord.py"), f"--image_folder={folder}", "--resume"]
    command += [f"--semantic_segmentation_folder={mask_folder}", "--class_names=a,b,c", "--num_shards=8", "--name=toy"]
    whole, out = tmp_path / "whole", tmp_path / "out"
    begin = time.monotonic()
    subprocess.run([*command, f"--output_dir={whole}"], check=True, capture_output=True)
    lifetime = time.monotonic() - begin
    expected = {path.name: path.read_bytes() for path in whole.iterdir()}
    rng = np.random.default_rng()
    kills = unfinished = 0
    while kills < int(os.environ.get("DEEPLAB_TF2_KILLS", "2")):
        with subprocess.Popen(
            [*command, f"--output_dir={out}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            # Every other time in the short moment in which files come to their place.
            if kills % 2 and not any(out.glob("*.tfrecord")):
                while process.poll() is None and not any(out.glob("*.tfrecord")):
                    time.sleep(0)
                time.sleep(rng.uniform(0, 0.0003))
            else:
                time.sleep(rng.uniform(0, lifetime))
            process.send_signal(signal.SIGKILL)
            told = process.communicate()[0].decode()
        seen = {path.name: path.read_bytes() for path in out.glob("[!.]*")}
        assert {name: expected[name] for name in seen} == seen, told
        kills += process.returncode == -signal.SIGKILL
        unfinished += bool(seen) and seen != expected
        if process.returncode == 0:
            assert seen == expected, told
            shutil.rmtree(out)
    subprocess.run([*command, f"--output_dir={out}"], check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == expected
    print(f"{kills} kills, {unfinished} of them between the first and the last file of the output")


def test_a_killed_conversion_is_resumed(tmp_path):
    """What was finished is kept, and the bytes are those of a conversion in one go."""
    folder, mask_folder = write_pairs(tmp_path, [f"{number:04d}" for number in range(20)])
    splits = pair_files(folder, mask_folder).splits
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run(splits, whole, num_shards=3)
    seen = []

    def stop():
        seen.append(1)
        if len(seen) == 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(splits, broken, num_shards=3, workers=1, advance=stop)
    assert os.listdir(broken) == [".converting"]
    read_again, notes = [], []
    options = convert.Options(num_shards=3, resume=True)
    convert.convert(
        splits,
        str(broken),
        described(),
        encode_image=lambda data: read_again.append(1) or images.encode(data),
        options=options,
        note=notes.append,
    )
    assert notes == ["2 of 5 shards were finished before and are kept"]
    assert len(read_again) == 20 - 12
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == {
        path.name: path.read_bytes() for path in broken.iterdir()
    }


def test_an_interrupted_conversion_is_not_thrown_away_in_silence(pairs, tmp_path):
    (tmp_path / "out" / ".converting").mkdir(parents=True)
    notes = []
    run(pairs, tmp_path / "out", note=notes.append)
    assert len(notes) == 1 and "--resume would have kept it" in notes[0]


def test_what_cannot_be_used_is_left_out_where_that_is_wanted(pairs, tmp_path):
    write(tmp_path / "images" / "a.jpg", b"")
    notes = []
    descriptor = run(pairs, tmp_path / "out", skip_bad=True, note=notes.append)
    assert [record["filename"] for record in read(tmp_path / "out", "train")] == [b"b", b"c"]
    assert [record["filename"] for record in read(tmp_path / "out", "trainval")] == [b"b", b"c", b"d", b"sub/e"]
    assert (descriptor.split("train").examples, descriptor.split("trainval").examples) == (2, 4)
    assert notes[0].startswith("1 example was left out; why, is listed in")
    assert "a.jpg: the file is empty" in (tmp_path / "out" / "problems.csv").read_text()
    with pytest.raises(InputError, match="1 problem .more than --skip_limit=0"):
        run(pairs, tmp_path / "none", skip_bad=True, skip_limit=0)
    write(tmp_path / "images" / "d.jpg", b"")
    write(tmp_path / "images" / "sub" / "e.jpg", b"")
    with pytest.raises(InputError, match="no image of split val can be used"):
        run(pairs, tmp_path / "none", skip_bad=True)
    assert os.listdir(tmp_path / "none") == ["problems.csv"]


def test_known_problems_are_reported_with_the_others(pairs, tmp_path):
    write(tmp_path / "images" / "a.jpg", b"")
    with pytest.raises(InputError, match=r"(?s)2 problems .*x.jpg: no mask.*a.jpg: the file is empty"):
        convert.convert(pairs, str(tmp_path / "out"), described(), problems=[Problem("x", "x.jpg: no mask")])


def test_other_file_systems_give_the_same_bytes(tmp_path):
    write_pairs(tmp_path, ["a", "b", "c"])
    remote = f"ram://{tmp_path.name}"
    for path in tmp_path.rglob("*.*"):
        target = storage.join(remote, *path.relative_to(tmp_path).parts)
        storage.make_folder(storage.split(target)[0])
        storage.write_whole(target, path.read_bytes())
    splits = {
        root: pair_files(storage.join(root, "images"), storage.join(root, "masks")).splits
        for root in (str(tmp_path), remote)
    }
    run(splits[str(tmp_path)], tmp_path / "out", num_shards=2)
    run(splits[remote], f"{remote}/out", num_shards=2)
    assert storage.names(f"{remote}/out") == sorted(os.listdir(tmp_path / "out"))
    for path in (tmp_path / "out").iterdir():
        assert storage.read(f"{remote}/out/{path.name}") == path.read_bytes()
    assert catalog.load_descriptor(f"{remote}/out").split("train").examples == 2


def test_results_do_not_pile_up(tmp_path):
    """A slow writer holds back the readers: memory does not grow with the dataset."""
    folder, _ = write_pairs(tmp_path, ["a"])
    started, lead = [], []

    def encode(data):
        started.append(1)
        return images.encode(data)

    def advance():
        lead.append(len(started) - len(lead))
        time.sleep(0.002)

    pairs = [Pair("a", os.path.join(folder, "a.jpg"), None)] * 100
    options = convert.Options(workers=2)
    convert.convert(
        {"test": pairs}, str(tmp_path / "out"), described(), encode_image=encode, options=options, advance=advance
    )
    assert len(started) == 100
    assert 2 < max(lead) <= 4 + 2


def test_camvid_as_it_lies(shared, tmp_path):
    folder = shared / "camvid_subset" if (shared / "camvid_subset").is_dir() else shared / "data" / "camvid_subset"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    names = [
        "sky",
        "building",
        "pole",
        "road",
        "pavement",
        "tree",
        "sign",
        "fence",
        "car",
        "pedestrian",
        "bicyclist",
    ]
    pairing = pair_files(str(folder), str(folder), str(folder))
    assert [note.split(",")[0] for note in pairing.notes] == [
        f"{count} lines in {split}.txt: dropped the prefix /SegNet/CamVid"
        for split, count in (("train", 92), ("val", 21), ("test", 59))
    ]
    descriptor = run({"val": pairing.splits["val"]}, tmp_path, described(names, ignore_label=11))
    val = descriptor.split("val")
    assert (val.examples, val.largest_image) == (21, (360, 480))
    assert sum(val.class_pixels) + val.ignored_pixels == 21 * 360 * 480
    first = read(tmp_path, "val")[0]
    assert first["filename"] == b"val/0016E5_07959"
    assert first["label"] == (folder / "valannot" / "0016E5_07959.png").read_bytes()
