"""Trainings in several processes on this machine, as several machines would run them."""

import contextlib
import json
import os
import random
import socket
import subprocess
import sys


def start(script, arguments, workers=1, **options):
    """Starts `workers` processes of a script, each with its TF_CONFIG; returns them in order.

    Args:
        script: path of a Python script.
        arguments: its arguments, as one list for all or as a function of the worker's number.
        workers: number of processes; one gets no TF_CONFIG.
        **options: of `subprocess.Popen`.
    """
    addresses = _free_addresses(workers)
    processes = []
    for index in range(workers):
        environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
        # One thread each: the machine has to be shared, and sums come out in one order.
        environment |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "2", "TF_CPP_MIN_LOG_LEVEL": "2"}
        if workers > 1:
            task = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
            environment["TF_CONFIG"] = json.dumps(task)
        own = arguments(index) if callable(arguments) else arguments
        processes.append(
            subprocess.Popen(
                [sys.executable, str(script), *map(str, own)],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                **options,
            )
        )
    return processes


def outcome(processes, timeout=600):
    """What each process printed, and its exit status; none is left behind."""
    try:
        printed = [process.communicate(timeout=timeout)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(text, process.returncode) for text, process in zip(printed, processes, strict=True)]


def _free_addresses(count):
    """Addresses that nobody is given meanwhile: systems hand out ports from 32768 on."""
    found = []
    # Not those of the seed that all tests share: other tests may look for some at the same time.
    for port in random.SystemRandom().sample(range(16384, 32768), 100):
        with socket.socket() as each, contextlib.suppress(OSError):
            each.bind(("localhost", port))
            found.append(f"localhost:{port}")
    return found[:count]
