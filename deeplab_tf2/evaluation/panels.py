"""Charts of what evaluations find: scores along borders, and how far probabilities can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deeplab_tf2.evaluation.result import Calibration, TrimapCurve
from deeplab_tf2.pictures.series import Panel, Series

# The last of the hues, a grey: what is no measurement.
_GREY = 7


def trimap_panels(curves: Mapping[str, TrimapCurve]) -> list[Panel]:
    """Charts of mIoU and of pixel accuracy by the width of the band.

    Args:
        curves: one curve per name in the legend.
    """
    if not curves:
        return []
    return [
        Panel(
            f"{title} near borders",
            [
                Series(name, np.stack([curve.widths, values(curve)], 1), hue, dots=True)
                for hue, (name, curve) in enumerate(curves.items())
            ],
            x_name="width of the band in pixels",
            x_range=(0,),
        )
        for title, values in (
            ("mIoU", lambda curve: curve.miou),
            ("Pixel accuracy", lambda curve: curve.pixel_accuracy),
        )
    ]


def calibration_panel(found: Mapping[str, Calibration]) -> Panel:
    """A chart of how often answers are right by their probability; a perfect network follows the grey diagonal.

    Args:
        found: one calibration per name in the legend.
    """
    lines = [
        Series(
            name, np.stack([calibration.confidence, calibration.accuracy], 1)[calibration.pixels > 0], hue, dots=True
        )
        for hue, (name, calibration) in enumerate(found.items())
    ]
    perfect = Series("perfect", [(0, 0), (1, 1)], _GREY, pale=True)
    return Panel("Share of right pixels by probability", [perfect, *lines], x_name="probability of the answer")
