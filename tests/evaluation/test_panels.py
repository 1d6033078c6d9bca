"""Charts hold the numbers of what was found."""

import numpy as np
from toy_evaluation import evaluation

from deeplab_tf2.evaluation.panels import calibration_panel, trimap_panels
from deeplab_tf2.pictures.plots import draw


def test_curves_along_borders():
    found = evaluation().trimap
    miou, accuracy = trimap_panels({"a": found, "b": found})
    assert [line.name for line in miou.series] == ["a", "b"]
    np.testing.assert_array_equal(miou.series[0].points, [(1, 0.3), (2, 0.4), (5, 0.6)])
    np.testing.assert_array_equal(accuracy.series[1].points, [(1, 0.5), (2, 0.6), (5, 0.8)])
    assert trimap_panels({}) == []


def test_empty_bins_are_no_points():
    panel = calibration_panel({"measured": evaluation().calibration})
    perfect, measured = panel.series
    assert perfect.points == [(0, 0), (1, 1)] and measured.hue != perfect.hue
    np.testing.assert_array_equal(measured.points, [(0.99, 0.95)])
    assert draw([panel]).width == 960
