"""Whether a function's code has changed since an environment loaded it.

Two views: the files that the environment has loaded are looked at before every invocation, which
takes microseconds; the whole tree, which has data files and modules loaded later, at most every
tenth of a second.
"""

from __future__ import annotations

import os
import threading
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LOOK_EVERY_SECONDS = 0.1
_LEFT_OUT = frozenset({"__pycache__", ".git", ".venv", "node_modules", ".emulator", ".aws-sam"})

Fingerprint = tuple[tuple[str, int, int], ...]


class CodeTree:
    """The folder of a function's code; one for all functions that share it."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._looked_at = -_LOOK_EVERY_SECONDS
        self._fingerprint: Fingerprint = ()
        self._lock = threading.Lock()

    def fingerprint(self, *, fresh: bool = False) -> Fingerprint:
        """Give name, time and size of every file, as of now or a moment ago."""
        with self._lock:
            if fresh or monotonic() - self._looked_at >= _LOOK_EVERY_SECONDS:
                self._fingerprint = tuple(sorted(_walk(self._root)))
                self._looked_at = monotonic()
            return self._fingerprint


def file_states(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Look at files that an environment has loaded."""
    return {file: _state(file) for file in files}


def _state(file: str) -> tuple[int, int]:
    try:
        status = os.stat(file)  # noqa: PTH116 -- on the path of every invocation
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _walk(directory: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(directory))
    except NotADirectoryError:  # an archive
        yield (directory, *_state(directory))
        return
    except OSError:
        return
    for entry in entries:
        if entry.name in _LEFT_OUT:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        else:
            yield (entry.path, *_state(entry.path))
