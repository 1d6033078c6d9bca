"""Official flags without a field of ours, so that published command lines run, or say why they cannot.

Retired flags have no sense any more: they are accepted, with what to do instead. Fixed flags name what this
project does in one way only: that value is accepted, any other is refused.
"""

from __future__ import annotations

_ASYNCHRONOUS = "asynchronous training is gone; several machines train in step, by TF_CONFIG (g3doc/training.md)."

RETIRED_TRAIN = {
    "num_replicas": _ASYNCHRONOUS,
    "startup_delay_steps": _ASYNCHRONOUS,
    "num_ps_tasks": _ASYNCHRONOUS,
    "task": _ASYNCHRONOUS,
    "master": "there is no TensorFlow session to connect to.",
    "save_interval_secs": "checkpoints are counted in steps: use --save_steps.",
    "save_summaries_secs": "summaries follow the steps: use --tensorboard.",
    "profile_logdir": "use TensorFlow's profiler on the process.",
    "keep_aspect_ratio": "images keep their aspect ratio, as in the official scripts, which never read the flag.",
}

RETIRED_EVAL = {
    "master": RETIRED_TRAIN["master"],
    "keep_aspect_ratio": RETIRED_TRAIN["keep_aspect_ratio"],
    "eval_interval_secs": "a checkpoint is read once.",
    "max_number_of_evaluations": "a checkpoint is read once.",
    "max_number_of_iterations": "a checkpoint is read once.",
}

FIXED_MODEL = {"quantize_delay_step": "-1"}

FIXED_TRAIN = FIXED_MODEL

FIXED_EVAL = FIXED_MODEL
