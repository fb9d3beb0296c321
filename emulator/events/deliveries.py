"""The books of the pump: which record is queued, being handled, postponed, or has failed.

No threads, files or clocks: the pump holds a lock around every call and passes the time in, the
emulator's as ``now``, the machine's monotonic one as ``seconds``.
A reset replaces the books by empty ones; what still runs for the old ones reports to nobody.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.events.envelope import Postponement
    from emulator.outbox import RecordName

_FIRST_RETRY_SECONDS = 0.5
_LONGEST_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a handler raised, and how often."""

    attempts: int
    error: str


class Deliveries:
    """Every record that the pump knows of, each in one state.

    Args:
        workers_per_kind: how many records of one kind are handled at once; counted by kind, so
            that slow functions do not hold up notifications.
    """

    def __init__(self, workers_per_kind: int) -> None:
        self._workers_per_kind = workers_per_kind
        self._known: set[RecordName] = set()
        self._queues: dict[str, deque[RecordName]] = {}
        self._running: dict[RecordName, float] = {}
        self._running_kinds: Counter[str] = Counter()
        self._postponed: list[tuple[datetime, RecordName, Postponement]] = []
        self._failures: dict[RecordName, Failure] = {}
        self._retries: list[tuple[float, RecordName]] = []
        self._latest = datetime.min.replace(tzinfo=UTC)

    def __contains__(self, name: object) -> bool:
        """Tell whether a record is known; it is from ``add`` to ``finish``."""
        return name in self._known

    def add(self, name: RecordName) -> bool:
        """Queue a record; ``False`` if it is known already."""
        if name in self._known:
            return False
        self._known.add(name)
        self._enqueue(name)
        return True

    def take(self, seconds: float) -> RecordName | None:
        """Give the oldest record whose kind has a free worker; it runs from now on."""
        heads = [queue[0] for kind, queue in self._queues.items() if queue and self._free(kind)]
        if not heads:
            return None
        name = min(heads)
        self._queues[name.kind].popleft()
        self._running[name] = seconds
        self._running_kinds[name.kind] += 1
        return name

    def finish(self, name: RecordName) -> None:
        """Forget a running record: it was delivered."""
        self._end(name)
        self._failures.pop(name, None)
        self._known.discard(name)

    def postpone(self, name: RecordName, postponement: Postponement) -> None:
        """Keep a running record until its due time."""
        self._end(name)
        self._failures.pop(name, None)
        heapq.heappush(self._postponed, (postponement.at, name, postponement))

    def fail(self, name: RecordName, error: str, seconds: float) -> float:
        """Keep a running record whose handler raised; give the seconds until it is tried again."""
        self._end(name)
        before = self._failures.get(name)
        attempts = before.attempts + 1 if before else 1
        backoff = min(_FIRST_RETRY_SECONDS * 2.0 ** min(attempts - 1, 10), _LONGEST_RETRY_SECONDS)
        retry_at = seconds + backoff
        self._failures[name] = Failure(attempts=attempts, error=error)
        heapq.heappush(self._retries, (retry_at, name))
        return backoff

    def release(self, now: datetime, seconds: float) -> None:
        """Queue what is due; a clock that was turned back takes the due times with it."""
        if now < self._latest:
            self._reschedule(now)
        self._latest = now
        while self._postponed and self._postponed[0][0] <= now:
            self._enqueue(heapq.heappop(self._postponed)[1])
        while self._retries and self._retries[0][0] <= seconds:
            self._enqueue(heapq.heappop(self._retries)[1])

    def seconds_to_next(self, now: datetime, seconds: float) -> float | None:
        """Tell how long nothing falls due; ``None`` when nothing waits."""
        waits = [(self._postponed[0][0] - now).total_seconds()] if self._postponed else []
        waits += [self._retries[0][0] - seconds] if self._retries else []
        return max(min(waits), 0.0) if waits else None

    @property
    def queued(self) -> int:
        """Count the records that no worker has taken yet."""
        return sum(len(queue) for queue in self._queues.values())

    @property
    def takeable(self) -> int:
        """Count the records that further workers could take at once."""
        return sum(
            min(len(queue), self._workers_per_kind - self._running_kinds[kind])
            for kind, queue in self._queues.items()
        )

    @property
    def quiet(self) -> bool:
        """Tell whether only records of the future are left."""
        return not self._running and not self._retries and not self.queued

    def lines(self, seconds: float, limit: int = 100) -> tuple[str, ...]:
        """Describe what runs, what failed and what is queued, a line each, ``limit`` at most."""
        running = [
            f"{name.file_name}: being handled for {seconds - since:.1f} s{self._history(name)}"
            for name, since in self._running.items()
        ]
        failed = [
            f"{name.file_name}: tried again in {max(at - seconds, 0):.1f} s{self._history(name)}"
            for at, name in sorted(self._retries)[:limit]
        ]
        queued = self.queued
        waiting = [f"{queued} more in the queue"] if queued else []
        return (*(running + failed)[:limit], *waiting)

    def postponed(self) -> tuple[tuple[str, datetime], ...]:
        """Tell what is kept for the future, soonest first."""
        return tuple((name.file_name, due) for due, name, _ in sorted(self._postponed)[:100])

    def _history(self, name: RecordName) -> str:
        failure = self._failures.get(name)
        if failure is None:
            return ""
        return f" (attempt {failure.attempts + 1}; the last one raised {failure.error})"

    def _free(self, kind: str) -> bool:
        return self._running_kinds[kind] < self._workers_per_kind

    def _enqueue(self, name: RecordName) -> None:
        self._queues.setdefault(name.kind, deque()).append(name)

    def _end(self, name: RecordName) -> None:
        del self._running[name]
        self._running_kinds[name.kind] -= 1

    def _reschedule(self, now: datetime) -> None:
        seen = [(name, postponement.seen_at(now)) for _, name, postponement in self._postponed]
        self._postponed = [(postponement.at, name, postponement) for name, postponement in seen]
        heapq.heapify(self._postponed)
