"""Speed of the dense CRF on a photograph, next to that of pydensecrf2, and how far both agree."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial

import numpy as np
from absl import flags
from PIL import Image

from deeplab_tf2.cli.timing import seconds
from deeplab_tf2.config import CrfConfig

flags.disclaim_key_flags()

# What an unsure network spreads over all classes, so that all take part.
_SPREAD = 0.2


def print_crf(model: str, photo: str, size: tuple[int, ...], repeats: int) -> None:
    """Prints how long the CRF takes with what a network says of a photograph, and with what an unsure one would say.

    Args:
        model: folder of a run, one of its checkpoints, or an export.
        photo: image file.
        size: height and width to which it is brought.
        repeats: calls of each library, in turn; medians count.
    """
    from deeplab_tf2.inference.loading import load
    from deeplab_tf2.inference.pixels import pixels_of

    image = np.asarray(Image.fromarray(pixels_of(photo)).resize((size[1], size[0])))
    sure = load(model).predict(image).probabilities
    classes = sure.shape[-1]
    print(f"dense CRF, {size[0]} x {size[1]}, {classes} classes, {CrfConfig().crf_iterations} iterations:")
    for told, probabilities in (
        ("what the network says", sure),
        ("all classes everywhere", (1 - _SPREAD) * sure + np.float32(_SPREAD / classes)),
    ):
        for line in compared(image, probabilities, repeats):
            print(f"  {told}: {line}")


def compared(image: np.ndarray, probabilities: np.ndarray, repeats: int) -> Iterator[str]:
    """Times of both libraries, called in turn, and on how many pixels they agree.

    Args:
        image: uint8 [height, width, 3].
        probabilities: float32 [height, width, classes].
        repeats: timed calls of each.
    """
    from deeplab_tf2.inference.dense_crf import dense_crf

    calls = partial(dense_crf, image, probabilities), partial(pydensecrf, image, probabilities)
    ours, theirs = dense_crf(image, probabilities), pydensecrf(image, probabilities)
    if theirs is None:
        times = [seconds(calls[0]) for _ in range(repeats)]
        yield f"{statistics.median(times):.3f} s; to compare: pip install pydensecrf2, which needs a compiler"
        return
    pairs = [[seconds(call) for call in calls] for _ in range(repeats)]
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    agreement = np.mean(ours.argmax(-1) == theirs.argmax(-1))
    yield f"{mine:.3f} s, pydensecrf2 {other:.3f} s, ratio {mine / other:.2f}"
    yield f"labels agree on {100 * agreement:.3f} % of the pixels, probabilities to {np.abs(ours - theirs).max():.1e}"


def pydensecrf(image: np.ndarray, probabilities: np.ndarray) -> np.ndarray | None:
    """The same mean field by pydensecrf2, float32 [height, width, classes]; None where it is not installed."""
    try:
        from pydensecrf import densecrf
    except ImportError:
        return None
    config, (height, width, classes) = CrfConfig(), probabilities.shape
    field = densecrf.DenseCRF2D(width, height, classes)
    energies = -np.log(np.maximum(probabilities, 1e-20)).reshape(-1, classes).T
    field.setUnaryEnergy(np.ascontiguousarray(energies))
    field.addPairwiseGaussian(sxy=config.crf_gaussian_deviation, compat=config.crf_gaussian_weight)
    field.addPairwiseBilateral(
        sxy=config.crf_bilateral_deviation,
        srgb=config.crf_color_deviation,
        rgbim=np.array(image),
        compat=config.crf_bilateral_weight,
    )
    return np.array(field.inference(config.crf_iterations)).T.reshape(height, width, classes)
