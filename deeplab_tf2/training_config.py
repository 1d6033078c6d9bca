"""How a training run learns: its loss, its optimizer, and the machine that computes its steps."""

from __future__ import annotations

import dataclasses
import typing

from deeplab_tf2.settings import Config, check, check_choices, leaf

# Ways to make label weights from the counts of the training split; auto is median_frequency.
LabelWeighting = typing.Literal["auto", "median_frequency", "effective_number"]


@dataclasses.dataclass(frozen=True)
class LossConfig(Config):
    """What is made small."""

    label_weights: tuple[float, ...] | LabelWeighting | None = leaf(
        None,
        "One loss weight per class, or auto (median_frequency) or effective_number: from how often the classes occur, "
        "as the descriptor counts them; unset: 1 for all.",
    )
    upsample_logits: bool = leaf(
        True, "Bring the logits to the size of the labels; otherwise the labels, nearest, to that of the logits."
    )
    top_k_percent_pixels: float = leaf(1.0, "Share of the pixels, the hardest, that count (hard example mining).")
    hard_example_mining_step: int = leaf(0, "Steps over which that share comes down from 1.")
    focal_gamma: float = leaf(0.0, "Exponent of the focal loss, which makes sure pixels count less; 0 for none.")
    dice_loss_weight: float = leaf(0.0, "Weight of a Dice loss beside the cross entropy; 0 for none.")
    boundary_loss_weight: float = leaf(
        0.0, "Additional weight of the pixels that are near a border of the labels; 0 for none."
    )
    boundary_width: int = leaf(5, "How near to a border these pixels are.")

    def __post_init__(self) -> None:
        weights = self.label_weights
        if isinstance(weights, str):
            methods = typing.get_args(LabelWeighting)
            check(weights in methods, f"label_weights is {weights!r}; give numbers, or one of {', '.join(methods)}")
        else:
            check(all(weight >= 0 for weight in weights or ()), f"label_weights {weights} cannot be below 0")
        share = self.top_k_percent_pixels
        check(0 < share <= 1, f"top_k_percent_pixels is {share}; it is a share, in (0, 1]")
        for name in ("hard_example_mining_step", "focal_gamma", "dice_loss_weight", "boundary_loss_weight"):
            check(getattr(self, name) >= 0, f"{name} is {getattr(self, name)}; it cannot be below 0")
        check(self.boundary_width >= 1, f"boundary_width is {self.boundary_width}; at least 1 pixel is needed")


