"""Memory of a run: how much it took at most, and what to do where there is too little."""

from __future__ import annotations

import contextlib
import sys

import tensorflow as tf

from deeplab_tf2.config import InputError, RunConfig, aligned_size

# What a network that does not fit raises, on a device or in the process.
OUT_OF_MEMORY = (tf.errors.ResourceExhaustedError, MemoryError)
# A crop of 0.7 of the sides has half the pixels.
_SMALLER = 0.7
_LEAST_CROP = 65


def peak_bytes() -> tuple[int, str] | None:
    """The most memory that this process took so far in bytes, and where: on its first GPU, or in all; None: unknown."""
    if tf.config.list_physical_devices("GPU"):
        return int(tf.config.experimental.get_memory_info("GPU:0")["peak"]), "of the GPU"
    # Windows has no such module.
    with contextlib.suppress(ImportError):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, "of the process"
    return None


def too_little(config: RunConfig, devices: int = 1) -> InputError:
    """The error of a run that does not fit, with settings computed from its own that may.

    Args:
        config: settings of the run.
        devices: among how many a batch is divided.
    """
    data, parts = config.data, config.machine.gradient_accumulation_steps
    share = data.train_batch_size // devices
    height, width = data.train_crop_size
    ways = []
    more = next((count for count in range(2 * parts, share + 1) if share % count == 0), None)
    if more:
        ways.append(
            f"--gradient_accumulation_steps={more} (the same batch, {images_in_words(share // more)} at a time; the "
            "same command with it goes on from the last checkpoint)"
        )
    if data.train_batch_size > devices:
        ways.append(f"--train_batch_size={max(data.train_batch_size // 2 // devices, 1) * devices}")
    smaller = [aligned_size(round(_SMALLER * side), config.model.output_stride) for side in (height, width)]
    if min(smaller) >= _LEAST_CROP:
        ways.append(f"--train_crop_size={smaller[0]},{smaller[1]}")
    if config.machine.precision == "float32" and tf.config.list_physical_devices("GPU"):
        ways.append("--precision=mixed_bfloat16")
    if not ways:
        ways.append("a smaller network, such as --model_variant=mobilenet_v2")
    return InputError(
        f"out of memory: a step on {images_in_words(share // parts)} of {height} x {width} pixels at a time did not "
        f"fit. What may: {'; or '.join(ways)}"
    )


def images_in_words(count: int) -> str:
    """A number of images, as it is said."""
    return f"{count:,} image{'s' if count != 1 else ''}"
