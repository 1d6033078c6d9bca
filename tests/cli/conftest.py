"""What tests of commands share."""

import io
import types

import pytest


@pytest.fixture
def standard_input(monkeypatch):
    """Puts bytes into standard input."""

    def put(data):
        monkeypatch.setattr("sys.stdin", types.SimpleNamespace(buffer=io.BytesIO(data)))

    return put
