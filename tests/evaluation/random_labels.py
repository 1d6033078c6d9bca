"""Random small truths and predictions, and slow twins of what is counted along borders."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

CLASSES = 3
IGNORE = 255
quick = settings(max_examples=40, deadline=None)


@st.composite
def labelled(draw):
    """Truth with ignored pixels, prediction and confidence of an image of up to 9 x 9 pixels, in a few large areas."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width, grain = draw(st.integers(1, 9)), draw(st.integers(1, 9)), draw(st.integers(1, 4))
    void = draw(st.sampled_from([0, 0.2]))

    def areas():
        return rng.integers(0, CLASSES, (height, width)).repeat(grain, 0).repeat(grain, 1)[:height, :width]

    truth = np.where(rng.random((height, width)) < void, IGNORE, areas()).astype(np.int32)
    return truth, areas().astype(np.int32), rng.random((height, width)).astype(np.float32)


def window(labels, place, width):
    """The labels within `width` pixels of a place, in a square."""
    row, column = place
    return labels[max(0, row - width) : row + width + 1, max(0, column - width) : column + width + 1]


def slow_iou(pairs, classes=CLASSES):
    """IoU of each class over (true, predicted) pairs, nan for one in neither."""
    found = []
    for label in range(classes):
        either = sum(label in pair for pair in pairs)
        found.append(pairs.count((label, label)) / either if either else np.nan)
    return found
