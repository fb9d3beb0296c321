"""Whether a function's code has changed since an environment loaded it.

Two views: the files that the environment has loaded are looked at before every invocation, which
takes microseconds; the whole tree, which has data files and modules loaded later, at most every
tenth of a second, or when somebody has heard of a change; of a large tree less often, so that
looking never takes more than a twentieth of the time.
"""

from __future__ import annotations

import os
import threading
from time import monotonic
from typing import TYPE_CHECKING

from emulator.settings import DATA_FOLDER_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LOOK_EVERY_SECONDS = 0.1
LEFT_OUT = frozenset({"__pycache__", ".git", ".venv", "node_modules", ".emulator", ".aws-sam"})
_SHARE = 20

Fingerprint = tuple[tuple[str, int, int], ...]


class CodeTree:
    """The folder of a function's code; one for all functions that share it."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._look_at = 0.0
        self._states: Fingerprint = ()
        self._lock = threading.Lock()

    def fingerprint(self, *, fresh: bool = False) -> Fingerprint:
        """Give name, time and size of every file, as of now or a moment ago."""
        with self._lock:
            started = monotonic()
            if fresh or started >= self._look_at:
                # Before the look: who hears of a change meanwhile wants another one.
                self._look_at = started + _LOOK_EVERY_SECONDS
                self._states = tuple(sorted(_walk(self._root)))
                took = monotonic() - started
                if self._look_at:
                    self._look_at = max(self._look_at, started + took * _SHARE)
            return self._states

    def look_again(self) -> None:
        """Look at the files when they are next asked for."""
        self._look_at = 0.0


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
    if any(entry.name == DATA_FOLDER_MARK for entry in entries):
        return  # a data folder beside the code changes with every invocation
    for entry in entries:
        if entry.name in LEFT_OUT:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        else:
            yield (entry.path, *_state(entry.path))
