"""Worker threads: hired when there is work, up to a number, and abandoned at a reset.

An abandoned worker ends with what it is doing; another one takes its place at once.
All methods are called with the lock held that the workers share with their owner.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Work = TypeVar("Work")


class Workers(Generic[Work]):
    """Threads that do one piece of work after the other.

    Args:
        take: gives the next piece, or ``None``; called with the lock held.
        do: does it; called without the lock, must not raise.
        most: how many threads there are at most, abandoned ones aside.
    """

    def __init__(
        self,
        lock: threading.Lock,
        take: Callable[[], Work | None],
        do: Callable[[Work], None],
        *,
        most: int,
    ) -> None:
        self._work = threading.Condition(lock)
        self._take = take
        self._do = do
        self._most = most
        self._running = False
        self._workers: set[threading.Thread] = set()
        self._busy: set[threading.Thread] = set()
        self._abandoned: set[threading.Thread] = set()

    def start(self) -> None:
        """Be ready to be called."""
        self._running = True

    def stop(self) -> tuple[threading.Thread, ...]:
        """Send the idle ones home, the others as soon as they are done; give all, to be joined."""
        self._running = False
        self._work.notify_all()
        return (*self._workers, *self._abandoned)

    def call(self, pieces: int) -> None:
        """Have so many pieces of work taken, by workers that are idle or hired for it."""
        if not self._running:
            return
        self._work.notify(pieces)
        idle = len(self._workers) - len(self._busy)
        for _ in range(min(pieces - idle, self._most - len(self._workers))):
            # A daemon: what hangs in a handler must not keep the process from ending.
            worker = threading.Thread(target=self._run, name="pump-worker", daemon=True)
            self._workers.add(worker)
            worker.start()

    def abandon_busy(self) -> None:
        """Cut off those that are doing something."""
        self._workers -= self._busy
        self._abandoned |= self._busy
        self._busy = set()

    @property
    def abandoned(self) -> int:
        """Count the threads that were cut off and have not ended yet."""
        return len(self._abandoned)

    def _run(self) -> None:
        me = threading.current_thread()
        while (work := self._next(me)) is not None:
            self._do(work)

    def _next(self, me: threading.Thread) -> Work | None:
        """Wait for a piece of work; ``None`` ends the thread."""
        with self._work:
            self._busy.discard(me)
            while self._running and me in self._workers:
                work = self._take()
                if work is not None:
                    self._busy.add(me)
                    return work
                self._work.wait()
            self._workers.discard(me)
            self._abandoned.discard(me)
            return None
