"""Axes of charts: where a value stands between two ends, and the round numbers to write beside them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

# Room between the outermost values and the ends, as a share of the range.
_MARGIN = 0.04
# An axis begins at 0 where the smallest value is at most this share of the largest.
_NEAR_ZERO = 0.4
# A logarithmic axis ends this far below the largest value: a rate that goes to 0 would fill it otherwise.
_DECADES = 5


@dataclasses.dataclass(frozen=True)
class Axis:
    """One axis of a chart.

    Attributes:
        low: value at its beginning.
        high: value at its end.
        ticks: round values between them.
        log: whether equal distances are equal factors.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    def places(self, values: np.ndarray) -> np.ndarray:
        """Where values stand, 0 at the beginning and 1 at the end; nan for those that have no place."""
        if not self.log:
            return (values - self.low) / (self.high - self.low)
        powers = np.log10(values, out=np.full(np.shape(values), np.nan), where=np.asarray(values) > 0)
        return (powers - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))

    @property
    def labels(self) -> tuple[str, ...]:
        """What is written at the ticks."""
        if self.log:
            return tuple(_short(tick) for tick in self.ticks)
        largest = max(map(abs, self.ticks), default=0.0)
        unit, letter = next((pair for pair in ((1e6, "M"), (1e3, "k")) if largest >= 10 * pair[0]), (1.0, ""))
        if 0 < largest < 1e-3:
            return tuple(_short(tick) for tick in self.ticks)
        step = min(np.diff(self.ticks), default=1.0) / unit
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        return tuple(f"{tick / unit:.{digits}f}{letter if tick else ''}" for tick in self.ticks)


def axis(values: Sequence[float] | np.ndarray, *, log: bool = False, tight: bool = False, most: int = 6) -> Axis:
    """An axis on which all values have a place; of a logarithmic one, those above 0.

    Args:
        values: what it shows; numbers that are not finite are left out.
        log: whether equal distances are equal factors.
        tight: whether it ends right beside the outermost values, as an axis of steps does.
        most: about how many ticks there is room for.
    """
    found = np.asarray(values, np.float64).ravel()
    found = found[np.isfinite(found) & ((found > 0) | (not log))]
    if not found.size:
        found = np.array([0.1, 1.0] if log else [0.0, 1.0])
    low, high = float(found.min()), float(found.max())
    return _log_axis(low, high, most) if log else _linear_axis(low, high, tight, most)


def _linear_axis(low: float, high: float, tight: bool, most: int) -> Axis:
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    elif not tight and 0 <= low <= _NEAR_ZERO * high:
        low = 0.0
    margin = _MARGIN / 3 * (high - low) if tight else _MARGIN * (high - low)
    low, high = low - margin, high + margin
    step = _round_step((high - low) / most)
    first, last = math.ceil(low / step), math.floor(high / step)
    return Axis(low, high, tuple(float(f"{number * step:.10g}") for number in range(first, last + 1)))


def _round_step(step: float) -> float:
    """The smallest of 1, 2, 5, 10, ... that is not below `step`, times a power of 10."""
    power = 10.0 ** math.floor(math.log10(step))
    return power * next(round for round in (1, 2, 5, 10) if round * power >= step * (1 - 1e-9))


def _log_axis(low: float, high: float, most: int) -> Axis:
    low = max(low, high / 10**_DECADES)
    margin = max(_MARGIN * math.log10(high / low), 0.02)
    low, high = low / 10**margin, high * 10**margin
    for within in ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1,)):
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [float(f"{digit}e{power}") for power in powers for digit in within]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= most + 1:
            break
    return Axis(low, high, tuple(ticks), log=True)


def _short(value: float) -> str:
    """A number in few letters: 0.02, 5e-4, 0."""
    text = f"{value:.6g}"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return text
    digits, power = f"{value:.3e}".split("e")
    return f"{float(digits):g}e{int(power)}"
