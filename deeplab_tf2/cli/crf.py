"""What the switch `--crf` means to a command, and what eval shows of it: scores before and after."""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Iterable, Iterator

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.config import CrfConfig, InputError

if typing.TYPE_CHECKING:
    from deeplab_tf2.evaluation.result import Evaluation
    from deeplab_tf2.evaluation.visualise import Example

flags.disclaim_key_flags()

BEFORE = "before_crf"


def chosen_crf(given: binding.Given) -> CrfConfig:
    """The flags of the CRF.

    Raises:
        InputError: they say how it works, but not that it does, or what it needs is not installed.
    """
    from deeplab_tf2.inference.permutohedral import sparse_library

    named = given.get(CrfConfig, {})
    config = CrfConfig(**named)
    if named and not config.crf and "crf" not in named:
        raise InputError(f"--{next(iter(named))} is about the CRF, which is not in use: add --crf, or leave it out")
    if config.crf:
        sparse_library()
    return config


def before_and_after(examples: Iterable[Example], config: CrfConfig) -> Iterator[tuple[Example, ...]]:
    """Each example with what the CRF makes of it, or alone where it is not in use; in order, on all cores.

    The probabilities of all classes, which take by far the most memory, go once labels and confidence are known.
    """
    from concurrent.futures import ThreadPoolExecutor

    from deeplab_tf2.data.conversion.thread_runner import in_order
    from deeplab_tf2.inference.dense_crf import refined

    if not config.crf:
        yield from ((example,) for example in examples)
        return

    def pair(example: Example) -> tuple[Example, ...]:
        return tuple(dataclasses.replace(one, probabilities=None) for one in (example, refined(example, config)))

    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        yield from in_order(pool, pair, examples, ahead=cores + 1)


def facts(config: CrfConfig) -> dict[str, float | int]:
    """What a report says of the CRF."""
    return {name.removeprefix("crf_"): value for name, value in dataclasses.asdict(config).items() if name != "crf"}


def save_before(before: Evaluation, scores: str, folder: str) -> Iterator[str]:
    """Writes the evaluation before the CRF, and compares the other with it.

    Args:
        before: the evaluation before.
        scores: JSON file of the evaluation after.
        folder: gets a folder with the files of the one before, and the page.

    Returns:
        Lines to print: one table of both, and where the files are.
    """
    from deeplab_tf2.cli.compare import report
    from deeplab_tf2.evaluation.compared import read_scores
    from deeplab_tf2.evaluation.comparison_page import save_comparison
    from deeplab_tf2.evaluation.score_files import save_scores

    storage.make_folder(storage.join(folder, BEFORE))
    first = save_scores(before, storage.join(folder, BEFORE))[0]
    compared = [read_scores(first, "before the CRF"), read_scores(scores, "after")]
    yield from report(compared)
    yield f"before and after: {save_comparison(compared, storage.join(folder, 'crf.html'))}"
