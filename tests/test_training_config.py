"""Illegal settings of loss, optimizer and machine name the setting, its value and what is legal."""

import pytest

from deeplab_tf2.config import InputError, LossConfig, MachineConfig, OptimizerConfig


@pytest.mark.parametrize(
    ("config", "values", "told"),
    [
        (LossConfig, {"label_weights": (-1.0,)}, "below 0"),
        (LossConfig, {"label_weights": "median"}, "give numbers, or one of auto, median_frequency, effective_num"),
        (LossConfig, {"top_k_percent_pixels": 25.0}, r"top_k_percent_pixels is 25.0; it is a share, in \(0, 1\]"),
        (LossConfig, {"focal_gamma": -1.0}, "focal_gamma is -1.0; it cannot be below 0"),
        (LossConfig, {"boundary_width": 0}, "at least 1 pixel"),
        (OptimizerConfig, {"base_learning_rate": 0.0}, "above 0"),
        (OptimizerConfig, {"head_learning_rate": 0.0}, "above 0, or unset"),
        (OptimizerConfig, {"learning_policy": "cosin"}, "'cosin'; legal are poly, step, cosine, multi_steps"),
        (OptimizerConfig, {"optimizer": "sgd"}, "'sgd'; legal are momentum, adam, adamw"),
        (OptimizerConfig, {"slow_start_burnin_type": "cubic"}, "legal are none, linear"),
        (OptimizerConfig, {"learning_policy": "multi_steps"}, "at least one boundary"),
        (OptimizerConfig, {"boundaries": (5,)}, "need learning_policy multi_steps"),
        (
            OptimizerConfig,
            {"learning_policy": "multi_steps", "boundaries": (9, 5), "boundary_learning_rates": (1.0, 0.5, 0.1)},
            "boundaries are 9, 5; they must rise",
        ),
        (
            OptimizerConfig,
            {"learning_policy": "multi_steps", "boundaries": (5,), "boundary_learning_rates": (0.1,)},
            "1 boundaries and 1 boundary_learning_rates; multi_steps needs",
        ),
        (OptimizerConfig, {"ema_decay": 1.0}, r"in \(0, 1\)"),
        (OptimizerConfig, {"last_layer_gradient_multiplier": -1.0}, "cannot be below 0"),
        (OptimizerConfig, {"decay_steps": -5.0}, "decay_steps is -5.0; it cannot be below 0"),
        (OptimizerConfig, {"learning_rate_decay_step": 0}, "learning_rate_decay_step is 0; it must be at least 1"),
        (MachineConfig, {"precision": "half"}, "legal are float32, mixed_bfloat16, mixed_float16"),
        (MachineConfig, {"steps_per_execution": 0}, "at least 1"),
        (MachineConfig, {"num_clones": 0}, "at least 1 is needed, or unset"),
    ],
)
def test_illegal_settings_are_told(config, values, told):
    with pytest.raises(InputError, match=told):
        config(**values)
