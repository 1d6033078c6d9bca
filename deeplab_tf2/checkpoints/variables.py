"""Variables of a checkpoint by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

# What the names of a network's variables end in; all else in a file is an optimizer's, a counter, or a graph's.
LEAVES = frozenset(
    ("weights", "depthwise_weights", "pointwise_weights", "biases")
    + ("gamma", "beta", "moving_mean", "moving_variance")
)


class Variables(Mapping[str, np.ndarray]):
    """Variables by their TF1 names (without ":0"), each read when it is asked for.

    Args:
        where: what to call the source in a message.
        shapes: shape of each variable.
        read: gives the values of one variable.
    """

    def __init__(self, where: str, shapes: Mapping[str, tuple[int, ...]], read: Callable[[str], np.ndarray]) -> None:
        self.where = where
        self.shapes = dict(shapes)
        self._read = read

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray], where: str = "the given arrays") -> Variables:
        """Variables that lie in memory."""
        return cls(where, {name: tuple(array.shape) for name, array in arrays.items()}, arrays.__getitem__)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)
