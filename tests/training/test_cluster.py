"""Who is who in a training on several machines."""

import json

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.training.cluster import Task, this_task

TWO = ["a:1", "b:2"]


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
