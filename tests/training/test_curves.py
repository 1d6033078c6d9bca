"""Curves: from the logs alone, so that a stop leaves no gap."""

import numpy as np
import pytest
from PIL import Image
from watched import STEPS, small

from deeplab_tf2.data.catalog import constant_answer_miou, load_descriptor
from deeplab_tf2.pictures.themes import LIGHT
from deeplab_tf2.training import csv_log
from deeplab_tf2.training.curves import FILE_NAME, column, curves, smoothed


def panels(records, lines, scores, **changes):
    config = small(records, "run", 100, **changes)
    found = curves(lines, scores, config, load_descriptor(records))
    assert all(panel.x_range == (0, 100) for panel in found)
    return {panel.title: panel for panel in found}


def rows(rates):
    return [
        {"step": str(step + 1), "loss": str(3 - rate), "learning_rate": str(rate)} for step, rate in enumerate(rates)
    ]


def test_a_run_leaves_its_curves(watched_run):
    with Image.open(f"{watched_run.folder}/{FILE_NAME}") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape == (2 * 2 * 290, 2 * 2 * 480, 3)
    # Each of the four charts has its first line, in the first colour.
    for chart in (pixels[:580, :960], pixels[:580, 960:], pixels[580:, :960], pixels[580:, 960:]):
        assert (chart == LIGHT.hues[0]).all(-1).sum() > 100
    found = column(csv_log.rows(f"{watched_run.folder}/train_log.csv"), "loss")
    assert found[-1, 0] == STEPS and np.isfinite(found).all()


def test_charts_hold_the_columns_of_the_logs(sample_records):
    scores = [{"step": "5", "mIoU": "0.5", "pixel_accuracy": "0.7", "IoU disk": "0.25", "IoU ring": ""}]
    charts = panels(sample_records, rows(np.linspace(0.1, 0, 100)), scores)
    assert list(charts) == ["Loss", "Validation on val", "Learning rate", "IoU by class"]
    assert [series.pale for series in charts["Loss"].series] == [True, False]
    np.testing.assert_allclose(charts["Loss"].series[0].points[0], (1, 2.9))
    by_class = {series.name: series.points for series in charts["IoU by class"].series}
    np.testing.assert_array_equal(by_class["disk"], [(5, 0.25)])
    assert np.isnan(by_class["ring"]).any() and by_class["ring"].shape == (1, 2)
    constant = charts["Validation on val"].series[-1].points
    split = load_descriptor(sample_records).splits["val"]
    assert constant[0][1] == constant[1][1] == constant_answer_miou(np.array(split.class_pixels))


@pytest.mark.parametrize(
    ("rates", "log"),
    [(np.linspace(0.1, 0, 100), False), (0.1 * 0.1 ** (np.arange(100) // 25), True), ([0.01] * 9, False), ([], False)],
)
def test_a_rate_that_falls_by_factors_is_drawn_so(sample_records, rates, log):
    assert panels(sample_records, rows(rates), [])["Learning rate"].log == log


def test_without_validation_there_are_two_charts(sample_records):
    charts = panels(sample_records, rows([0.1]), [], run={"validation_split": "none"})
    assert list(charts) == ["Loss", "Learning rate"]


def test_smoothed_points_are_means_of_their_neighbours():
    assert smoothed(np.zeros((5, 2))) is None
    points = np.stack([np.arange(100.0), np.arange(100.0)], 1)
    found = smoothed(points)
    np.testing.assert_array_equal(found[:, 0], points[:, 0])
    # A straight line stays one, but at its ends, where neighbours are missing.
    np.testing.assert_allclose(found[2:-2, 1], points[2:-2, 1])
    np.testing.assert_allclose(found[0, 1], 1)
