"""Starting from another run or from a weights file."""

import numpy as np
import pytest
import toys
from tf1_files import variables_of, write_checkpoint

from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints import files
from deeplab_tf2.checkpoints.importer import import_checkpoint
from deeplab_tf2.checkpoints.initial import load_initial, parts_of
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.inference.loading import load_run


def test_everything_from_a_run_of_the_same_classes(tiny_run):
    model = toys.tiny_model(seed=5)
    assert load_initial(model, tiny_run) == f"weights from {tiny_run} at step {toys.STEP}"
    for one, two in zip(model.get_weights(), load_run(tiny_run).model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_other_classes_or_a_wish_leave_the_logits_fresh(tiny_run):
    other = DeepLab(toys.tiny_model().config.replace(num_classes=9))
    fresh = np.array(other.logits.kernel)
    line = load_initial(other, tiny_run)
    assert line.endswith("fresh: logits (4 classes there, 9 here)")
    np.testing.assert_array_equal(other.logits.kernel, fresh)
    same = toys.tiny_model(seed=5)
    fresh = np.array(same.logits.kernel)
    assert load_initial(same, tiny_run, ("aspp", "decoder", "logits")).endswith("fresh: aspp, decoder, logits")
    np.testing.assert_array_equal(same.logits.kernel, fresh)
    run = load_run(tiny_run).model
    np.testing.assert_array_equal(same.backbone.stem.conv.kernel, run.backbone.stem.conv.kernel)
    assert not np.array_equal(same.aspp.projection.conv.kernel, run.aspp.projection.conv.kernel)


def test_another_network_is_named(tiny_run):
    model = toys.tiny_model(depth_multiplier=0.5)
    before = model.get_weights()
    with pytest.raises(InputError, match=r"this checkpoint has depth_multiplier 0.35, this network 0.5: set depth"):
        load_initial(model, tiny_run)
    with pytest.raises(InputError, match=r"this checkpoint has a decoder, this network none: set decoder_output_stri"):
        load_initial(toys.tiny_model(decoder_output_stride=()), tiny_run)
    with pytest.raises(InputError, match=r"has 3 atrous branches in ASPP, this network 0: give 3 atrous_rates"):
        load_initial(toys.tiny_model(atrous_rates=()), tiny_run)
    for one, two in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_weights_file(tmp_path):
    source, model = toys.tiny_model(seed=1), toys.tiny_model(seed=2)
    source.save_weights(tmp_path / "x.weights.h5")
    fresh = np.array(model.logits.kernel)
    assert load_initial(model, str(tmp_path / "x.weights.h5"), ("logits",)).endswith("fresh: logits")
    np.testing.assert_array_equal(model.logits.kernel, fresh)
    load_initial(model, str(tmp_path / "x.weights.h5"))
    np.testing.assert_array_equal(model.logits.kernel, source.logits.kernel)


def test_a_weights_file_of_other_classes(tmp_path):
    source = toys.tiny_model(seed=1)
    source.save_weights(tmp_path / "x.weights.h5")
    model = DeepLab(source.config.replace(num_classes=9))
    line = load_initial(model, str(tmp_path / "x.weights.h5"))
    assert line.endswith("x.weights.h5; fresh: logits (4 classes there, 9 here)")
    np.testing.assert_array_equal(model.aspp.projection.conv.kernel, source.aspp.projection.conv.kernel)
    (tmp_path / "y.weights.h5").write_bytes((tmp_path / "x.weights.h5").read_bytes()[:2000])
    with pytest.raises(InputError, match=r"the weights file .*y.weights.h5 is damaged"):
        load_initial(model, str(tmp_path / "y.weights.h5"))


def test_official_checkpoints_in_their_forms(tmp_path):
    source, model = (DeepLab(ModelConfig(num_classes=4, depth_multiplier=0.35)) for _ in range(2))
    prefix = write_checkpoint(tmp_path / "net" / "model.ckpt-9", variables_of(source))
    for path in (prefix, f"{prefix}.index", str(tmp_path / "net")):
        model.logits.kernel.assign(np.zeros_like(model.logits.kernel))
        assert load_initial(model, path) == f"weights from {prefix}"
        np.testing.assert_array_equal(model.logits.kernel, source.logits.kernel)
    line = load_initial(model, prefix, ("aspp", "decoder", "logits"))
    assert line == f"weights from {prefix}; fresh: aspp, decoder, logits"


def test_the_parts_of_a_source(tmp_path, tiny_run):
    source = DeepLab(ModelConfig(num_classes=4, depth_multiplier=0.35))
    arrays = variables_of(source)
    backbone = {name: array for name, array in arrays.items() if name.startswith("MobilenetV2/")}
    whole = {"backbone", "aspp", "decoder", "logits"}
    assert parts_of(write_checkpoint(tmp_path / "whole.ckpt", arrays)) == whole
    bare = write_checkpoint(tmp_path / "backbone.ckpt", {**backbone, "MobilenetV2/Logits/biases": np.ones(9)})
    assert parts_of(bare) == {"backbone"}
    source.save_weights(tmp_path / "net.weights.h5")
    for path in (tiny_run, f"{tiny_run}/model-00000007.weights.h5", str(tmp_path / "net.weights.h5")):
        assert parts_of(path) == whole


def test_a_decoder_may_be_new(tmp_path):
    settings = {"num_classes": 4, "depth_multiplier": 0.35}
    source, model = DeepLab(ModelConfig(**settings, decoder_output_stride=())), DeepLab(ModelConfig(**settings))
    prefix = write_checkpoint(tmp_path / "v3.ckpt", variables_of(source))
    fresh = np.array(model.logits.kernel)
    assert load_initial(model, prefix).endswith("fresh: decoder, logits (the checkpoint has no decoder)")
    np.testing.assert_array_equal(model.logits.kernel, fresh)
    np.testing.assert_array_equal(model.aspp.projection.conv.kernel, source.aspp.projection.conv.kernel)
    source.save_weights(tmp_path / "v3.weights.h5")
    RunConfig(model=source.config).save(str(tmp_path))
    assert load_initial(model, str(tmp_path / "v3.weights.h5")).endswith("(the checkpoint has no decoder)")
    assert parts_of(str(tmp_path / "v3.weights.h5")) == {"backbone", "aspp", "logits"}
    with pytest.raises(InputError, match="this checkpoint has no decoder"):
        import_checkpoint(model, prefix)


def test_what_is_nothing_of_the_kind_is_explained(tmp_path):
    model = toys.tiny_model()
    with pytest.raises(
        InputError, match=r"=.*/y.ckpt: there is no checkpoint .* Give the folder of a run, .* zoo:NAME"
    ):
        load_initial(model, str(tmp_path / "y.ckpt"))
    with pytest.raises(InputError, match=r"holds nothing\. Give the folder of a run"):
        load_initial(model, str(tmp_path))
    with pytest.raises(InputError, match="the model zoo has no 'y'"):
        load_initial(model, "zoo:y")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match=r"there is no checkpoint in .* \(found: config.json\)"):
        load_initial(model, str(tmp_path))


def test_a_decoder_that_gives_the_logits_follows_the_classes(tmp_path):
    settings = {"decoder_use_sum_merge": True, "decoder_output_is_logits": True}
    config = ModelConfig(num_classes=4, decoder_filters=4, depth_multiplier=0.35, **settings)
    RunConfig(model=config).save(str(tmp_path))
    files.save(DeepLab(config), str(tmp_path), 1)
    model = DeepLab(config.replace(num_classes=3, decoder_filters=3))
    fresh = model.decoder.get_weights()
    assert load_initial(model, str(tmp_path)).endswith("fresh: decoder (4 classes there, 3 here)")
    for one, two in zip(model.decoder.get_weights(), fresh, strict=True):
        np.testing.assert_array_equal(one, two)
