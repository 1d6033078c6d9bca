"""The command eval_coco_format: panoptic scores of results in the format of COCO."""

from __future__ import annotations

import dataclasses
import sys
from typing import Literal

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, InputError, leaf, write_json
from deeplab_tf2.evaluation.panoptic.breakdown import Metric, breakdown, format_breakdown, to_json
from deeplab_tf2.evaluation.panoptic.coco_format import CocoResults, read_results
from deeplab_tf2.evaluation.panoptic.covering import ParsingCovering
from deeplab_tf2.evaluation.panoptic.quality import PanopticQuality
from deeplab_tf2.evaluation.panoptic.scoring import score

flags.disclaim_key_flags()

_EXACT = "segments are told apart exactly, however many an image has."
OFFICIAL = binding.Official({"max_instances_per_category": _EXACT, "intersection_offset": _EXACT})


@dataclasses.dataclass(frozen=True)
class CocoEvalConfig(Config):
    """Which results are scored against which truth, and how."""

    gt_json_file: str = leaf("", "JSON file of the truth, in the panoptic format of COCO.")
    pred_json_file: str = leaf("", "JSON file of the predictions, in the same format.")
    gt_folder: str | None = leaf(None, "Folder of the true PNG files; unset: that JSON file's path without .json.")
    pred_folder: str | None = leaf(None, "Folder of the predicted PNG files; unset likewise.")
    metric: Literal["pq", "pc"] = leaf("pq", "pq: panoptic quality; pc: parsing covering.")
    num_categories: int = leaf(201, "Category ids are below this number.")
    ignored_label: int = leaf(0, "Category that is not scored: void and crowds; it may lie outside the categories.")
    normalize_by_image_size: bool = leaf(True, "For pc: count areas as shares of their image, not in pixels.")
    num_workers: int = leaf(0, "Threads that read images; 0 for none beside, -1 for one per core.")
    print_digits: int = leaf(3, "Digits behind the point of the percentages in the table.")
    report: str | None = leaf(None, "JSON file to write, with the scores of every category.")

    def __post_init__(self) -> None:
        if self.metric not in ("pq", "pc"):
            raise InputError(f"metric is {self.metric}; legal are pq (panoptic quality) and pc (parsing covering)")
        if self.num_categories < 1 or self.num_workers < -1 or self.print_digits < 0:
            raise InputError(
                f"num_categories is {self.num_categories} (at least 1), num_workers {self.num_workers} (at least -1), "
                f"print_digits {self.print_digits} (at least 0)"
            )


def main() -> None:
    """Runs the command line."""
    binding.run(command, CocoEvalConfig, official=OFFICIAL)


def command(given: binding.Given) -> None:
    """Scores the results, prints the table and writes the report."""
    config = CocoEvalConfig(**given[CocoEvalConfig])
    for name in ("gt_json_file", "pred_json_file"):
        if not getattr(config, name):
            raise InputError(f"--{name} is missing: give a panoptic JSON file of COCO")
    truth = read_results(config.gt_json_file, config.gt_folder)
    predicted = read_results(config.pred_json_file, config.pred_folder)
    metric = _scored(config, truth, predicted)
    print(f"{config.pred_json_file} against {config.gt_json_file}: {len(truth.annotations)} images, percent")
    print(format_breakdown(breakdown(metric, truth.categories), config.print_digits))
    if config.report is not None:
        facts = config.to_dict()
        print(f"report: {write_json(config.report, facts | to_json(metric, truth.categories))}")


def _scored(config: CocoEvalConfig, truth: CocoResults, predicted: CocoResults) -> Metric:
    from tqdm import tqdm

    metric: Metric = (
        PanopticQuality(config.num_categories, config.ignored_label)
        if config.metric == "pq"
        else ParsingCovering(config.num_categories, config.ignored_label, config.normalize_by_image_size)
    )
    with tqdm(total=len(truth.annotations), desc="evaluating", unit="image", file=sys.stderr) as bar:
        score(metric, truth, predicted, config.ignored_label, config.num_workers, progress=bar.update)
    return metric
