import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import ExifTags, Image
from toy_files import encoded, palette_mask, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import masks
from deeplab_tf2.data.files.label_map import Entry, LabelMap
from deeplab_tf2.data.files.masks import MaskReader

LABELS = stripes(labels=(0, 3, 11, 255))
GREY_2_BITS = stripes(labels=(0, 1, 2, 3))


def read_by_tensorflow(data):
    return tf.io.decode_png(data, channels=1).numpy()[..., 0]


def test_grey_masks_keep_their_bytes():
    data = encoded(LABELS)
    mask = masks.encode(data)
    assert mask.data == data
    assert (mask.height, mask.width) == LABELS.shape
    np.testing.assert_array_equal(mask.counts, np.bincount(LABELS.ravel(), minlength=256))


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        (encoded(palette_mask(LABELS)), LABELS),
        (encoded(palette_mask(GREY_2_BITS), bits=2), GREY_2_BITS),
        (encoded(palette_mask(LABELS), transparency=3), LABELS),
        (encoded(LABELS.astype(np.uint16)), LABELS),
        (encoded(GREY_2_BITS, bits=2), GREY_2_BITS),
        (encoded(GREY_2_BITS, bits=4), GREY_2_BITS),
        (encoded(Image.fromarray(stripes(labels=(0, 255))).convert("1")), stripes(labels=(0, 1))),
        (encoded(LABELS, "BMP"), LABELS),
        (encoded(LABELS, "TIFF"), LABELS),
        (encoded(LABELS, "PPM"), LABELS),
    ],
    ids=["palette", "palette of 2 bits", "palette with alpha", "16 bits", "2 bits", "4 bits", "1 bit"]
    + ["bmp", "tiff", "pgm"],
)
def test_other_masks_become_grey_indices(data, labels):
    mask = masks.encode(data)
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), labels)
    np.testing.assert_array_equal(masks.decode(data), labels)
    np.testing.assert_array_equal(mask.counts, np.bincount(labels.ravel(), minlength=256))


def test_tensorflow_alone_would_not_read_palette_indices():
    assert (read_by_tensorflow(encoded(palette_mask(LABELS))) != LABELS).any()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (encoded(picture()), r"colour picture \(RGB\) with "),
        (encoded(Image.fromarray(picture()).convert("RGBA")), r"with alpha \(RGBA\)"),
        (encoded(LABELS.astype(np.uint16) + 100), "values up to 355"),
        (encoded(LABELS, "JPEG"), "JPEG file, whose compression changes labels"),
        (encoded(LABELS, "WEBP"), "WEBP file, whose compression"),
        (encoded(LABELS, "TIFF", compression="jpeg"), "TIFF file, whose compression"),
        (encoded(LABELS.astype(np.int32) + 70_000, "TIFF"), "values from 70000 to 70255"),
        (encoded(LABELS)[:-30], "truncated or damaged"),
        (b"", r"0 bytes"),
    ],
)
def test_what_is_no_index_mask_is_refused(data, words):
    with pytest.raises(InputError, match=words):
        masks.encode(data)


def test_refusals_say_what_is_legal():
    with pytest.raises(InputError, match="legal are files whose pixels are class indices"):
        masks.encode(encoded(picture()))


def test_what_is_transparent_is_ignored():
    pixels = np.stack([LABELS, np.full_like(LABELS, 255)], axis=-1)
    pixels[:, :3] = (200, 0)
    expected = LABELS.copy()
    expected[:, :3] = 11
    np.testing.assert_array_equal(MaskReader(11).decode(encoded(Image.fromarray(pixels))), expected)


def test_a_second_value_may_be_ignored():
    data, expected = encoded(LABELS), np.where(LABELS == 255, 11, LABELS)
    mask = MaskReader(11, also_ignored=255).encode(data)
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), expected)
    np.testing.assert_array_equal(MaskReader(11).decode(data), LABELS)
    values = np.array([7, 8, 255])[stripes()].astype(np.uint8)
    mapped = MaskReader(9, IDS, also_ignored=255).decode(encoded(values))
    np.testing.assert_array_equal(mapped, np.array([0, 0, 9])[stripes()])
    entries = (Entry("sky", (7, 8)), Entry("road", (255,)))
    taken = MaskReader(9, LabelMap("white.json", entries), also_ignored=255).decode(encoded(values))
    np.testing.assert_array_equal(taken, np.array([0, 0, 1])[stripes()])


def test_masks_turn_by_their_exif_orientation():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = encoded(np.rot90(LABELS), "PNG", exif=exif)
    mask = MaskReader().encode(data)
    assert (mask.height, mask.width) == LABELS.shape
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), LABELS)
    half = MaskReader(resize=True).decode(data, (10, 15))
    np.testing.assert_array_equal(half, masks.scaled(LABELS, (10, 15)))


