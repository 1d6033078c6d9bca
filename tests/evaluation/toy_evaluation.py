"""An evaluation of three images of 20 x 30 pixels, made by hand."""

import tempfile

import numpy as np

from deeplab_tf2.evaluation.compared import read_scores
from deeplab_tf2.evaluation.confusion import scores_of
from deeplab_tf2.evaluation.result import Calibration, Evaluation, ImageScore, Shown, SizeScore, TrimapCurve
from deeplab_tf2.evaluation.score_files import save_scores

NAMES = ("sky", "<road>", "tree", "boat")
COLORS = np.array([(0, 0, 0), (200, 30, 30), (30, 200, 30), (30, 30, 200)])
# No pixel is a boat; of the 200 of trees, 60 are taken for road and 20 for sky.
CONFUSION = np.array([[1000, 0, 0, 0], [10, 490, 0, 0], [20, 60, 120, 0], [0, 0, 0, 0]])
FACTS = {"padding": {"kind": "own size", "plus": 1}, "resizing": {"resize_factor": None}}
IMAGES = (ImageScore("first", 0.25, 0.5, 600), ImageScore("second", 0.75, 0.9, 500), ImageScore("third", 0.9, 1, 600))


def shown(score):
    truth = np.repeat([[0, 1, 2, 255, 1]], 20, 0).repeat(6, 1).astype(np.int32)
    labels = np.where(truth == 2, 1, truth) % 255
    return Shown(score, np.full((20, 30, 3), 120, np.uint8), truth, labels)


def evaluation(**changes):
    found = {
        "class_names": NAMES,
        "colors": COLORS,
        "ignore_label": 255,
        "confusion": CONFUSION,
        "scores": scores_of(changes.get("confusion", CONFUSION)),
        "boundary_iou": np.array([0.5, 0.25, 0.125, np.nan]),
        "trimap": TrimapCurve((1, 2, 5), np.array([0.3, 0.4, 0.6]), np.array([0.5, 0.6, 0.8]), "void"),
        "calibration": Calibration(
            edges=np.array([0, 0.5, 1]),
            pixels=np.array([0, 1700]),
            confidence=np.array([np.nan, 0.99]),
            accuracy=np.array([np.nan, 0.95]),
            error=0.04,
        ),
        "sizes": [SizeScore("small", 0.01, 0, np.nan, np.nan), SizeScore("large", 1.0, 7, 0.8125, 6 / 7)],
        "images": IMAGES,
        "worst": [shown(IMAGES[0])],
        "best": [shown(IMAGES[2]), shown(IMAGES[1])],
        "facts": {"run": "/runs/faces", "split": "val", **FACTS, "warning": "sky took over"},
    }
    return Evaluation(**found | changes)


def compared(name, **changes):
    """The same as it comes back from its file."""
    with tempfile.TemporaryDirectory() as folder:
        return read_scores(save_scores(evaluation(**changes), folder)[0], name)
