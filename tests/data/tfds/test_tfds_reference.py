import pytest
import tensorflow_datasets as tfds
import tiny_tfds

from deeplab_tf2.config import InputError
from deeplab_tf2.data.tfds.tfds_reference import Reference, open_builder, prepare


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tfds:pets", ("pets", None, None)),
        ("tfds:pets:4.0.0", ("pets", None, "4.0.0")),
        ("tfds:cityscapes/semantic_segmentation:1.*.*", ("cityscapes", "semantic_segmentation", "1.*.*")),
        ("tfds:/sets/pets/4.0.0", ("/sets/pets/4.0.0", None, None)),
    ],
)
def test_references(text, parts):
    reference = Reference.parse(text)
    assert (reference.name, reference.config, reference.version) == parts
    assert f"tfds:{reference}" == text


@pytest.mark.parametrize("text", ["tfds:", "tfds:a b", "tfds:pets:", "tfds:3sets"])
def test_other_forms_are_refused(text):
    with pytest.raises(InputError, match="tfds:NAME"):
        Reference.parse(text)


def test_a_reference_covers_what_it_does_not_deny():
    exact = Reference("pets", None, "4.0.0")
    assert Reference("pets").covers(exact) and exact.covers(exact)
    assert not Reference("pets", None, "3.0.0").covers(exact)
    assert not Reference("pets", "coarse").covers(exact)
    assert not Reference("birds").covers(exact)


def test_unknown_sets_are_named():
    with pytest.raises(InputError, match="no set 'no_such_set_at_all'.*TFDS_DATA_DIR"):
        open_builder(Reference("no_such_set_at_all"))
    with pytest.raises(InputError, match="cannot be opened"):
        open_builder(Reference("/no/such/folder"))


def test_what_tfds_cannot_prepare_is_explained(tmp_path):
    class Broken(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=tiny_tfds.PETS)

        def _split_generators(self, manager):
            raise AssertionError("You must download the files manually")

        def _generate_examples(self):
            raise NotImplementedError

    with pytest.raises(InputError, match="cannot prepare broken/1.0.0 in .*: You must download the files manually"):
        prepare(Broken(data_dir=str(tmp_path)))
