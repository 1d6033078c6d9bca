import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.inference.tiles import Mosaic, Side, fade, side


@st.composite
def sides(draw, longest=700):
    stride = draw(st.sampled_from([4, 8, 16, 32]))
    tile = draw(st.integers(1, 200))
    return side(draw(st.integers(1, longest)), tile, draw(st.integers(0, (tile - 1) // 2)), stride), stride


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 3000),
    st.integers(1, 400).flatmap(lambda t: st.tuples(st.just(t), st.integers(0, (t - 1) // 2))),
    st.sampled_from([4, 8, 16, 32]),
)
def test_tiles_cover_a_side_and_keep_to_the_stride(length, tile_and_overlap, stride):
    tile, overlap = tile_and_overlap
    found = side(length, tile, overlap, stride)
    assert found.tile % stride == 1 and all(start % stride == 0 for start in found.starts)
    assert found.tile >= min(tile, length) and found.tile <= max(tile, 2 * stride + 1) + stride
    spans = [found.span(index) for index in range(len(found))]
    assert spans[0][0] == 0 and spans[-1][1] == length
    for (_, end), (start, _) in zip(spans, spans[1:], strict=False):
        assert end - start >= overlap
    total = np.zeros(length)
    for index, (start, end) in enumerate(spans):
        weights = found.weights(index)
        total[start:end] += weights
        counted = found.counted(index)
        outside = np.ones(length, bool)
        outside[counted] = False
        assert start <= counted.start < counted.stop <= end
        assert not weights[outside[start:end]].any() and (weights[~outside[start:end]] > 0).all()
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_tiles_lie_evenly_and_their_edges_do_not_count():
    found = side(1000, 321, 128, 16)
    assert found == Side(1000, 321, (0, 160, 336, 512, 688), 32)
    first, second = found.weights(0), found.weights(1)
    assert found.before(1) == (224, 256) and not first[256:].any() and not second[: 224 - 160].any()
    np.testing.assert_allclose(first[224:256], 1 - fade(32))
    assert (first[:224] == 1).all()


def test_an_image_that_is_not_larger_is_one_tile():
    assert side(500, 513, 128, 16) == Side(500, 513, (0,), 32)
    assert side(30, 513, 128, 16) == Side(30, 33, (0,), 32)


@settings(max_examples=60, deadline=None)
@given(sides(120), sides(120))
def test_the_mosaic_is_the_weighted_mean_of_the_tiles(vertical, horizontal):
    (rows, _), (columns, _) = vertical, horizontal
    rng = np.random.default_rng(0)
    found = np.full((rows.length, columns.length, 2), np.nan, np.float32)
    expected = np.zeros_like(found)
    mosaic = Mosaic(rows, columns, 2)
    for row in range(len(rows)):
        for column in range(len(columns)):
            (top, bottom), (left, right) = rows.span(row), columns.span(column)
            tile = rng.random((bottom - top, right - left, 2), np.float32)
            weights = rows.weights(row)[:, None, None] * columns.weights(column)[:, None]
            expected[top:bottom, left:right] += weights * tile
            lines, places, block = mosaic.add(row, column, tile)
            assert np.isnan(found[lines, places]).all(), "no pixel is finished twice"
            found[lines, places] = block
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_mosaic_knows_where_neighbours_agree():
    rows, columns = side(33, 33, 0, 16), side(97, 65, 24, 16)
    mosaic = Mosaic(rows, columns, 2)
    left = np.zeros((33, 65, 2), np.float32)
    left[..., 0] = 1
    right = left.copy()
    # Of the 6 pixels that are blended, from 45 on, the left tile sees class 1 in the last 2.
    assert columns.before(1) == (45, 51)
    left[:, 49:] = (0, 1)
    mosaic.add(0, 0, left)
    assert mosaic.agreement is None
    mosaic.add(0, 1, right)
    assert mosaic.agreement == 4 / 6
