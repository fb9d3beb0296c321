"""Takes log events off the path of invocations: they are handed on in batches, by a thread.

An invocation only appends to a list; what stores or prints sees everything in order, a moment
later, and everything that was written before ``stop``.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulator.awslambda.logs import LogEvent

_log = logging.getLogger(__name__)
_GATHER_SECONDS = 0.02
# Beyond it writers wait, so that a terminal that stands still cannot fill the memory.
_LARGEST_BACKLOG = 50_000


class LogBatches:
    """A log sink in front of something slow.

    Args:
        name: of the thread.
        take: gets each batch, in order, from one thread at a time.
    """

    def __init__(self, name: str, take: Callable[[Sequence[LogEvent]], None]) -> None:
        self._take = take
        self._waiting: list[LogEvent] = []
        self._written = self._taken = 0
        self._asleep = self._urgent = self._stopping = False
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._progress = threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def write(self, event: LogEvent) -> None:
        """Take one event."""
        with self._lock:
            while len(self._waiting) >= _LARGEST_BACKLOG and not self._stopping:
                self._progress.wait()
            self._waiting.append(event)
            self._written += 1
            if self._asleep:
                self._wake.notify()

    def flush(self) -> None:
        """Wait until everything that was written before has been handed on."""
        with self._lock:
            target = self._written
            self._urgent = True
            self._wake.notify()
            while self._taken < target and self._thread.is_alive():
                self._progress.wait(1.0)

    def stop(self) -> None:
        """Hand on the rest and end; twice does no harm."""
        with self._lock:
            self._stopping = True
            self._wake.notify()
            self._progress.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            try:
                self._take(batch)
            except Exception:  # noqa: BLE001 -- a thread loop: one batch, not all that follow
                _log.exception("%d log events are lost", len(batch))
            with self._lock:
                self._taken += len(batch)
                self._progress.notify_all()

    def _next_batch(self) -> list[LogEvent]:
        """Give what waits; empty when it is time to end."""
        with self._lock:
            while not self._waiting and not self._stopping:
                self._asleep = True
                self._wake.wait()
                self._asleep = False
            if not self._urgent and not self._stopping:
                self._wake.wait(_GATHER_SECONDS)
            self._urgent = False
            batch, self._waiting = self._waiting, []
            return batch
