"""The public names, and the Python script of the README, run as it stands there but with small numbers."""

import pathlib
import re

import deeplab_tf2 as dl

ROOT = pathlib.Path(__file__).resolve().parents[1]
SMALLER = {
    '"records"': "RECORDS",
    '"deeplabv3plus_xception_65"': '"deeplabv3plus_mobilenet_v2"',
    "num_classes=voc.num_classes": "num_classes=voc.num_classes, depth_multiplier=0.35",
    "(513, 513)": "(33, 33)",
    "batch_size=8": "batch_size=2",
    "steps=30_000": "steps=2",
    "steps_per_epoch=1_000, epochs=30": "steps_per_epoch=2, epochs=1, verbose=0",
}


def test_every_public_name_is_there():
    for name in dl.__all__:
        assert getattr(dl, name) is not None, name
    assert "DeepLab" in dir(dl)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(dl, "DeepLab9")


def test_the_script_of_the_readme(sample_records, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    script = next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "DeepLab" in block)
    for stated, smaller in SMALLER.items():
        assert stated in script, stated
        script = script.replace(stated, smaller)
    from deeplab_tf2.data.samples.sample_set import write_sample_set

    write_sample_set(str(tmp_path / "photos"), train_images=1, val_images=1)
    (tmp_path / "photos" / "images" / "sample_00000.jpg").rename(tmp_path / "photo.jpg")
    exec(compile(script, "README.md", "exec"), {"RECORDS": sample_records})
    assert (tmp_path / "overlay.png").exists() and (tmp_path / "serving" / "1" / "saved_model.pb").exists()
