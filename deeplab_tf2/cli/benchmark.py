"""The command benchmark: speed of network, input pipeline, training and dense CRF, as ratios within one process.

Absolute times do not carry from machine to machine; the rate of a float32 matrix product in the same process is what
the network is set against, and other ways over the same records what the pipeline is.
"""

from __future__ import annotations

import dataclasses

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.benchmark_crf import print_crf
from deeplab_tf2.cli.benchmark_pipeline import print_pipeline
from deeplab_tf2.cli.benchmark_training import print_training, steps_on
from deeplab_tf2.cli.timing import MATRIX_SIDE, matrix_product, matrix_rate, median_seconds
from deeplab_tf2.config import Config, DataConfig, InputError, MachineConfig, ModelConfig, RunConfig, leaf

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class BenchmarkConfig(Config):
    """What is measured."""

    crop_size: tuple[int, ...] = leaf((513, 513), "Height,width of the images in pixels.")
    batch_size: int = leaf(2, "Images per training step.")
    repeats: int = leaf(7, "Timed repetitions; the median counts.")
    dataset_dir: str | None = leaf(None, "Records whose pipeline is measured; unset: the network alone.")
    train_split: str = leaf("train", "Split of the pipeline.")
    training: bool = leaf(False, "Whether training on these records is measured: whole steps, and memory.")
    crf_image: str | None = leaf(
        None, "Photograph on which the dense CRF is measured, at --crop_size; it needs --crf_model."
    )
    crf_model: str | None = leaf(None, "Run or export whose probabilities the CRF is given.")
    training_variants: tuple[str, ...] = leaf(("mobilenet_v2", "xception_65"), "Networks of this measurement.")
    training_sizes: tuple[str, ...] = leaf(("257x8", "513x2"), "Crop and batch size, each pair for all networks.")


def main() -> None:
    """Runs the command line."""
    binding.run(command, BenchmarkConfig, ModelConfig, MachineConfig)


def command(given: binding.Given) -> None:
    """Prints what is asked for: the rates of prediction and training, of the pipeline, or of the dense CRF."""
    config = BenchmarkConfig(**given[BenchmarkConfig])
    crop = config.crop_size * 2 if len(config.crop_size) == 1 else config.crop_size
    if len(crop) != 2 or min(*crop, config.batch_size, config.repeats) < 1:
        raise InputError(f"crop_size {crop}, batch_size {config.batch_size}, repeats {config.repeats}: at least 1 each")
    if bool(config.crf_image) != bool(config.crf_model):
        raise InputError("--crf_image and --crf_model go together: give both")
    if config.crf_model and config.crf_image:
        print_crf(config.crf_model, config.crf_image, crop, config.repeats)
        return
    run = RunConfig(model=ModelConfig(**given[ModelConfig]), machine=MachineConfig(**given[MachineConfig]))
    if run.machine.clone_on_cpu or (run.machine.num_clones or 1) > 1:
        raise InputError("--num_clones and --clone_on_cpu: one device is measured; leave them out")
    if config.training and not config.dataset_dir:
        raise InputError("--training is measured on real batches: give --dataset_dir")
    if config.dataset_dir:
        settings = DataConfig(
            dataset_dir=config.dataset_dir,
            train_split=config.train_split,
            train_crop_size=crop,
            train_batch_size=config.batch_size,
        )
        run = run.replace(data=settings)
        if config.training:
            print_training(run, config.training_variants, config.training_sizes, config.repeats)
        else:
            print_pipeline(run, config.repeats)
        return
    _print_network(run, crop, config)


def _print_network(run: RunConfig, crop: tuple[int, ...], config: BenchmarkConfig) -> None:
    matrix = matrix_rate(median_seconds(matrix_product(), config.repeats))
    print(f"float32 matrix product {MATRIX_SIDE} x {MATRIX_SIDE}: {matrix:.0f} GFLOP/s")
    latency, rate = _network_rates(run, crop, config)
    work = latency * matrix / 2
    print(f"{run.model.model_variant}, output stride {run.model.output_stride}, {crop[0]} x {crop[1]}:")
    print(f"  prediction, batch 1: {latency:.4f} s (the time of {work:.1f} G multiply-adds of the matrix product)")
    work = matrix / 2 / rate
    print(
        f"  training, batch {config.batch_size}: {rate:.2f} images/s (an image takes the time of {work:.1f} G "
        "multiply-adds of the matrix product)"
    )


def _network_rates(run: RunConfig, crop: tuple[int, ...], config: BenchmarkConfig) -> tuple[float, float]:
    """Seconds of a prediction, and images a second of training."""
    import tensorflow as tf

    from deeplab_tf2.data.catalog import Descriptor
    from deeplab_tf2.evaluation.evaluate import labeller
    from deeplab_tf2.training.start import compiled

    names = tuple(map(str, range(run.model.num_classes)))
    model = compiled(run, Descriptor("benchmark", names, ((0, 0, 0),) * len(names)))
    shape = [config.batch_size, *crop]
    images = tf.random.stateless_uniform([*shape, run.model.input_channels], [0, 0], 0, 255)
    labels = tf.random.stateless_uniform(shape, [0, 1], 0, run.model.num_classes, tf.int32)
    predict = labeller(model)
    latency = median_seconds(lambda: predict(images[:1]).numpy(), config.repeats)
    step = median_seconds(steps_on(model, images, labels), config.repeats)
    return latency, config.batch_size * run.machine.steps_per_execution / step
