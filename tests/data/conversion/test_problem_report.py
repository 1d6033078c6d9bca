"""Problems are reported together, and listed in a file."""

import csv

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.conversion import problem_report
from deeplab_tf2.data.pairing.lists import Problem

MANY = [Problem(f"n{number}", f'n{number}.png: "bad", and\nworse') for number in range(30)]


def listed(folder):
    with open(folder / problem_report.FILE_NAME, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_without_permission_all_are_told(tmp_path):
    with pytest.raises(InputError, match=r"30 problems \(nothing was written.*all are listed in .*problems.csv\)") as e:
        problem_report.settle(MANY, str(tmp_path), None)
    assert "n19.png" in str(e.value) and "n20.png" not in str(e.value)
    assert listed(tmp_path) == [["name", "problem"]] + [[problem.name, problem.text] for problem in MANY]


def test_some_may_be_left_out(tmp_path):
    assert "30 examples were left out" in problem_report.settle(MANY, str(tmp_path), 30)
    assert len(listed(tmp_path)) == 31
    with pytest.raises(InputError, match="more than --skip_limit=29"):
        problem_report.settle(MANY, str(tmp_path), 29)
    assert problem_report.settle(MANY[:1] * 2, str(tmp_path), 1).startswith("1 example was left out")
    assert len(listed(tmp_path)) == 2


def test_no_problem_leaves_no_list(tmp_path):
    problem_report.settle(MANY[:1], str(tmp_path), 1)
    assert problem_report.settle([], str(tmp_path), None) is None
    assert list(tmp_path.iterdir()) == []
