"""The page of an evaluation: whole, self-contained, and true."""

import dataclasses
import pathlib
import re

import numpy as np
import pytest
from html_outline import Outline
from toy_evaluation import evaluation

from deeplab_tf2.evaluation.report import save_report


def page(folder, **changes):
    path = pathlib.Path(save_report(evaluation(**changes), str(folder)))
    text = path.read_text(encoding="utf-8")
    return path, Outline(text), re.sub("<style>.*?</style>", "", text)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return page(tmp_path_factory.mktemp("report"))


def test_a_page_shows_everything_and_loads_nothing(whole):
    path, outline, _ = whole
    assert [entry.name for entry in path.parent.iterdir()] == [path.name] == ["val_report.html"]
    sources = [value for name, value in outline.attributes if name in ("src", "href", "srcset")]
    assert all(re.match("data:image/(png|jpeg);base64,", source) for source in sources) and "script" not in outline.tags
    # Two charts along borders and one of calibration, for light and dark; three images with four pictures each.
    assert outline.tags.count("source") == 3 and outline.tags.count("img") == 3 + 12
    assert outline.words.count("Evaluation of faces on val") == 2
    for heading in ("Classes", "Along borders", "What is taken for what", "Objects by size", "Worst images"):
        assert heading in outline.words


def test_worst_and_best_have_their_scores(whole):
    _, outline, text = whole
    order = [text.index(f"<strong>{name}</strong>") for name in ("first", "third", "second")]
    assert order == sorted(order) and "first: mIoU 0.2500, pixel accuracy 0.5000" in outline.words
    assert ("alt", "errors of third") in outline.attributes


def test_probabilities_and_facts_are_told(whole):
    _, outline, text = whole
    assert "off by 0.0400 on average" in outline.words and "0.0400 higher than the share" in outline.words
    cells = re.findall(r"<td[^>]*>(.*?)</td>", text)
    assert cells[cells.index("padding") + 1] == "kind own size, plus 1" and not {"resizing", "warning"} & set(cells)


def test_what_was_not_measured_has_no_heading(tmp_path):
    none = [dataclasses.replace(size, objects=0) for size in evaluation().sizes]
    bare = {"trimap": None, "calibration": None, "sizes": none, "images": (), "worst": (), "best": (), "facts": {}}
    path, outline, _ = page(tmp_path, **bare, boundary_iou=np.full(4, np.nan))
    assert path.name == "all_report.html" and "img" not in outline.tags
    for heading in ("Along borders", "Objects by size", "images", "trust", "How it was measured"):
        assert heading not in re.sub("0 images", "", outline.words), heading
