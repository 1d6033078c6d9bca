"""SIGTERM and Ctrl-C, which end a run after the step it is at."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

_TAKEN = (signal.SIGTERM, signal.SIGINT)
_STDERR = 2
_HEARD = "{name}: finishing this step and saving; once more ends at once\n"


class Interrupted(KeyboardInterrupt):
    """A run was stopped by a signal, and saved.

    Args:
        number: the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number


class StopSignals:
    """Within this context the first SIGTERM or SIGINT is only noted; a second one ends the process at once.

    Only the main thread may take signals: in any other nothing is changed.

    Attributes:
        received: the signal that came, here or to another worker; None before.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._came_here = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._take) for number in _TAKEN}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            # None is a handler that was not set by Python, and cannot be set again.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        # Where all workers are sent one, it may come when they have agreed to stop, and are saving.
        if self._came_here:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self._came_here, self.received = True, number
        # Not by print: the signal may have come in the middle of another one.
        with contextlib.suppress(OSError):
            os.write(_STDERR, _HEARD.format(name=self.name).encode())

    @property
    def name(self) -> str:
        """The name of the signal that came."""
        return "" if self.received is None else signal.Signals(self.received).name
