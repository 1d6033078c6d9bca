"""Rows of a run's logs: appended, widened, cut where a run goes on."""

import pytest

from deeplab_tf2.training.csv_log import CsvLog, cut_after, rows


@pytest.fixture
def log(tmp_path):
    log = CsvLog(str(tmp_path / "log.csv"))
    for step in (5, 10, 15):
        log.add({"step": step, "loss": step / 7})
    return log


def text_of(log):
    with open(log.path, newline="", encoding="utf-8") as file:
        return file.read()


def test_rows_are_appended_under_one_head(log):
    CsvLog(log.path).add({"step": 20, "loss": 1.0})
    assert text_of(log) == f"step,loss\r\n5,{5 / 7}\r\n10,{10 / 7}\r\n15,{15 / 7}\r\n20,1.0\r\n"
    assert [float(row["loss"]) for row in rows(log.path)[:3]] == [5 / 7, 10 / 7, 15 / 7]


def test_rows_after_the_step_are_cut_off_and_written_again_to_the_same_bytes(log):
    whole = text_of(log)
    cut_after(log.path, 12)
    assert [row["step"] for row in rows(log.path)] == ["5", "10"]
    log.add({"step": 15, "loss": 15 / 7})
    assert text_of(log) == whole
    cut_after(log.path, 15)
    assert text_of(log) == whole


@pytest.mark.parametrize("left", ["1", "15,2.1", "15", "\r\n", "\x00\x00\r\n", "x,y\r\n", "15\r\n"])
def test_what_a_kill_left_of_a_row_is_no_row(log, left):
    cut_after(log.path, 12)
    whole = text_of(log)
    with open(log.path, "a", newline="", encoding="utf-8") as file:
        file.write(left)
    assert [row["step"] for row in rows(log.path)] == ["5", "10"]
    cut_after(log.path, 20)
    assert text_of(log) == whole


def test_a_run_that_starts_again_from_nothing_has_no_rows(log, tmp_path):
    cut_after(log.path, 0)
    assert list(tmp_path.iterdir()) == []
    cut_after(log.path, 0)
    assert rows(log.path) == []


def test_new_columns_come_behind_the_others(log):
    log.add({"step": 20, "loss": 1.0, "mIoU": 0.5})
    log.add({"step": 25, "mIoU": 0.75, "loss": 2.0})
    assert text_of(log).split("\r\n")[0] == "step,loss,mIoU"
    assert [row["mIoU"] for row in rows(log.path)] == ["", "", "", "0.5", "0.75"]
    cut_after(log.path, 20)
    assert [row["step"] for row in rows(log.path)] == ["5", "10", "15", "20"]
