"""What functions log: events in order, each with its function and request, for whoever listens."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from emulator.log_lines import log_lines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import TextIO

    from emulator.tracing.trace import Trace

# What Lambda writes around the function's own events; in the terminal it would be noise.
_PLATFORM = re.compile(
    r'INIT_START |(?:START|END) RequestId: |\{"time":"[^"]*","type":"platform\.(?!report")'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event of a log stream.

    Args:
        level: ``INFO`` …, where the function's logging told it, else ``None``.
        message: may hold line feeds; one at its end is kept as written.
        log_group: where CloudWatch Logs has it; ``None`` for what AWS would not log.
    """

    function_name: str
    request_id: str
    timestamp: datetime
    level: str | None
    message: str
    log_group: str | None = None
    log_stream: str | None = None


def warning(
    function_name: str, message: str, timestamp: datetime, *, request_id: str = ""
) -> LogEvent:
    """Make an event of what the emulator itself has to say of a function."""
    return LogEvent(
        function_name=function_name,
        request_id=request_id,
        timestamp=timestamp,
        level="WARN",
        message=f"{message}\n",
    )


class LogSink(Protocol):
    """Takes log events; called from many threads."""

    def write(self, event: LogEvent) -> None:
        """Take one event."""


@dataclass(frozen=True, slots=True)
class LogSinks:
    """Several sinks as one."""

    sinks: tuple[LogSink, ...]

    def write(self, event: LogEvent) -> None:
        """Give an event to each."""
        for sink in self.sinks:
            sink.write(event)


@dataclass(frozen=True, slots=True)
class TraceLog:
    """Notes events in the trace, where they are found by the request id."""

    trace: Trace

    def write(self, event: LogEvent) -> None:
        """Take one event; those of Lambda itself are left out but for its report."""
        if not _PLATFORM.match(event.message):
            self.trace.keep(
                at=event.timestamp,
                trace_id=None,
                source="log",
                subject=event.function_name,
                outcome=event.level or "",
                duration_ms=0,
                reason=event.message.rstrip("\n"),
                request_id=event.request_id,
            )


class TerminalLog:
    """Prints events for a person."""

    def __init__(self, stream: TextIO, *, coloured: bool) -> None:
        self._stream = stream
        self._coloured = coloured
        self._open = threading.Event()
        self._open.set()

    def hold(self) -> None:
        """Print nothing until ``release``: somebody talks to a debugger in this terminal."""
        self._open.clear()

    def release(self) -> None:
        """Print again, beginning with what was held."""
        self._open.set()

    def print(self, events: Sequence[LogEvent]) -> None:
        """Print events; those of Lambda itself are left out but for its report."""
        lines = [
            log_lines(
                when=event.timestamp,
                function_name=event.function_name,
                request_id=event.request_id,
                level=event.level,
                message=event.message,
                coloured=self._coloured,
            )
            for event in events
            if not _PLATFORM.match(event.message)
        ]
        self._open.wait()
        self._stream.write("".join(lines))
        self._stream.flush()