def test_lossy_masks_of_half_the_size():
    """Snapping comes before scaling: no mixed colour is ever looked up."""
    labels = stripes(40, 60, (0, 1, 2, 3))
    colors = np.array([(0, 0, 255), (255, 0, 0), (240, 0, 0), (255, 255, 255)], np.uint8)
    small = encoded(colors[labels[::2, ::2]], "JPEG", quality=75)
    reader = MaskReader(label_map=PAINT, nearest_color=True, resize=True)
    found = reader.decode(small, (40, 60))
    assert found.shape == (40, 60)
    assert (found == np.array([0, 1, 1, 255])[labels]).mean() > 0.9
    np.testing.assert_array_equal(found, masks.scaled(reader.decode(small), (40, 60)))


def test_grey_jpeg_masks():
    levels = np.array([0, 120, 240], np.uint8)[stripes()]
    with pytest.raises(InputError, match="class indices, one step of grey apart, cannot be told"):
        MaskReader().encode(encoded(stripes(), "JPEG"))
    grey = LabelMap(
        "grey.json", tuple(Entry(f"{level}", (i,), (level * 0x10101,)) for i, level in enumerate((0, 120, 240)))
    )
    found = MaskReader(label_map=grey, nearest_color=True).decode(encoded(levels, "JPEG", quality=60))
    np.testing.assert_array_equal(found, stripes())


IDS = LabelMap("ids.json", (Entry("sky", (7, 8)), Entry("road", (300,))), (Entry("", (9,)),))
PAINT = LabelMap(
    "paint.json",
    (Entry("sky", (0,), (0x0000FF,)), Entry("road", (1,), (0xFF0000, 0xF00000))),
    (Entry("", (), (0xFFFFFF,)),),
    by_colors=True,
)
PAINTED = np.array([(0, 0, 255), (255, 0, 0), (240, 0, 0), (255, 255, 255)], np.uint8)[stripes(labels=(0, 1, 2, 3))]
MEANT = stripes(labels=(0, 1, 1, 255))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_values_go_through_the_label_map(dtype):
    values = np.array([7, 8, 9, 255, 300])[stripes(labels=(0, 1, 2, 3) + (4,) * (dtype == np.uint16))].astype(dtype)
    mask = MaskReader(label_map=IDS).encode(encoded(values))
    expected = np.select([values == 300, values > 8], [1, 255], 0)
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), expected)
    np.testing.assert_array_equal(mask.counts, np.bincount(expected.ravel(), minlength=256))


def test_grey_masks_keep_their_bytes_where_the_label_map_changes_nothing():
    data = encoded(stripes(labels=(0, 1, 255)))
    assert MaskReader(label_map=PAINT).encode(data).data == data


def test_values_that_the_label_map_lacks_are_named_with_their_counts():
    values = stripes(labels=(7, 8, 5, 40)).astype(np.uint16)
    values[0, :3] = 65535
    words = r"values 5 \(150 pixels\), 40 \(150 pixels\), 65535 \(3 pixels\), .*ids.json .*has 7 to 9, 255, 300: add"
    with pytest.raises(InputError, match=words):
        MaskReader(label_map=IDS).encode(encoded(values))


@pytest.mark.parametrize("kind", ["PNG", "PPM", "BMP", "TIFF", "GIF"])
def test_colour_masks_in_lossless_formats(kind):
    mask = MaskReader(label_map=PAINT).encode(encoded(PAINTED, kind))
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), MEANT)


def test_lossless_webp_is_no_lossy_file():
    reader = MaskReader(label_map=PAINT)
    np.testing.assert_array_equal(reader.decode(encoded(PAINTED, "WEBP", lossless=True)), MEANT)
    with pytest.raises(InputError, match="WEBP file, whose compression"):
        reader.decode(encoded(PAINTED, "WEBP"))


def test_transparent_pixels_are_ignored():
    alpha = stripes(labels=(255, 255, 1, 0))[..., None]
    image = np.concatenate([np.where(alpha == 0, 77, PAINTED).astype(np.uint8), alpha], axis=-1)
    np.testing.assert_array_equal(MaskReader(label_map=PAINT).decode(encoded(image)), MEANT)


def test_a_palette_is_read_by_colours_where_these_are_all_there_is():
    image = Image.fromarray(stripes(labels=(5, 6, 7, 8)))
    image.putpalette([0] * 15 + [0, 0, 255, 255, 0, 0, 240, 0, 0, 255, 255, 255])
    data = encoded(image)
    np.testing.assert_array_equal(MaskReader(label_map=PAINT).decode(data), MEANT)
    with pytest.raises(InputError, match="outside the label map: .*; the file has a palette: give the classes ids"):
        MaskReader(label_map=PAINT).decode(encoded(palette_mask(LABELS)))
    entries = (Entry("sky", (5,), (0x0000FF,)), Entry("road", (6, 7)), Entry("sea", (8,)))
    found = MaskReader(label_map=LabelMap("both.json", entries)).decode(data)
    np.testing.assert_array_equal(found, stripes(labels=(0, 1, 1, 2)))


