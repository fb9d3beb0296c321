"""The trace: what happened of late, a record each, and which cause it belongs to.

Requests, what they set off, and everything that was refused, with the reason, are kept in memory:
the latest ``KEPT`` steps, and beside them as many lines that functions have logged.
A step belongs to the trace of the step in whose thread it runs, or to the one that a caller names
by ``X-Amzn-Trace-Id``; else it begins a trace of its own.

A step costs a few microseconds; nothing is written or formatted before somebody asks.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Self

from emulator.errors import ServiceError
from emulator.tracing.ids import new_root, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from types import TracebackType

    from emulator.clock import Clock

KEPT = 5000
# A reason may quote what a client has sent.
_LONGEST_TEXT = 1000


class TraceRecord(NamedTuple):
    """One thing that happened; a tuple, since it takes a third of the time to make.

    Args:
        number: counts up in the order in which things ended.
        at: when it began, by the emulator's clock.
        trace_id: ``1-…-…``, the ``Root`` of ``X-Amzn-Trace-Id``; ``None`` where only the request
            id is known.
        source: ``gateway``, ``lambda``, ``event``, ``schedule``, ``log``, else the AWS service.
        subject: the request, function, event or rule.
        outcome: a status code or a word.
        reason: why it was refused or failed, or what was logged; empty without one.
        request_id: AWS's id of the request or invocation; empty without one.
    """

    number: int
    at: datetime
    trace_id: str | None
    source: str
    subject: str
    outcome: str
    duration_ms: float
    reason: str
    request_id: str


class Step:
    """Something that happens now; it becomes a record when it ends.

    ``outcome``, ``reason`` and ``request_id`` are for whoever takes the step to fill in.
    """

    __slots__ = (
        *("_before", "_began", "_source", "_subject", "_trace", "at"),
        *("outcome", "reason", "request_id", "trace_id"),
    )

    def __init__(
        self, trace: Trace, source: str, subject: str, at: datetime, trace_id: str
    ) -> None:
        self._trace = trace
        self._source = source
        self._subject = subject
        self._began = monotonic()
        self._before: str | None = None
        self.at = at
        self.trace_id = trace_id
        self.outcome = "ok"
        self.reason = ""
        self.request_id = ""

    def __enter__(self) -> Self:
        """Let what this thread does from now on belong to the step's trace."""
        self._before = self._trace.swap(self.trace_id)
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        """Keep the record; an error is its outcome."""
        self._trace.swap(self._before)
        if isinstance(error, ServiceError):
            self.outcome, self.reason = error.code, error.message
        elif error is not None:
            self.outcome, self.reason = type(error).__name__, str(error)
        self._trace.keep(
            at=self.at,
            trace_id=self.trace_id,
            source=self._source,
            subject=self._subject,
            outcome=self.outcome,
            duration_ms=(monotonic() - self._began) * 1000,
            reason=self.reason,
            request_id=self.request_id,
        )


class Trace:
    """The latest records, from many threads."""

    def __init__(self, clock: Clock, *, kept: int = KEPT) -> None:
        self._clock = clock
        self._steps: deque[TraceRecord] = deque(maxlen=kept)
        self._lines: deque[TraceRecord] = deque(maxlen=kept)
        self._numbers = itertools.count(1)
        self._thread = threading.local()
        self._arrival = threading.Condition()

    @property
    def current(self) -> str | None:
        """Tell to which trace this thread's doing belongs; ``None`` outside of any."""
        current: str | None = getattr(self._thread, "trace_id", None)
        return current

    def header(self, sent: str | None = None) -> str | None:
        """Give the ``X-Amzn-Trace-Id`` that somebody sent, else that of the current trace."""
        if root_of(sent):
            return sent
        return f"Root={self.current}" if self.current else None

    def step(self, source: str, subject: str, header: str | None = None) -> Step:
        """Take a step: ``with trace.step(…) as step``.

        Args:
            source: what takes it, as in ``TraceRecord``.
            subject: what it is about.
            header: ``X-Amzn-Trace-Id``, where somebody sent one.
        """
        at = self._clock.now()
        trace_id = root_of(header) or self.current or new_root(at)
        return Step(self, source, subject, at, trace_id[:_LONGEST_TEXT])

    @contextmanager
    def following(self, trace_id: str | None) -> Iterator[None]:
        """Let what this thread does in the block belong to a trace that began elsewhere."""
        before = self.swap(trace_id)
        try:
            yield
        finally:
            self.swap(before)

    def swap(self, trace_id: str | None) -> str | None:
        """Change the trace of this thread; give the one before."""
        before, self._thread.trace_id = self.current, trace_id
        return before

    def keep(
        self,
        *,
        at: datetime,
        trace_id: str | None,
        source: str,
        subject: str,
        outcome: str,
        duration_ms: float,
        reason: str,
        request_id: str,
    ) -> None:
        """Keep a record; the oldest makes room."""
        records = self._lines if source == "log" else self._steps
        with self._arrival:
            records.append(
                TraceRecord(
                    number=next(self._numbers),
                    at=at,
                    trace_id=trace_id,
                    source=source[:_LONGEST_TEXT],
                    subject=subject[:_LONGEST_TEXT],
                    outcome=outcome,
                    duration_ms=duration_ms,
                    reason=reason[:_LONGEST_TEXT],
                    request_id=request_id,
                )
            )
            self._arrival.notify_all()

    def latest(self, *, after: int = 0, seconds: float = 0) -> list[TraceRecord]:
        """Give the steps that ended after that number, and wait for one if there is none yet."""
        deadline = monotonic() + seconds
        with self._arrival:
            while not self._has_step_after(after) and (left := deadline - monotonic()) > 0:
                self._arrival.wait(left)
            return [record for record in self._steps if record.number > after]

    def of(self, id_: str) -> list[TraceRecord]:
        """Give everything of one trace, or of the trace of one request id, as it began."""
        id_ = root_of(id_) or id_
        with self._arrival:
            steps, lines = list(self._steps), list(self._lines)
        traces = {r.trace_id for r in steps if id_ in {r.trace_id, r.request_id}}
        found = [record for record in steps if record.trace_id in traces]
        requests = {record.request_id for record in found if record.source == "lambda"}
        found += [line for line in lines if line.request_id in requests]
        return sorted(found, key=lambda record: (record.at, record.number))

    def clear(self) -> None:
        """Forget everything; numbers go on, so that whoever follows the trace still does."""
        with self._arrival:
            self._steps.clear()
            self._lines.clear()

    def _has_step_after(self, number: int) -> bool:
        return bool(self._steps) and self._steps[-1].number > number
