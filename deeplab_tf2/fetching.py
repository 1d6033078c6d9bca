"""Downloads: resumed where they were cut off, whole or not there at all."""

from __future__ import annotations

import http.client
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from deeplab_tf2.settings import InputError

_TIMEOUT = 30.0
_CHUNK = 1 << 18


def fetch(url: str, path: str, check: Callable[[str], object]) -> str:
    """Downloads a file unless it is there already.

    Args:
        url: its address.
        path: where it goes, once it is whole; until then it grows in `<path>.part`.
        check: called with the path of what has arrived; raises an `InputError` if that is something else.

    Returns:
        `path`.

    Raises:
        InputError: it cannot be reached, or what arrives is something else.
    """
    if os.path.isfile(path):
        return path
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    part = f"{path}.part"
    try:
        _receive(url, part, os.path.basename(path))
    except (OSError, http.client.HTTPException) as error:
        raise InputError(
            f"{url} could not be downloaded ({_reason(error)}). Run again when there is a network, which resumes "
            f"what has arrived; or fetch the file elsewhere and put it at {path}"
        ) from error
    try:
        check(part)
    except InputError as error:
        os.remove(part)
        raise InputError(f"what {url} sent is not the archive, and was removed: {error}") from error
    os.replace(part, path)
    return path


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return f"no network reaches it: {error.reason}"
    return str(error) or type(error).__name__


def _receive(url: str, part: str, label: str) -> None:
    """Completes `part`, beginning where an earlier attempt ended."""
    have = os.path.getsize(part) if os.path.exists(part) else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
            _append(response, part, have, label)
    except urllib.error.HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        if error.headers.get("Content-Range") == f"bytes */{have}":
            return
        os.remove(part)
        _receive(url, part, label)


def _append(response: Any, part: str, have: int, label: str) -> None:
    from tqdm import tqdm

    resumed = response.status == http.client.PARTIAL_CONTENT
    if resumed and not (response.headers.get("Content-Range") or "").startswith(f"bytes {have}-"):
        raise OSError(f"the server does not continue at byte {have}; remove {part}")
    if not resumed:
        have = 0
    length = response.headers.get("Content-Length")
    total = have + int(length) if length else None
    with (
        open(part, "ab" if resumed else "wb") as file,
        tqdm(total=total, initial=have, desc=label, unit="B", unit_scale=True, file=sys.stderr) as bar,
    ):
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            bar.update(len(chunk))
    size = os.path.getsize(part)
    if total is not None and size != total:
        raise OSError(f"the connection ended after {size} of {total} bytes")