def test_nearest_colours_make_lossy_masks_legal():
    data = encoded(PAINTED, "JPEG", quality=90, subsampling=0)
    with pytest.raises(InputError, match="JPEG file, .*--unknown_colors=nearest"):
        MaskReader(label_map=PAINT).encode(data)
    mask = MaskReader(label_map=PAINT, nearest_color=True).encode(data)
    labels = read_by_tensorflow(mask.data)
    np.testing.assert_array_equal(labels, MaskReader(label_map=PAINT, nearest_color=True).decode(data))
    assert (labels == MEANT).mean() > 0.9
    with pytest.raises(InputError, match="pixels have colours outside the label map"):
        MaskReader(label_map=PAINT).decode(encoded(Image.open(io.BytesIO(data))))
    with pytest.raises(InputError, match="needs a label_map with colors"):
        MaskReader(label_map=IDS, nearest_color=True)


def test_grey_masks_are_indices_for_a_table_of_colours_too():
    data = encoded(stripes(labels=(0, 1, 255)))
    np.testing.assert_array_equal(MaskReader(label_map=PAINT).decode(data), stripes(labels=(0, 1, 255)))


def test_black_and_white_masks_become_two_classes():
    soft = stripes(labels=(0, 100, 200, 255))
    meant = stripes(labels=(0, 0, 1, 1))
    for data in (encoded(soft), encoded(np.where(meant, 255, 0).astype(np.uint8), "JPEG")):
        mask = MaskReader(binary=True).encode(data)
        np.testing.assert_array_equal(read_by_tensorflow(mask.data), meant)
        assert mask.counts[:2].sum() == meant.size


def test_folders_name_the_class_of_what_is_bright():
    reader = MaskReader(binary=True, folders={"crack": 1, "hole": 2})
    for path, label in (("/data/crack/a.png", 1), ("crack/hole/sub/a.png", 2), ("hole\\a.png", 2)):
        assert reader.bright_label(path) == label
    for path in ("a.png", "/data/other/crack"):
        with pytest.raises(InputError, match="no folder that is called like a class; classes are crack, hole"):
            reader.bright_label(path)
    assert MaskReader(binary=True).bright_label("crack/a.png") == 1
    mask = reader.encode(encoded(stripes(labels=(0, 255))), bright=2)
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), stripes(labels=(0, 2)))


@pytest.mark.parametrize(
    ("mask", "image", "same"),
    [
        ((180, 240), (360, 480), True),
        ((180, 240), (361, 481), True),
        ((41, 62), (333, 500), True),
        ((720, 960), (360, 480), True),
        ((240, 180), (360, 480), False),
        ((320, 320), (360, 480), False),
        ((179, 244), (360, 480), False),
    ],
)
def test_shapes_agree_to_a_pixel(mask, image, same):
    assert masks.same_shape(mask, image) == masks.same_shape(image, mask) == same


def test_masks_are_scaled_where_that_is_wanted():
    small = stripes(10, 15, labels=(0, 7, 255))
    mask = MaskReader(resize=True).encode(encoded(small), (20, 30))
    assert (mask.height, mask.width) == (20, 30)
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), small.repeat(2, axis=0).repeat(2, axis=1))
    np.testing.assert_array_equal(mask.counts, 4 * np.bincount(small.ravel(), minlength=256))
    odd = MaskReader(resize=True).encode(encoded(small), (7, 11))
    rows, columns = (((np.arange(n) + 0.5) * of / n).astype(int) for n, of in ((7, 10), (11, 15)))
    np.testing.assert_array_equal(read_by_tensorflow(odd.data), small[np.ix_(rows, columns)])


def test_masks_of_another_shape_or_the_right_size_keep_it():
    data = encoded(stripes(10, 15))
    for size in ((30, 30), (10, 15), None):
        assert MaskReader(resize=True).encode(data, size).data == data


def counts(pixels):
    found = np.zeros(256, np.int64)
    for value, count in pixels.items():
        found[value] = count
    return found


@pytest.mark.parametrize("ignore_label", [255, 0, 3])
def test_classes_and_the_ignore_label_pass(ignore_label):
    masks.check_labels(counts({0: 5, 2: 1, ignore_label: 7}), 3, ignore_label)


def test_stray_labels_are_named_with_their_pixel_counts():
    with pytest.raises(InputError, match=r"37 \(1600 pixels\), 200 \(400 pixels\).*0 to 10.*ignore label 11"):
        masks.check_labels(counts({0: 5, 11: 3, 37: 1600, 200: 400}), 11, 11)
    with pytest.raises(InputError, match="--ignore_label=255"):
        masks.check_labels(counts({0: 5, 255: 3}), 11, 11)
    for pixels in ({0: 5, 128: 1, 255: 3}, {0: 5, 255: 3}):
        with pytest.raises(InputError, match="two classes, say --binary_masks"):
            masks.check_labels(counts(pixels), 2, 7)
    with pytest.raises(InputError, match="and 192 more values"):
        masks.check_labels(np.ones(256, np.int64), 55, 255)
