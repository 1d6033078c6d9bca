"""The CRF against the sum over all pairs of pixels, and against recorded answers of another library."""

import pathlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from crf_case import case, exact_crf
from scipy import sparse

from deeplab_tf2.config import CrfConfig, InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.evaluation.visualise import Example
from deeplab_tf2.inference import dense_crf as module
from deeplab_tf2.inference.dense_crf import dense_crf, refined
from deeplab_tf2.inference.permutohedral import Lattice
from deeplab_tf2.inference.predict import Segmentation
from deeplab_tf2.pictures.palettes import default_colors

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "dense_crf.npz"
RECORDED = {
    "default": CrfConfig(),
    "resnet": CrfConfig(crf_gaussian_deviation=1, crf_bilateral_deviation=67, crf_color_deviation=3, crf_iterations=5),
    "near": CrfConfig(crf_bilateral_weight=0),
}


@pytest.mark.parametrize("name", RECORDED)
def test_gives_what_pydensecrf_gives(name):
    image, probabilities = case()
    got, want = dense_crf(image, probabilities, RECORDED[name]), np.load(GOLDEN)[name].astype(np.float32)
    assert (got.argmax(-1) == want.argmax(-1)).mean() > 0.999
    np.testing.assert_allclose(got, want, atol=1e-3)
    assert (got.argmax(-1) != probabilities.argmax(-1)).mean() > 0.05


def test_the_mean_field_is_exact_where_the_kernels_are(monkeypatch):
    image, probabilities = case(12, 14, 3)
    config = CrfConfig(crf_iterations=3)

    def exact(features):
        distances = ((features[:, :, np.newaxis] - features[:, np.newaxis]) ** 2).sum(0)
        values, vectors = np.linalg.eigh(np.exp(-distances / 2).astype(np.float64))
        root = vectors * np.sqrt(np.maximum(values, 0))
        return Lattice(sparse.csr_array(root.astype(np.float32)), ())

    monkeypatch.setattr(module, "lattice", exact)
    module._nearness.cache_clear()
    got = dense_crf(image, probabilities, config)
    module._nearness.cache_clear()
    np.testing.assert_allclose(got, exact_crf(image, probabilities, config), atol=1e-4)


@pytest.mark.parametrize("colors", [5.0, 20.0])
def test_labels_are_those_of_all_pairs(colors):
    image, probabilities = case(28, 36)
    config = CrfConfig(crf_color_deviation=colors, crf_bilateral_deviation=12)
    got, want = dense_crf(image, probabilities, config), exact_crf(image, probabilities, config)
    assert (got.argmax(-1) == want.argmax(-1)).mean() > 0.98
    assert np.abs(got - want).mean() < 0.02


def test_gives_the_same_bits_again_and_leaves_its_input():
    image, probabilities = case(20, 30)
    before = probabilities.copy()
    first = dense_crf(image, probabilities)
    assert first.tobytes() == dense_crf(image, probabilities).tobytes()
    np.testing.assert_array_equal(probabilities, before)
    assert first.dtype == np.float32
    np.testing.assert_allclose(first.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("large", [0, 1 << 20])
def test_threads_give_the_same_bits_large_images_in_turn(large, monkeypatch):
    monkeypatch.setattr(module, "_LARGE", large)
    made = [case(20, 24 + number) for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda one: dense_crf(*one), made))
    for got, one in zip(together, made, strict=True):
        assert got.tobytes() == dense_crf(*one).tobytes()


def test_classes_that_are_nowhere_change_nothing():
    image, probabilities = case(20, 30)
    weak = np.full((20, 30, 100), 3e-5, np.float32)
    every = np.concatenate([weak[..., :50], probabilities * (1 - 100 * 3e-5), weak[..., 50:]], -1)
    got = dense_crf(image, every)
    np.testing.assert_array_equal(got[..., :50], weak[..., :50])
    np.testing.assert_allclose(got[..., 50:54], dense_crf(image, probabilities) * (1 - 100 * 3e-5), atol=1e-5)


def test_one_class_alone_and_no_weights_leave_all_as_it_was():
    image, probabilities = case(10, 12)
    certain = np.concatenate([np.ones((10, 12, 1)), np.zeros((10, 12, 2))], -1).astype(np.float32)
    np.testing.assert_array_equal(dense_crf(image, certain), certain)
    idle = dense_crf(image, probabilities, CrfConfig(crf_gaussian_weight=0, crf_bilateral_weight=0))
    np.testing.assert_allclose(idle, probabilities, atol=1e-6)


def test_stays_finite_with_zeros_and_huge_weights():
    image, probabilities = case(10, 12)
    probabilities = np.eye(4, dtype=np.float32)[probabilities.argmax(-1)]
    got = dense_crf(image, probabilities, CrfConfig(crf_gaussian_weight=300, crf_bilateral_weight=300))
    assert np.isfinite(got).all()


@pytest.mark.parametrize("weight", [100.0, 300.0, 1e6])
def test_huge_weights_decide_for_the_stronger_class(weight):
    image, probabilities = np.zeros((6, 8, 3), np.uint8), np.tile(np.float32([0.4, 0.6]), (6, 8, 1))
    got = dense_crf(image, probabilities, CrfConfig(crf_bilateral_weight=weight))
    np.testing.assert_allclose(got, np.tile([0, 1], (6, 8, 1)), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value"), [("crf_color_deviation", 1e-6), ("crf_color_deviation", 1e-2), ("crf_gaussian_deviation", 1e-6)]
)
def test_too_small_deviations_are_named(name, value):
    image, probabilities = case(40, 56)
    with pytest.raises(InputError, match=f"{name}={value}: the deviations are too small for an image of this size"):
        dense_crf(image, probabilities, CrfConfig(**{name: value}))


def test_refines_a_prediction():
    image, probabilities = case(20, 30)
    descriptor = Descriptor("areas", tuple("abcd"), default_colors(4))
    found = Segmentation(image, probabilities.argmax(-1).astype(np.int32), probabilities, descriptor)
    assert refined(found, CrfConfig()) is found
    got = refined(found, CrfConfig(crf=True))
    np.testing.assert_array_equal(got.probabilities, dense_crf(image, probabilities))
    np.testing.assert_array_equal(got.labels, got.probabilities.argmax(-1))
    assert got.labels.dtype == np.int32 and got.descriptor is descriptor


def test_refines_an_example_of_an_evaluation():
    image, probabilities = case(20, 30)
    labels = probabilities.argmax(-1).astype(np.int32)
    found = Example("one", image, labels, labels, probabilities.max(-1), probabilities)
    got = refined(found, CrfConfig(crf=True))
    np.testing.assert_array_equal(got.confidence, got.probabilities.max(-1))
    assert got.truth is labels and (got.labels != labels).any()


def test_refuses_an_image_of_another_size_or_kind():
    image, probabilities = case(10, 12)
    with pytest.raises(InputError, match=r"uint8 \[10, 11, 3\]; the CRF needs uint8 \[10, 12, 3\]"):
        dense_crf(image[:, :-1], probabilities)
    with pytest.raises(InputError, match="float32"):
        dense_crf(image.astype(np.float32), probabilities)
