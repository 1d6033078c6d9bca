import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.pictures.legend import percent, side_by_side, with_legend
from deeplab_tf2.pictures.palettes import default_colors


def picture(height, width):
    return np.full((height, width, 3), 77, np.uint8)


def colors_below(sheet, height):
    return {tuple(color) for color in np.asarray(sheet)[height:].reshape(-1, 3).tolist()}


@pytest.mark.parametrize("classes", [2, 5, 21, 150])
@pytest.mark.parametrize("size", [(30, 40), (360, 480), (900, 200), (1200, 1600)])
def test_every_class_color_stands_below_the_picture(classes, size):
    colors = default_colors(classes)
    sheet = with_legend(picture(*size), [f"class {label}" for label in range(classes)], colors)
    factor = -(-320 // size[1])
    top = size[0] * factor
    assert sheet.width >= 320
    assert set(colors) <= colors_below(sheet, top)
    assert (np.asarray(sheet)[:top, : size[1] * factor] == 77).all()


@pytest.mark.parametrize(("size", "top"), [((20_000, 2), 100_000), ((60_000, 2), 60_000)])
def test_thin_pictures_stay_small(size, top):
    """Enlarged like others, the second would be 320 x 9,600,000 pixels."""
    sheet = with_legend(picture(*size), ["a", "b"], default_colors(2))
    assert sheet.width == 320 and set(default_colors(2)) <= colors_below(sheet, top)
    shown = size[1] * top // size[0]
    left = (320 - shown) // 2
    assert (np.asarray(sheet)[:top, left : left + shown] == 77).all()
    assert (np.asarray(sheet)[top - 9 : top, :left] == 255).all()


def test_what_is_far_too_thin_has_no_legend():
    np.testing.assert_array_equal(with_legend(picture(200_000, 2), ["a", "b"], default_colors(2)), picture(200_000, 2))
    assert side_by_side([picture(200_000, 2)], ["a"]).shape[1] == 2


def test_with_shares_only_classes_with_pixels_are_listed():
    colors = default_colors(4)
    sheet = with_legend(picture(300, 400), ["a", "b", "c", "d"], colors, shares=[0.5, 0.0, 0.4999, 0.0001])
    below = colors_below(sheet, 300)
    assert {colors[0], colors[2], colors[3]} <= below
    assert colors[1] not in below


def test_a_long_name_is_cut_so_that_the_strip_keeps_its_width():
    short = with_legend(picture(300, 400), ["a", "b"], default_colors(2))
    long = with_legend(picture(300, 400), ["a", "b" * 500], default_colors(2))
    assert long.width == short.width == 400
    # The right margin stays paper: no letter leaves the sheet.
    assert (np.asarray(long)[301:, -6:] == 255).all()


def test_the_legend_grows_with_the_photograph():
    heights = [
        with_legend(picture(*size), ["a", "b"], default_colors(2)).height - size[0]
        for size in ((480, 640), (3000, 4000))
    ]
    assert heights[1] > 4 * heights[0]


def test_no_pixel_at_all_still_gives_a_picture():
    assert with_legend(picture(300, 400), ["a", "b"], default_colors(2), shares=[0, 0]).width == 400


def test_numbers_that_do_not_match_are_named():
    with pytest.raises(InputError, match="3 names, 2 colours"):
        with_legend(picture(9, 9), ["a", "b", "c"], default_colors(2))
    with pytest.raises(InputError, match="2 names, 2 colours, 1 shares"):
        with_legend(picture(9, 9), ["a", "b"], default_colors(2), shares=[1.0])


def test_side_by_side_keeps_the_pictures_whole():
    left, right = picture(200, 300), picture(200, 300) + 100
    sheet = side_by_side([left, right], ["prediction", "truth"])
    np.testing.assert_array_equal(sheet[-200:, :300], left)
    np.testing.assert_array_equal(sheet[-200:, -300:], right)


@pytest.mark.parametrize(("share", "text"), [(0, "0.0 %"), (1e-6, "<0.1 %"), (0.0123, "1.2 %"), (1, "100.0 %")])
def test_percent(share, text):
    assert percent(share) == text
