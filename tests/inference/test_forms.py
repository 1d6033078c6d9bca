import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.annotations import ShapeClasses
from deeplab_tf2.data.files.labelme import LabelmeReader
from deeplab_tf2.inference.forms import FORMS, NAMES, Details, check_forms, labels_of
from deeplab_tf2.inference.photos import Photo
from deeplab_tf2.inference.predict import Segmentation
from deeplab_tf2.pictures.palettes import default_colors

CLASSES = ("background", "disc", "ring")
DESCRIPTOR = Descriptor("toys", CLASSES, default_colors(3))


def example():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet((1, 1, 1), (20, 26)).astype(np.float32)
    image = rng.integers(0, 256, (20, 26, 3), np.uint8)
    return Segmentation(image, probabilities.argmax(-1).astype(np.int32), probabilities, DESCRIPTOR)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    found = example()
    photo = Photo(str(folder / "a.jpg"), lambda: found.image, str(folder / "a"))
    for form in FORMS.values():
        form.save(photo.stem + form.end, photo, found, Details((2,)))
    assert sorted(path.name for path in folder.iterdir()) == sorted("a" + form.end for form in FORMS.values())
    return folder


def read(path):
    with Image.open(path) as image:
        return image.mode, np.asarray(image)


def test_masks_hold_class_numbers(written):
    for name, mode in (("mask", "P"), ("index", "L")):
        found, labels = read(written / f"a_{name}.png")
        assert found == mode
        np.testing.assert_array_equal(labels, example().labels)
    with Image.open(written / "a_mask.png") as image:
        np.testing.assert_array_equal(
            np.asarray(image.convert("RGB")), np.array(DESCRIPTOR.colors, np.uint8)[example().labels]
        )


def test_a_cut_out_is_as_opaque_as_its_classes_are_probable(written):
    mode, picture = read(written / "a_cutout.png")
    assert mode == "RGBA"
    np.testing.assert_array_equal(picture[..., :3], example().image)
    np.testing.assert_allclose(picture[..., 3] / 255, example().probabilities[..., 2], atol=0.5 / 255 + 1e-6)


def test_probabilities_are_exact(written):
    with np.load(written / "a_probabilities.npz") as file:
        assert sorted(file) == ["class_names", "probabilities"] and tuple(file["class_names"]) == CLASSES
        assert file["probabilities"].dtype == np.float32
        np.testing.assert_array_equal(file["probabilities"], example().probabilities)


def test_polygons_paint_the_labels(written):
    found = LabelmeReader(ShapeClasses(CLASSES, 255)).labels(str(written / "a.json"), (20, 26))
    np.testing.assert_array_equal(found, example().labels)


def test_overlays_are_those_of_python(written):
    np.testing.assert_array_equal(read(written / "a_overlay.png")[1], np.asarray(example().overlay))


def test_names_are_checked():
    check_forms(NAMES)
    with pytest.raises(InputError, match="--outputs=mask,masks,xml: masks, xml; legal are mask, index, overlay"):
        check_forms(["mask", "masks", "xml"])
    with pytest.raises(InputError, match="--outputs=: nothing; legal are"):
        check_forms([])
    assert labels_of(["ring", "disc", "ring"], DESCRIPTOR) == (2, 1) and labels_of([], DESCRIPTOR) == (1, 2)
    with pytest.raises(InputError, match="no class is called Ring; classes are background, disc, ring"):
        labels_of(["Ring"], DESCRIPTOR)
