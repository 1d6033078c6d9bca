"""The workers of a training on several machines, as the environment variable TF_CONFIG names them."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from deeplab_tf2.config import InputError

Echo = Callable[[str], None]

VARIABLE = "TF_CONFIG"
# The chief, where there is one, is the first worker.
TASK_TYPES = ("chief", "worker")
_EXAMPLE = '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}'
_ADDRESS = re.compile(r"^.+:\d{1,5}$")


@dataclasses.dataclass(frozen=True)
class Task:
    """This process among the workers of a training.

    Args:
        index: its number; 0 is the chief, who writes and prints.
        addresses: host:port of each worker, in order; empty for a training in one process.
    """

    index: int = 0
    addresses: tuple[str, ...] = ()

    @property
    def workers(self) -> int:
        """The number of workers."""
        return max(len(self.addresses), 1)


def this_task(text: str | None = None) -> Task:
    """The task of this process.

    Args:
        text: what TF_CONFIG holds; unset: that of the environment.

    Raises:
        InputError: it is not JSON, or not a cluster of workers with a task of its own.
    """
    text = os.environ.get(VARIABLE, "") if text is None else text
    if not text.strip():
        return Task()
    try:
        values = json.loads(text)
    except ValueError as error:
        raise _error(f"is not JSON ({error})") from error
    if not isinstance(values, dict):
        raise _error(f"is {text}, no object")
    cluster = values.get("cluster")
    if not cluster:
        return Task()
    addresses = _addresses(cluster)
    everyone = tuple(address for kind in TASK_TYPES for address in addresses.get(kind, ()))
    if len(everyone) == 1:
        return Task()
    return Task(_index(values.get("task"), addresses), everyone)


def say(line: str) -> None:
    """Prints a line; of several workers, the first one does."""
    if this_task().index == 0:
        print(line, flush=True)


def _addresses(cluster: Any) -> dict[str, list[str]]:
    if not isinstance(cluster, dict):
        raise _error(f"has the cluster {cluster!r}; it is an object of lists of addresses")
    unknown = sorted(set(cluster) - set(TASK_TYPES))
    if unknown:
        raise _error(
            f"has tasks of the type {', '.join(unknown)}; here all are workers that train in step (one may be called "
            "chief), without parameter servers, and the first one validates"
        )
    for kind, addresses in cluster.items():
        wrong = addresses if not isinstance(addresses, list) else [item for item in addresses if not _is_address(item)]
        if wrong:
            raise _error(f"has the {kind} {wrong!r}; each is an address, host:port")
    if len(cluster.get("chief", ())) > 1:
        raise _error(f"has {len(cluster['chief'])} chiefs; there is one at most")
    everyone = [address for addresses in cluster.values() for address in addresses]
    twice = sorted({address for address in everyone if everyone.count(address) > 1})
    if twice:
        raise _error(f"has {', '.join(twice)} twice; each worker has an address of its own")
    if not everyone:
        raise _error("has a cluster without a worker")
    return cluster


def _is_address(item: Any) -> bool:
    return isinstance(item, str) and bool(_ADDRESS.match(item))


def _index(task: Any, addresses: Mapping[str, list[str]]) -> int:
    """The number of the task among all workers, the chief first."""
    legal = ", ".join(f"{kind} 0 to {len(found) - 1}" for kind, found in addresses.items() if found)
    if not isinstance(task, dict) or not {"type", "index"} <= set(task):
        raise _error(f'has no "task" with "type" and "index", which tell the process who it is; legal are {legal}')
    kind, index = task["type"], task["index"]
    known = addresses.get(kind, []) if isinstance(kind, str) else []
    if isinstance(index, bool) or not str(index).isdecimal() or int(index) >= len(known):
        raise _error(f"has the task {kind} {index}; the cluster has {legal}")
    before = len(addresses.get("chief", ())) if kind == "worker" else 0
    return before + int(index)


def _error(what: str) -> InputError:
    return InputError(
        f"the environment variable {VARIABLE} {what}. For the first of two workers it is {_EXAMPLE}; leave it unset to "
        "train on this machine alone"
    )
