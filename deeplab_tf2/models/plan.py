"""Which stride and atrous rate each unit of a backbone runs at for a wanted output stride."""

from __future__ import annotations

from collections.abc import Sequence


def plan(strides: Sequence[int], output_stride: int) -> tuple[tuple[int, int], ...]:
    """Turns nominal strides into pairs (stride, atrous rate) that reach `output_stride` and stay there.

    The unit that gives up its stride still runs at the rate before it; the higher rate begins with the next unit.

    Example: `plan((2, 2, 2), 4)` is `((2, 1), (2, 1), (1, 1))`.

    Args:
        strides: nominal stride of each unit, in order.
        output_stride: wanted ratio of input to output size.

    Raises:
        ValueError: the strides cannot reach `output_stride`.
    """
    rows = []
    current, rate = 1, 1
    for stride in strides:
        if current == output_stride:
            rows.append((1, rate))
            rate *= stride
        else:
            rows.append((stride, 1))
            current *= stride
    if current != output_stride:
        raise ValueError(f"strides {tuple(strides)} reach output stride {current}, not {output_stride}")
    return tuple(rows)
