"""Conversion in several threads of this process: decoding and packing leave Python's lock."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from deeplab_tf2.data.conversion.record_maker import RecordMaker
from deeplab_tf2.data.conversion.shards import Finished, Shard, Workshop

R = TypeVar("R")
T = TypeVar("T")


class ThreadRunner:
    """Makes records in parallel and writes the shards one after the other; so one shard uses all processors too.

    Args:
        workers: threads.
        advance: called after every record.
    """

    def __init__(self, workers: int, advance: Callable[[], object]) -> None:
        self._workers, self._advance = workers, advance

    def __call__(self, shards: Sequence[Shard], maker: RecordMaker, workshop: Workshop) -> Iterator[Finished]:
        """Makes all shards and gives what they hold, in order."""
        with ThreadPoolExecutor(self._workers) as pool:
            pairs = itertools.chain.from_iterable(shard.pairs for shard in shards)
            outcomes = self._counted(in_order(pool, maker.outcome, pairs, 2 * self._workers))
            for shard in shards:
                yield workshop.write(shard, itertools.islice(outcomes, len(shard.pairs)))

    def _counted(self, outcomes: Iterable[R]) -> Iterator[R]:
        for outcome in outcomes:
            self._advance()
            yield outcome


def in_order(pool: ThreadPoolExecutor, function: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """`pool.map` that holds at most `ahead` results at a time."""
    waiting: collections.deque[Future[R]] = collections.deque()
    for item in items:
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
        waiting.append(pool.submit(function, item))
    while waiting:
        yield waiting.popleft().result()
