"""Kills environments that take more memory than their function has: ``--enforce-memory``.

Lambda kills the process (``signal: killed``); a resource limit would raise ``MemoryError`` instead.
One thread looks at all environments that are handling something.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.awslambda.environment import ExecutionEnvironment

_LOOK_EVERY_SECONDS = 0.02


class MemoryWatch:
    """Watches environments, from one thread that waits while there is nothing to watch.

    Raises:
        StartupError: this system does not tell what a process takes.
    """

    def __init__(self) -> None:
        if not resident_bytes(os.getpid()):
            raise StartupError("--enforce-memory needs /proc, which this system does not have")
        self._watched: dict[ExecutionEnvironment, int] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, environment: ExecutionEnvironment, limit_bytes: int) -> Iterator[None]:
        """Watch an environment while it handles something."""
        with self._changed:
            self._watched[environment] = limit_bytes
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="memory", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._changed:
                self._watched.pop(environment, None)

    def stop(self) -> None:
        """Watch no more; twice does no harm."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while True:
            with self._changed:
                while not self._watched and not self._stopping:
                    self._changed.wait()
                if self._stopping:
                    return
                watched = list(self._watched.items())
            for environment, limit_bytes in watched:
                if resident_bytes(environment.pid) > limit_bytes:
                    environment.out_of_memory = True
                    environment.kill()
            with self._changed:
                self._changed.wait(_LOOK_EVERY_SECONDS)


def resident_bytes(pid: int | None) -> int:
    """Tell how much memory a process has now; zero when that cannot be told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
