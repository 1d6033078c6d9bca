"""Official flags that have no sense any more: accepted, so that published command lines run, with what to do instead."""

from __future__ import annotations

RETIRED = {
    "num_clones": "one process uses the devices it sees.",
    "clone_on_cpu": "hide the GPUs with CUDA_VISIBLE_DEVICES=-1 instead.",
    "num_replicas": "asynchronous training is gone; one process trains.",
    "startup_delay_steps": "asynchronous training is gone; one process trains.",
    "num_ps_tasks": "asynchronous training is gone; one process trains.",
    "master": "there is no TensorFlow session to connect to.",
    "task": "asynchronous training is gone; one process trains.",
    "save_interval_secs": "checkpoints are counted in steps: use --save_steps.",
    "save_summaries_secs": "summaries are written at every progress line: use --log_steps and --tensorboard.",
    "keep_aspect_ratio": "images always keep their aspect ratio, as in the official scripts, which never read it.",
    "max_number_of_evaluations": "a checkpoint is evaluated once.",
    "max_number_of_iterations": "a checkpoint is visualised once.",
    "eval_interval_secs": "a checkpoint is evaluated once.",
}