@dataclasses.dataclass(frozen=True)
class OptimizerConfig(Config):
    """How the weights move."""

    training_number_of_steps: int = leaf(3_000, "Optimizer steps in all.")
    optimizer: typing.Literal["momentum", "adam", "adamw"] = leaf(
        "momentum",
        "momentum (SGD), adam (at a constant rate, as official), or adamw (by the policy, from adam_learning_rate; "
        "decoupled weight decay).",
    )
    base_learning_rate: float = leaf(0.007, "Learning rate at the start of the policy.")
    learning_policy: typing.Literal["poly", "step", "cosine", "multi_steps"] = leaf(
        "poly", "Learning rate policy: poly, step, cosine or multi_steps."
    )
    learning_power: float = leaf(0.9, "Power of the poly policy.")
    decay_steps: float = leaf(0.0, "Horizon of poly in steps; 0: all steps after the slow start.")
    end_learning_rate: float = leaf(0.0, "Learning rate at the end of poly.")
    learning_rate_decay_factor: float = leaf(0.1, "Factor of the step policy.")
    learning_rate_decay_step: int = leaf(2_000, "Steps between two drops of the step policy.")
    boundaries: tuple[int, ...] = leaf((), "Steps after which multi_steps goes on to its next rate.")
    boundary_learning_rates: tuple[float, ...] = leaf((), "Rates of multi_steps, one more than boundaries.")
    slow_start_step: int = leaf(0, "Steps at slow_start_learning_rate before the policy begins.")
    slow_start_learning_rate: float = leaf(1e-4, "Learning rate of the slow start.")
    slow_start_burnin_type: typing.Literal["none", "linear"] = leaf(
        "none", "Whether the rate stays during the slow start (none) or goes to base_learning_rate (linear)."
    )
    momentum: float = leaf(0.9, "Momentum of SGD (not Nesterov).")
    adam_learning_rate: float = leaf(0.001, "Learning rate of adam; where the policy of adamw starts.")
    adam_epsilon: float = leaf(1e-8, "Epsilon of adam and adamw.")
    last_layer_gradient_multiplier: float = leaf(1.0, "Factor on the gradients of the last layers.")
    head_learning_rate: float | None = leaf(
        None, "Where the learning rate of all that is not backbone starts; unset: as the backbone's."
    )
    freeze_backbone: bool = leaf(False, "Keep the backbone as it is, its batch norm statistics included.")
    clip_gradient_norm: float | None = leaf(None, "Largest norm of the gradient of all weights together; unset: any.")
    ema_decay: float | None = leaf(
        None, "Decay of a moving average of the weights, which takes their place after training; unset: none."
    )

    def __post_init__(self) -> None:
        check(self.training_number_of_steps >= 1, "training_number_of_steps must be at least 1")
        check_choices(self)
        self._check_boundaries()
        for name in ("base_learning_rate", "adam_learning_rate", "adam_epsilon"):
            check(getattr(self, name) > 0, f"{name} is {getattr(self, name)}; it must be above 0")
        for name in ("head_learning_rate", "clip_gradient_norm"):
            value = getattr(self, name)
            check(value is None or value > 0, f"{name} is {value}; it must be above 0, or unset")
        check(0 <= self.momentum < 1, f"momentum is {self.momentum}; it must lie in [0, 1)")
        ema = self.ema_decay
        check(ema is None or 0 < ema < 1, f"ema_decay is {ema}; it must lie in (0, 1), or be unset")
        step = self.learning_rate_decay_step
        check(step >= 1, f"learning_rate_decay_step is {step}; it must be at least 1")
        for name in (
            *("decay_steps", "end_learning_rate", "learning_rate_decay_factor", "slow_start_step"),
            *("slow_start_learning_rate", "last_layer_gradient_multiplier"),
        ):
            check(getattr(self, name) >= 0, f"{name} is {getattr(self, name)}; it cannot be below 0")

    def _check_boundaries(self) -> None:
        steps, rates = self.boundaries, self.boundary_learning_rates
        check(list(steps) == sorted(set(steps)), f"boundaries are {', '.join(map(str, steps))}; they must rise")
        if self.learning_policy != "multi_steps":
            check(not steps and not rates, "boundaries and boundary_learning_rates need learning_policy multi_steps")
        else:
            check(
                bool(steps) and len(rates) == len(steps) + 1,
                f"{len(steps)} boundaries and {len(rates)} boundary_learning_rates; multi_steps needs at least one "
                "boundary and one rate more than boundaries",
            )
            check(min(rates) > 0, "boundary_learning_rates must be above 0")


@dataclasses.dataclass(frozen=True)
class MachineConfig(Config):
    """How the steps are computed: the same ones, rounding aside, but for what looks at each part of a batch alone."""

    precision: typing.Literal["float32", "mixed_bfloat16", "mixed_float16"] = leaf(
        "float32",
        "float32, or mixed_bfloat16 or mixed_float16: layers in half precision; weights, logits, loss in whole.",
    )
    jit_compile: bool = leaf(False, "Compile the steps with XLA: faster on many GPUs, far slower on a CPU.")
    steps_per_execution: int = leaf(
        1, "Steps between two looks of Python at the run; more spares a small network time, but hides waits for input."
    )
    gradient_accumulation_steps: int = leaf(
        1, "Parts that a batch is computed in, one after the other, with less memory; batch norm sees the parts."
    )
    num_clones: int | None = leaf(
        None, "Devices of this machine to train on, each with its share of a batch; unset: all GPUs."
    )
    clone_on_cpu: bool = leaf(False, "Clones on the CPU, to try what several devices do.")
    deterministic: bool = leaf(False, "Operations that round alike in every run, on a GPU too, where they are slower.")
    parallel_reads: int | None = leaf(None, "Samples read and augmented at a time; unset: by tf.data.")
    prefetched_batches: int | None = leaf(None, "Batches made ahead; unset: by tf.data.")

    def __post_init__(self) -> None:
        check_choices(self)
        for name in ("steps_per_execution", "gradient_accumulation_steps"):
            check(getattr(self, name) >= 1, f"{name} is {getattr(self, name)}; at least 1 is needed")
        for name in ("num_clones", "parallel_reads", "prefetched_batches"):
            value = getattr(self, name)
            check(value is None or value >= 1, f"{name} is {value}; at least 1 is needed, or unset")
