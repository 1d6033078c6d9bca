"""Official flags without a field of ours, so that published command lines run, or say why they cannot.

Retired flags have no sense any more: they are accepted, with what to do instead. Fixed flags name what this
project does in one way only: that value is accepted, any other is refused.
"""

from __future__ import annotations

_IN_STEP = "several machines train in step: start the same command on each, with a TF_CONFIG (g3doc/training.md)."

RETIRED_TRAIN = {
    "num_replicas": _IN_STEP,
    "startup_delay_steps": "machines wait for each other; leave it out.",
    "num_ps_tasks": "there are no parameter servers, every machine has the weights; leave it out.",
    "task": "TF_CONFIG says which of several machines this is (g3doc/training.md).",
    "master": "there is no server to connect to; TF_CONFIG names several machines (g3doc/training.md).",
    "save_interval_secs": "checkpoints are counted in steps: use --save_steps.",
    "save_summaries_secs": "summaries follow the steps: use --tensorboard.",
    "profile_logdir": "benchmark.py measures steps; TensorFlow's profiler can look into the process.",
    "keep_aspect_ratio": "images keep their aspect ratio, as in the official scripts, which never read the flag.",
}

RETIRED_EVAL = {
    "master": "there is no server to connect to; leave it out.",
    "keep_aspect_ratio": RETIRED_TRAIN["keep_aspect_ratio"],
}

# These may stand without a value, or as --no...
RETIRED_SWITCHES = ("keep_aspect_ratio",)

FIXED_MODEL = {"quantize_delay_step": "-1"}

FIXED_TRAIN = FIXED_MODEL

FIXED_EVAL = FIXED_MODEL
