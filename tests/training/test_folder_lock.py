"""Two processes, one folder."""

import fcntl
import os
import subprocess
import sys

import pytest
from watched import small, watch

from deeplab_tf2.config import InputError
from deeplab_tf2.training.folder_lock import FILE_NAME, locked

HOLDER = """
import sys, time
from deeplab_tf2.training.folder_lock import locked
with locked(sys.argv[1], print):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_training_is_refused_and_a_killed_one_holds_nothing(sample_records, tmp_path):
    folder, lines = tmp_path / "run", []
    config = small(sample_records, folder)
    with (
        locked(str(folder), lines.append),
        pytest.raises(InputError, match=rf"process {os.getpid()} on .* {folder} al"),
    ):
        watch(config)
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=f"process {holder.pid} on .* already: wait"), locked(str(folder), print):
            pass
        holder.kill()
    with locked(str(folder), lines.append):
        assert (folder / FILE_NAME).read_text().startswith(f"process {os.getpid()} on ")
    assert not lines


def test_a_lock_that_was_never_signed_is_of_another_process(tmp_path):
    with open(tmp_path / FILE_NAME, "ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="^another process trains in"), locked(str(tmp_path), print):
            pass


def test_an_error_within_frees_the_folder(tmp_path):
    for _ in range(2):
        with pytest.raises(KeyError), locked(str(tmp_path), print):
            raise KeyError


def test_where_nothing_can_be_locked_training_goes_on(tmp_path):
    # What cannot be opened for writing; the superuser may write all files.
    (tmp_path / FILE_NAME).mkdir()
    lines = []
    with locked(str(tmp_path), lines.append):
        assert lines == [
            f"{tmp_path} cannot be locked ([Errno 21] Is a directory: '{tmp_path}/{FILE_NAME}'): see to it that no "
            "other process trains there"
        ]
