import pytest
import tensorflow_datasets as tfds

from deeplab_tf2.data.tfds.tfds_features import find_layout
from deeplab_tf2.data.tfds.tfds_known import KNOWN


@pytest.mark.parametrize("name", KNOWN)
def test_the_rows_fit_the_sets_of_the_installed_tfds(name, tmp_path):
    builder = tfds.builder(name, data_dir=str(tmp_path))
    known = KNOWN[name]
    found = find_layout(builder.info.features, known.image, known.mask)
    assert builder.info.features[found.mask].shape[-1] == 1
    assert known.table is None or known.binary is None


@pytest.mark.parametrize("name", [*KNOWN, "lost_and_found/semantic_segmentation"])
def test_usual_names_are_found_without_a_row(name, tmp_path):
    features = tfds.builder(name, data_dir=str(tmp_path)).info.features
    assert find_layout(features).mask in ("segmentation_mask", "segmentation_label")


def test_pets_count_from_one_and_cityscapes_ids_become_train_ids():
    assert KNOWN["oxford_iiit_pet"].table.values == (1, 2, 3)
    cityscapes = KNOWN["cityscapes"].table
    assert dict(zip(cityscapes.values, cityscapes.names, strict=True))[26] == "car"
    assert set(cityscapes.values) | set(cityscapes.ignored) == set(range(34))
