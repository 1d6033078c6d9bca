"""The searched cells of the NAS backbones: genotypes as rows, and the layer made from one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.drop_path import DropPath
from deeplab_tf2.layers.resize import resize_bilinear
from deeplab_tf2.models.nas_operations import Operation, conv_norm, convolve, rescale


@dataclasses.dataclass(frozen=True)
class Branch:
    """Half of a combination: a key of `nas_operations.KINDS` or "max_pool", the side of its kernel, the state it reads.

    States 0 and 1 are what the cell gets from the last cell and from the one before it, 2 is the first combination.
    """

    kind: str
    kernel_size: int
    state: int


GENOTYPES = {
    "pnasnet": (
        (Branch("separable", 5, 1), Branch("max_pool", 3, 1)),
        (Branch("separable", 7, 0), Branch("max_pool", 3, 0)),
        (Branch("separable", 5, 0), Branch("separable", 3, 0)),
        (Branch("separable", 3, 4), Branch("max_pool", 3, 0)),
        (Branch("separable", 3, 1), Branch("none", 1, 0)),
    ),
    "hnasnet": (
        (Branch("atrous", 5, 1), Branch("separable", 3, 0)),
        (Branch("separable", 3, 1), Branch("atrous", 3, 0)),
        (Branch("separable", 3, 3), Branch("separable", 3, 1)),
        (Branch("separable", 5, 4), Branch("separable", 5, 2)),
        (Branch("separable", 5, 3), Branch("atrous", 5, 5)),
    ),
}


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Cell(Composite):
    """Five sums of two operations, concatenated without activation (Liu et al. 2018 and 2019).

    Maps the outputs of the last cell [batch, height, width, channels] and of the one before it, of any size, to
    [batch, height', width', 5 x filters].

    Args:
        genotype: key of `GENOTYPES`.
        filters: channels of each sum.
        stride: of the operations on the two inputs.
        doubled: whether the input is first resized from n to 2n - 1 pixels.
        project_previous: whether the second input has other than `filters` channels.
        drop_path: whether operations are dropped in training.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of all kernels.
    """

    def __init__(
        self,
        genotype: str,
        filters: int,
        stride: int = 1,
        doubled: bool = False,
        project_previous: bool = True,
        drop_path: bool = False,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        shared: dict[str, Any] = {"batch_norm": batch_norm, "weight_decay": weight_decay, "dtype": self.dtype_policy}
        self.doubled = doubled
        self.previous = conv_norm(("prev_1x1", "prev_bn"), filters, **shared) if project_previous else None
        self.beginning = conv_norm(("1x1", "beginning_bn"), filters, **shared)
        self.genotype = genotype
        self.operations = [
            [
                self._operation(branch, filters, stride if branch.state < 2 else 1, f"comb_iter_{i}__{side}", shared)
                for branch, side in zip(combination, ("left", "right"), strict=True)
            ]
            for i, combination in enumerate(GENOTYPES[genotype])
        ]
        self.drop_path = DropPath(name="drop_path", dtype=self.dtype_policy) if drop_path else None

    @staticmethod
    def _operation(branch: Branch, filters: int, stride: int, name: str, shared: dict[str, Any]) -> Any:
        if branch.kind == "max_pool":
            return keras.layers.MaxPooling2D(branch.kernel_size, stride, "same", name=name, dtype=shared["dtype"])
        if branch.kind == "none" and stride == 1:
            return keras.layers.Identity(name=name, dtype=shared["dtype"])
        return Operation(branch.kind, branch.kernel_size, filters, stride, **shared, name=name)

    def call(self, inputs: Any, previous: Any, keep_probability: Any = 1.0) -> Any:
        if self.doubled:
            inputs = rescale(inputs, 2)
        previous = resize_bilinear(previous, tuple(ops.shape(inputs)[1:3]))
        if self.previous is not None:
            previous = convolve(self.previous, ops.relu(previous))
        states = [convolve(self.beginning, ops.relu(inputs)), previous]
        for combination, layers in zip(GENOTYPES[self.genotype], self.operations, strict=True):
            halves = []
            for branch, layer in zip(combination, layers, strict=True):
                half = layer(states[branch.state])
                if self.drop_path is not None and branch.kind != "none":
                    half = self.drop_path(half, keep_probability=keep_probability)
                halves.append(half)
            states.append(halves[0] + halves[1])
        return ops.concatenate(states[2:], axis=-1)
