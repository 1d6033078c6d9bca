"""Signals that end a run after its step, in real processes where they end one."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from deeplab_tf2.training.signals import Interrupted, StopSignals

TWICE = """
import os, signal
from deeplab_tf2.training.signals import StopSignals
with StopSignals() as signals:
    os.kill(os.getpid(), signal.{first})
    print(signals.name, flush=True)
    os.kill(os.getpid(), signal.{second})
    print("still there")
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_is_noted_and_handlers_come_back(number, status, capfd):
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    with StopSignals() as signals:
        assert signals.received is None and signals.name == ""
        os.kill(os.getpid(), number)
        assert signals.received == number
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before
    assert capfd.readouterr().err.startswith(f"{signals.name}: finishing this step and saving; once more ends")
    assert Interrupted(number).status == status and isinstance(Interrupted(number), KeyboardInterrupt)


def test_the_signal_of_another_worker_is_not_the_first_that_comes_here(capfd):
    with StopSignals() as signals:
        signals.received = signal.SIGTERM
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.received == signal.SIGTERM
    assert "once more ends at once" in capfd.readouterr().err


@pytest.mark.parametrize(("first", "second"), [("SIGTERM", "SIGTERM"), ("SIGTERM", "SIGINT"), ("SIGINT", "SIGTERM")])
def test_a_second_signal_ends_at_once(first, second):
    code = TWICE.format(first=first, second=second)
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (-getattr(signal, second), f"{first}\n")


def test_other_threads_leave_the_handlers_alone():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def enter():
        with StopSignals() as signals:
            seen.append((signal.getsignal(signal.SIGTERM), signals.received))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [(before, None)]
