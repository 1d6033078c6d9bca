"""One training at a time in a folder: a second process is refused, and one that is killed leaves no lock behind."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError

# It stays when the lock is gone: whoever removed it might take it from under another process.
FILE_NAME = ".train.lock"


@contextlib.contextmanager
def locked(folder: str, echo: Callable[[str], None]) -> Iterator[None]:
    """Keeps other processes from training in a folder; the operating system ends this with the process at the latest.

    Args:
        folder: folder of the run; made if it is not there.
        echo: is told of a folder that cannot be locked, as on some network file systems: the training goes on.

    Raises:
        InputError: another process trains there; it is named.
    """
    storage.make_folder(folder)
    with contextlib.ExitStack() as stack:
        try:
            # Windows has no such module.
            import fcntl

            file = stack.enter_context(open(os.path.join(folder, FILE_NAME), "ab+", buffering=0))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().decode().strip() or "another process"
            raise InputError(
                f"{holder} trains in {folder} already: wait until it is done, or stop it and give the same command "
                "again; another --train_logdir starts another run"
            ) from error
        except (ImportError, OSError) as error:
            echo(f"{folder} cannot be locked ({error}): see to it that no other process trains there")
        else:
            # A courtesy to the one that is refused, which a full disk may forbid.
            with contextlib.suppress(OSError):
                file.truncate(0)
                file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
