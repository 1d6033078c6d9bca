"""Conversion on Apache Beam, for sets that outgrow one machine: every shard is one element of the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deeplab_tf2.config import InputError
from deeplab_tf2.data.conversion.record_maker import RecordMaker
from deeplab_tf2.data.conversion.shards import Finished, Shard, Workshop


class BeamRunner:
    """Makes shards on a Beam runner.

    Input and output folders must be reachable from its workers. As many workers have work as there are shards.

    Args:
        runner: DirectRunner, DataflowRunner, FlinkRunner, SparkRunner, ...
        options: its pipeline options, "key=value" or "key", without dashes.

    Raises:
        InputError: Beam is not installed.
    """

    def __init__(self, runner: str, options: Sequence[str] = ()) -> None:
        self._beam = _beam()
        self._flags = [f"--runner={runner}", *(f"--{option.lstrip('-')}" for option in options)]

    def __call__(self, shards: Sequence[Shard], maker: RecordMaker, workshop: Workshop) -> list[Finished]:
        """Makes all shards and returns what they hold, in order.

        Raises:
            InputError: the pipeline could not run to its end.
        """
        beam = self._beam
        try:
            options = beam.options.pipeline_options.PipelineOptions(self._flags)
            with beam.Pipeline(options=options) as pipeline:
                (
                    pipeline
                    | "shards" >> beam.Create(list(shards), reshuffle=True)
                    | "records" >> beam.Map(_make, maker, workshop)
                )
        # Runners raise what they like, and wrap what a shard raised.
        except Exception as error:
            raise InputError(f"the pipeline {' '.join(self._flags)} failed: {error}") from error
        return [workshop.note(shard) for shard in shards]


def _make(shard: Shard, maker: RecordMaker, workshop: Workshop) -> None:
    workshop.write(shard, map(maker.outcome, shard.pairs))


def _beam() -> Any:
    try:
        import apache_beam
        import apache_beam.options.pipeline_options
    except ImportError as error:
        raise InputError("--runner needs the extra: pip install 'deeplab-tf2[beam]'") from error
    return apache_beam
