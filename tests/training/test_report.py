"""The page of a run: whole, self-contained, in light and dark, and true."""

import pathlib
import re

import pytest
from html_outline import Outline
from watched import STEPS, small

from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.pictures.series import Panel, Series
from deeplab_tf2.training import csv_log
from deeplab_tf2.training.report import FILE_NAME, Story, best_row, write_report


def words(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    outline = Outline(text)
    sources = [value for name, value in outline.attributes if name in ("src", "href", "srcset")]
    assert all(re.match("data:image/(png|jpeg);base64,", source) for source in sources) and "script" not in outline.tags
    return outline, " ".join(outline.words.split())


def test_a_run_leaves_a_page(watched_run):
    outline, text = words(f"{watched_run.folder}/{FILE_NAME}")
    assert f"Done: {STEPS} steps." in text
    row = csv_log.rows(f"{watched_run.folder}/validation_log.csv")[-1]
    assert f"mIoU {float(row['mIoU']):.4f} on val" in text
    # Four charts, each for light and for dark paper, and three pictures of three images.
    assert outline.tags.count("source") == 4 and outline.tags.count("img") == 4 + 9
    for name in load_descriptor(watched_run.folder).class_names:
        assert name in text
    assert "mobilenet_v2, output stride 16, 5 classes" in text and "2 crops of 33 x 33 pixels" in text


def story(records, tmp_path, scores, lines=(), examples=(), step=50, **changes):
    config = small(records, tmp_path, 100, **changes)
    panels = [Panel("Loss", [Series("", [(0, 1), (1, 2)])])]
    write_report(str(tmp_path), config, load_descriptor(records), Story(step, lines, scores, panels, examples))
    return words(tmp_path / FILE_NAME)


def score(step, miou, **each):
    return {"step": str(step), "mIoU": str(miou), **{f"IoU {name}": value for name, value in each.items()}}


def test_newest_and_best_stand_beside_each_other(sample_records, tmp_path):
    scores = [score(10, 0.2, disk="0.1"), score(20, 0.75, disk="0.5"), score(30, 0.5, disk="0.25", ring="")]
    _, text = story(sample_records, tmp_path, scores)
    assert "Step 50 of 100." in text and "the best was 0.7500 after step 20" in text
    assert "IoU, newest" in text and "IoU, best (step 20)" in text
    assert "disk0.25000.5000" in text and "ringabsentabsent" in text
    assert best_row(scores) is scores[1]


def test_the_first_page_of_a_run_has_little_to_tell(sample_records, tmp_path):
    outline, text = story(sample_records, tmp_path, [], run={"validation_split": "none"})
    assert "Classes on" not in text and "What the network sees" not in text and "Settings" in text
    assert outline.tags.count("img") == 1


def test_a_score_that_is_none_is_a_dash(sample_records, tmp_path):
    _, text = story(sample_records, tmp_path, [score(10, "")])
    assert "mIoU - on val" in text


@pytest.mark.parametrize(
    ("optimizer", "told"),
    [
        ({}, "momentum, learning rate 0.007, poly"),
        ({"optimizer": "adam"}, "adam, learning rate 0.001, constant"),
        (
            {"learning_policy": "multi_steps", "boundaries": (3,), "boundary_learning_rates": (0.2, 0.1)},
            "momentum, learning rate 0.2, multi_steps",
        ),
    ],
)
def test_the_rate_is_the_one_in_force(sample_records, tmp_path, optimizer, told):
    assert told in story(sample_records, tmp_path, [], optimizer=optimizer)[1]


def test_statistics_of_a_frozen_backbone_count_as_frozen(sample_records, tmp_path):
    _, text = story(sample_records, tmp_path, [], optimizer={"freeze_backbone": True})
    assert "batch norm statisticsfrozen in backbone, trained in aspp and decoder" in text
