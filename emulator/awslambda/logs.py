"""What functions log: events in order, each with its function and request, for whoever listens."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime
    from typing import TextIO

_COLOURS = {"ERROR": "31", "FATAL": "31", "WARN": "33", "DEBUG": "2"}
_FUNCTION_COLOURS = ("36", "32", "35", "34", "33")
# What Lambda writes around the function's own events; in the terminal it would be noise.
_PLATFORM = ("INIT_START ", "START RequestId: ", "END RequestId: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """One event of a log stream.

    Args:
        level: ``INFO`` …, where the function's logging told it, else ``None``.
        message: may hold line feeds; one at its end is kept as written.
    """

    function_name: str
    request_id: str
    timestamp: datetime
    level: str | None
    message: str


class LogSink(Protocol):
    """Takes log events; called from many threads."""

    def write(self, event: LogEvent) -> None:
        """Take one event."""


class TerminalLog:
    """Prints events for a person: time, function, request, message; coloured on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = stream.isatty()
        self._lock = threading.Lock()

    def write(self, event: LogEvent) -> None:
        """Print an event, each of its lines behind the function's name."""
        if event.message.startswith(_PLATFORM):
            return
        name = self._paint(event.function_name, _colour_of(event.function_name))
        head = f"{event.timestamp:%H:%M:%S} {name} {event.request_id[:8]}"
        text = self._paint(event.message.rstrip("\n"), _COLOURS.get(event.level or "", ""))
        lines = [f"{head} {line}\n" for line in text.split("\n")]
        with self._lock:
            self._stream.write("".join(lines))
            self._stream.flush()

    def _paint(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._coloured and colour else text


def _colour_of(function_name: str) -> str:
    return _FUNCTION_COLOURS[sum(function_name.encode()) % len(_FUNCTION_COLOURS)]
