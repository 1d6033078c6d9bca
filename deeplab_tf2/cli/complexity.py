"""The command complexity: parameters and multiply-adds of a network, and table 5 of the DeepLabv3+ paper."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Sequence

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, InputError, ModelConfig, leaf

if typing.TYPE_CHECKING:
    from deeplab_tf2.models.complexity import Complexity, Part

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class ComplexityConfig(Config):
    """What is counted."""

    crop_size: tuple[int, ...] = leaf((513, 513), "Height,width of the image in pixels.")
    eval_scales: tuple[float, ...] | None = leaf(
        None, "Input scales of multi-scale prediction, for example 0.5,0.75,1,1.25,1.5,1.75; unset: the image as it is."
    )
    add_flipped_images: bool = leaf(False, "Whether each scale also sees the image mirrored.")
    table5: bool = leaf(False, "Print table 5 of the DeepLabv3+ paper with its counts; takes no other flag.")

    def __post_init__(self) -> None:
        if len(self.crop_size) == 1:
            object.__setattr__(self, "crop_size", self.crop_size * 2)
        if len(self.crop_size) != 2 or min(self.crop_size) < 1:
            raise InputError(f"crop_size is {self.crop_size}; give height,width in pixels, for example 513,513")
        if min(self.eval_scales or (1.0,)) <= 0:
            raise InputError(f"eval_scales is {self.eval_scales}; each scale must be above 0")


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of table 5 (Chen et al. 2018): Xception-65, 513 x 513 pixels, 21 classes.

    Attributes:
        output_stride: in evaluation.
        marks: the columns with a mark, those of `MARKS`.
        miou: on PASCAL VOC 2012 val in percent, as printed.
        printed: 10^9 multiply-adds, as printed.
    """

    output_stride: int
    marks: str
    miou: float
    printed: float

    @property
    def network(self) -> ModelConfig:
        """The settings that the marks stand for; COCO and JFT are data sets of the training."""
        marks = self.marks.split()
        return ModelConfig(
            model_variant="xception_65",
            output_stride=self.output_stride,
            decoder_output_stride=(4,) if "decoder" in marks else (),
            aspp_with_separable_conv="SC" in marks,
            decoder_use_separable_conv="SC" in marks,
        )

    @property
    def passes(self) -> tuple[tuple[float, ...], bool]:
        """Input scales, and whether each is seen mirrored too."""
        marks = self.marks.split()
        return SCALES if "MS" in marks else (1.0,), "flip" in marks


MARKS = ("decoder", "MS", "flip", "SC", "COCO", "JFT")
SCALES = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
TABLE_5 = (
    Row(16, "", 79.17, 68.00),
    Row(16, "MS", 80.57, 601.74),
    Row(16, "MS flip", 80.79, 1203.34),
    Row(8, "", 79.64, 240.85),
    Row(8, "MS", 81.15, 2149.91),
    Row(8, "MS flip", 81.34, 4299.68),
    Row(16, "decoder", 79.93, 89.76),
    Row(16, "decoder MS", 81.38, 790.12),
    Row(16, "decoder MS flip", 81.44, 1580.10),
    Row(8, "decoder", 80.22, 262.59),
    Row(8, "decoder MS", 81.60, 2338.15),
    Row(8, "decoder MS flip", 81.63, 4676.16),
    Row(16, "decoder SC", 79.79, 54.17),
    Row(16, "decoder MS flip SC", 81.21, 928.81),
    Row(8, "decoder SC", 80.02, 177.10),
    Row(8, "decoder MS flip SC", 81.39, 3055.35),
    Row(16, "decoder SC COCO", 82.20, 54.17),
    Row(16, "decoder MS flip SC COCO", 83.34, 928.81),
    Row(8, "decoder SC COCO", 82.45, 177.10),
    Row(8, "decoder MS flip SC COCO", 83.58, 3055.35),
    Row(16, "decoder SC COCO JFT", 83.03, 54.17),
    Row(16, "decoder MS flip SC COCO JFT", 84.22, 928.81),
    Row(8, "decoder SC COCO JFT", 83.39, 177.10),
    Row(8, "decoder MS flip SC COCO JFT", 84.56, 3055.35),
)


def main() -> None:
    """Runs the command line."""
    binding.run(command, ComplexityConfig, ModelConfig)


def command(given: binding.Given) -> None:
    """Prints the costs of a network by its parts, or table 5."""
    config = ComplexityConfig(**given[ComplexityConfig])
    if config.table5:
        others = [f"--{name}" for name in (*given[ComplexityConfig], *given[ModelConfig]) if name != "table5"]
        if others:
            raise InputError(f"--table5 counts the networks of the paper; leave out {', '.join(others)}")
        for line in table5():
            print(line, flush=True)
        return
    from deeplab_tf2.models.complexity import Meter

    model = ModelConfig(**given[ModelConfig])
    height, width = config.crop_size
    title = (
        f"{model.model_variant}, output stride {model.output_stride}, {height} x {width}, {model.num_classes} classes"
    )
    if config.eval_scales:
        title += f", scales {','.join(map(str, config.eval_scales))}"
    print(f"{title}, mirrored too:" if config.add_flipped_images else f"{title}:")
    counted = Meter(model).count(height, width, config.eval_scales, config.add_flipped_images)
    for line in report(counted):
        print(line)


def report(counted: Complexity) -> Iterator[str]:
    """The lines of a table: parameters, multiply-adds in 10^9 and shares of the total, a part a line."""
    total = counted.total
    yield _line(("part", "parameters", "trainable", "exact", "share", "published", "share"))
    yield _line(["---"] * 7)
    for part in (*counted.parts, total):
        yield _line(_cells(part, total))


def _cells(part: Part, total: Part) -> list[str]:
    return [
        part.name,
        f"{part.parameters:,}",
        f"{part.trainable:,}",
        f"{part.exact / 1e9:.3f} G",
        f"{part.exact / total.exact:.1%}",
        f"{part.published / 1e9:.3f} G",
        f"{part.published / total.published:.1%}",
    ]


def table5() -> Iterator[str]:
    """The lines of table 5: the paper's columns, then the published count, its miss, and the exact count in 10^9."""
    from deeplab_tf2.models.complexity import Meter

    meters = {network: Meter(network) for network in {row.network for row in TABLE_5}}
    totals: dict[tuple[ModelConfig, object], Part] = {}
    yield "10^9 multiply-adds: as printed, as counted in the published way with its miss, and exactly"
    yield ""
    yield _line(("eval OS", *MARKS, "mIoU %", "printed", "published", "miss %", "exact"))
    yield _line(["---"] * (len(MARKS) + 6))
    for row in TABLE_5:
        key = (row.network, row.passes)
        if key not in totals:
            totals[key] = meters[row.network].count(513, 513, *row.passes).total
        published, exact = totals[key].published / 1e9, totals[key].exact / 1e9
        marked = ["x" if mark in row.marks.split() else "" for mark in MARKS]
        miss = f"{100 * (published / row.printed - 1):+.3f}"
        counts = [f"{row.miou:.2f}", f"{row.printed:.2f}", f"{published:.2f}", miss, f"{exact:.2f}"]
        yield _line([str(row.output_stride), *marked, *counts])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
