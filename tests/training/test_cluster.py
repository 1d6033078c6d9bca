"""Who is who in a training on several machines."""

import json
import os
import pathlib
import subprocess

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.training.cluster import Task, say, this_task

TWO = ["a:1", "b:2"]
GUIDE = pathlib.Path(__file__).resolve().parents[2] / "g3doc" / "training.md"


def task(cluster, **own):
    return this_task(json.dumps({"cluster": cluster, "task": own}))


def test_workers_are_numbered_with_the_chief_first(monkeypatch):
    assert task({"worker": TWO}, type="worker", index=1) == Task(1, ("a:1", "b:2"))
    assert task({"worker": TWO, "chief": ["c:3"]}, type="worker", index="1") == Task(2, ("c:3", "a:1", "b:2"))
    assert task({"worker": TWO, "chief": ["c:3"]}, type="chief", index=0) == Task(0, ("c:3", "a:1", "b:2"))
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": TWO}, "task": {"type": "worker", "index": 0}}))
    assert this_task().workers == 2


@pytest.mark.parametrize("text", ["", " ", "{}", '{"environment": "cloud"}', '{"cluster": {"worker": ["a:1"]}}'])
def test_one_process_is_no_cluster(text, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    assert this_task(text) == this_task() == Task() and Task().workers == 1


def test_the_first_worker_speaks_for_all(monkeypatch, capsys):
    for index in range(2):
        own = {"type": "worker", "index": index}
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": TWO}, "task": own}))
        say(f"worker {index}")
    assert capsys.readouterr().out == "worker 0\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[1]", r"is \[1\], no object"),
        ('{"cluster": ["a:1"]}', "it is an object of lists"),
        ('{"cluster": {"worker": ["a:1"], "ps": ["b:1"]}}', "type ps; here all are workers"),
        ('{"cluster": {"worker": ["a:1"], "evaluator": ["b:1"]}}', "type evaluator;.*first one validates"),
        ('{"cluster": {"worker": "a:1,b:1"}}', "has the worker 'a:1,b:1'; each is an address, host:port"),
        ('{"cluster": {"worker": ["a:1", "b"]}}', r"has the worker \['b'\]"),
        ('{"cluster": {"worker": ["a:1", 7]}}', r"has the worker \[7\]"),
        ('{"cluster": {"chief": ["a:1", "b:1"]}}', "2 chiefs"),
        ('{"cluster": {"worker": ["a:1", "a:1"]}}', "has a:1 twice"),
        ('{"cluster": {"worker": []}}', "without a worker"),
    ],
)
def test_a_cluster_that_cannot_be_is_refused(text, told):
    with pytest.raises(InputError, match=f"TF_CONFIG.*{told}.*leave it unset"):
        this_task(text)


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({}, 'has no "task" with "type" and "index".*worker 0 to 1'),
        ({"type": "worker"}, 'has no "task"'),
        ({"type": "worker", "index": 2}, "has the task worker 2; the cluster has worker 0 to 1"),
        ({"type": "worker", "index": -1}, "has the task worker -1"),
        ({"type": "worker", "index": True}, "has the task worker True"),
        ({"type": "worker", "index": "two"}, "has the task worker two"),
        ({"type": "chief", "index": 0}, "has the task chief 0"),
        ({"type": ["worker"], "index": 0}, "has the task"),
    ],
)
def test_a_task_that_is_not_in_the_cluster_is_refused(own, told):
    with pytest.raises(InputError, match=told):
        task({"worker": TWO}, **own)


@pytest.mark.parametrize(
    ("cluster", "addresses", "environment"),
    [
        ("SLURM", ("a7:2222", "a9:2222"), {"SLURM_NODEID": "1", "SLURM_JOB_NODELIST": "a[7,9]"}),
        (
            "Kubernetes",
            ("deeplab-0.deeplab:2222", "deeplab-1.deeplab:2222"),
            {"JOB_COMPLETION_INDEX": "1", "WORKERS": "2"},
        ),
    ],
)
def test_the_lines_of_the_guide_make_a_task(cluster, addresses, environment, tmp_path):
    section = GUIDE.read_text(encoding="utf-8").partition(f"\n{cluster}, ")[2]
    lines = [line.strip() for line in section.splitlines() if line.strip().startswith(("hosts=", "export TF_CONFIG="))]
    # What a node of a cluster has.
    (tmp_path / "scontrol").write_text('#!/bin/bash\n[ "$*" = "show hostnames a[7,9]" ] && printf "a7\\na9\\n"\n')
    (tmp_path / "scontrol").chmod(0o755)
    environment = {**environment, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = "\n".join([*lines[:2], "printenv TF_CONFIG"])
    made = subprocess.run(["bash", "-ec", script], env=environment, capture_output=True, text=True, check=True)
    assert this_task(made.stdout) == Task(1, addresses)
