import json

import numpy as np
import pytest
from toy_panoptic import save_coco

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.eval_coco_format import OFFICIAL, CocoEvalConfig, command
from deeplab_tf2.config import InputError

LEFT = np.arange(6) < np.full((4, 1), 2)
# Every flag of the official script, at its default.
FLAGS = """--metric=pq --num_categories=201 --ignored_label=0 --max_instances_per_category=256
--intersection_offset=51456 --normalize_by_image_size --num_workers=0 --print_digits=3"""


def run_command(*arguments):
    command(binding.parse(arguments, (CocoEvalConfig,), OFFICIAL))


@pytest.fixture
def files(tmp_path):
    truth = save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0), (~LEFT, 5, 2, 0)]])
    found = save_coco(tmp_path, "found", [[(LEFT, 256, 1, 0), (~LEFT, 7, 1, 0)]])
    return f"--gt_json_file={truth}", f"--pred_json_file={found}"


def test_an_official_line_prints_the_table_and_the_report_tells_each_category(files, tmp_path, capsys):
    folders = f"--gt_folder={tmp_path}/truth", f"--pred_folder={tmp_path}/found"
    run_command(*files, *folders, *FLAGS.split(), f"--report={tmp_path}/scores.json")
    assert "Things   66.667  100.000   66.667        1" in capsys.readouterr().out
    report = json.loads((tmp_path / "scores.json").read_text())
    assert report["metric"] == "pq" and report["gt_folder"] == f"{tmp_path}/truth"
    assert [row["false"] for row in report["categories"]] == [1, 0]
    run_command(*files, "--metric=pc", "--print_digits=0")
    assert "All      50    2" in capsys.readouterr().out


def test_void_may_be_no_category(tmp_path, capsys):
    truth = save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0)]])
    found = save_coco(tmp_path, "found", [[(LEFT, 9, 1, 0)]])
    for label in (255, -1):
        run_command(f"--gt_json_file={truth}", f"--pred_json_file={found}", f"--ignored_label={label}")
        assert "All     100.000  100.000  100.000        1" in capsys.readouterr().out


def test_mistakes_are_named(files):
    with pytest.raises(InputError, match="--pred_json_file is missing"):
        run_command(files[0])
    with pytest.raises(InputError, match=r"has the categories \[1, 2\]; it needs some, each of 0\.\.1"):
        run_command(*files, "--num_categories=2")
    with pytest.raises(InputError, match="metric is miou; legal are pq .* and pc"):
        run_command(*files, "--metric=miou")
