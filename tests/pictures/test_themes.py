"""Themes: what is drawn can be read on its paper."""

import numpy as np
import pytest

from deeplab_tf2.pictures.themes import DARK, LIGHT


def luminance(color):
    linear = np.where(np.array(color) <= 10, np.array(color) / 3294.6, ((np.array(color) / 255 + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_contrast(theme):
    assert contrast(theme.ink, theme.paper) > 7 and contrast(theme.dim, theme.paper) > 4.5
    assert all(contrast(hue, theme.paper) > 3 for hue in theme.hues)
    assert len(set(theme.hues)) == len(theme.hues) == len(LIGHT.hues)
