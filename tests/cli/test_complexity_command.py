"""The command complexity: a network by its parts, and table 5 of the paper."""

import pytest

from deeplab_tf2.cli import binding, complexity
from deeplab_tf2.config import InputError, ModelConfig

CONFIGS = (complexity.ComplexityConfig, ModelConfig)


def run(*argv):
    complexity.command(binding.parse(argv, CONFIGS))


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_parts_of_a_network(capsys):
    run("--crop_size=513", "--decoder_output_stride=none", "--atrous_rates=none", "--output_stride=8")
    title, head, _, *parts = capsys.readouterr().out.splitlines()
    assert title == "mobilenet_v2, output stride 8, 513 x 513, 21 classes:"
    rows = {name: dict(zip(cells(head)[1:], values, strict=True)) for name, *values in map(cells, parts)}
    assert list(rows) == ["backbone", "aspp", "logits", "total"]
    assert rows["total"]["parameters"] == "2,146,645" and rows["total"]["trainable"] == "2,113,557"
    assert rows["total"]["exact"] == "8.826 G" and rows["total"]["published"] == "8.846 G"
    assert sum(float(row["share"].rstrip("%")) for row in rows.values()) == pytest.approx(200, abs=0.2)


def test_scales_and_mirror_images(capsys):
    run("--crop_size=33,49", "--depth_multiplier=0.35", "--eval_scales=1.0,2.0", "--add_flipped_images")
    title, *_, total = capsys.readouterr().out.splitlines()
    assert title.endswith("33 x 49, 21 classes, scales 1.0,2.0, mirrored too:")
    run("--crop_size=33,49", "--depth_multiplier=0.35")
    alone = capsys.readouterr().out.splitlines()[-1]
    assert float(cells(total)[3].split()[0]) > 8 * float(cells(alone)[3].split()[0])


@pytest.mark.slow
def test_table_5_of_the_paper(capsys):
    run("--table5")
    head, _, *rows = map(cells, capsys.readouterr().out.splitlines()[2:])
    assert len(rows) == 24
    for row in rows:
        values = dict(zip(head, row, strict=True))
        printed, published, exact = (float(values[name]) for name in ("printed", "published", "exact"))
        assert published == pytest.approx(printed, rel=5e-4)
        assert float(values["miss %"]) == pytest.approx(100 * (published / printed - 1), abs=0.01)
        below = 0.003 if values["SC"] else 0.1
        assert printed * (1 - below) < exact < printed


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("--crop_size=0", "crop_size is .0, 0.; give height,width"),
        ("--crop_size=1,2,3", "give height,width"),
        ("--eval_scales=1.0,0", "each scale must be above 0"),
        ("--table5 --output_stride=8", "leave out --output_stride"),
    ],
)
def test_what_does_not_fit_is_told(wrong, message):
    with pytest.raises(InputError, match=message):
        run(*wrong.split())
