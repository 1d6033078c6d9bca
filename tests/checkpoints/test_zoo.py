"""The table of published checkpoints."""

import dataclasses
import pathlib
import urllib.parse

import pytest

from deeplab_tf2.checkpoints import zoo
from deeplab_tf2.config import DataConfig, InputError
from deeplab_tf2.data.known import known_dataset
from deeplab_tf2.models.backbones import BACKBONES


@pytest.mark.parametrize("name", zoo.ROWS)
def test_every_row_is_a_network_at_the_published_host(name, monkeypatch):
    monkeypatch.delenv(zoo.URL_VARIABLE, raising=False)
    row = zoo.find(f"zoo:{name}")
    config = row.model_config
    assert config.model_variant in BACKBONES
    address = urllib.parse.urlsplit(row.url)
    assert (address.scheme, address.netloc) == ("http", "download.tensorflow.org")
    assert address.path == f"/models/{row.file}" and row.file.endswith(".tar.gz") and "/" not in row.file
    assert bool(row.dataset) == bool(row.results)
    DataConfig(**row.resizing)
    if row.dataset:
        assert known_dataset(row.dataset).num_classes == config.num_classes
        # What is given first is what the weights are set up for.
        assert row.results[0].output_stride == config.output_stride
        assert all(30 < result.miou < 90 and result.split in ("val", "test") for result in row.results)
        assert all(result.flip == (len(result.scales) > 1) for result in row.results)


def test_files_differ():
    assert len({row.file for row in zoo.ROWS.values()}) == len(zoo.ROWS)


def test_published_figures_and_settings():
    row = zoo.find("xception65_coco_voc_trainaug")
    assert [result.miou for result in row.results] == [82.20, 83.58]
    assert row.results[1].scales == (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
    half = zoo.find("mobilenetv2_dm05_coco_voc_trainaug").model_config
    assert (half.depth_multiplier, half.atrous_rates, half.decoder_output_stride) == (0.5, (), ())
    lite = zoo.find("mobilenetv3_small_cityscapes_trainfine").model_config
    assert (lite.output_stride, lite.decoder_output_stride, lite.image_pooling_stride) == (32, (8,), (4, 5))
    assert zoo.find("xception65_ade20k_train").resizing["max_resize_value"] == 513


def test_the_page_states_every_row():
    page = (pathlib.Path(__file__).resolve().parents[2] / "g3doc" / "model_zoo.md").read_text(encoding="utf-8")
    lines = page.splitlines()
    for name, row in zoo.ROWS.items():
        (line,) = (line for line in lines if line.startswith(f"| `{name}` |"))
        assert row.size in line and f"({zoo.BASE_URL}{row.file})" in line
        assert all(f"{result.miou:.2f} {result.split}" in line for result in row.results)


def test_a_mirror(monkeypatch):
    row = zoo.find("xception_41_imagenet")
    monkeypatch.setenv(zoo.URL_VARIABLE, "https://mirror.example/deeplab/")
    assert row.url == "https://mirror.example/deeplab/xception_41_2018_05_09.tar.gz"
    monkeypatch.setenv(zoo.URL_VARIABLE, "file:///etc")
    with pytest.raises(InputError, match="DEEPLAB_TF2_ZOO_URL=file:///etc is no address"):
        dataclasses.replace(row).url  # noqa: B018


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(InputError, match="the model zoo has no 'xception66'; it has mobilenetv2_dm05_coco_voc_tr"):
        zoo.find("zoo:xception66")


def test_the_row_of_a_path():
    row = zoo.find("xception_41_imagenet")
    assert zoo.of_path("zoo:xception_41_imagenet") is row
    assert zoo.of_path("/downloads/xception_41_2018_05_09.tar.gz") is row
    assert zoo.of_path("/downloads/mine.tar.gz") is None
