"""Takes the log pipe of an environment apart, into events with exact boundaries.

Two writers share the pipe: what the function prints, a line an event, and ``awslambdaric``, whose
records are framed: ``A5 5A 00`` and a level, four bytes of length, eight of time, the text.
``A5`` never begins a UTF-8 sequence, so that printed text cannot be mistaken for a frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAGIC = b"\xa5\x5a\x00"
_HEADER_BYTES = 16
# The fourth byte: bits of the level, and whether the text is JSON.
_LEVELS = {0x08: "DEBUG", 0x0C: "INFO", 0x10: "WARN", 0x14: "ERROR", 0x18: "FATAL"}

_TEXT_LEVEL = re.compile(r"\[([A-Z]+)\]\t")
_TEXT_LEVELS = {level: level for level in _LEVELS.values()} | {
    "WARNING": "WARN",
    "CRITICAL": "FATAL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedText:
    """One event as it was written."""

    level: str | None
    text: str


class TelemetryParser:
    """Cuts a stream of bytes into events; keeps what is not whole yet."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[LoggedText]:
        """Give the events that are whole now."""
        self._rest += data
        events = []
        while event := self._next():
            events.append(event)
        return events

    def finish(self) -> list[LoggedText]:
        """Give what is left as it is: the invocation is over, or its process."""
        rest, self._rest = self._rest, b""
        return [_printed(rest)] if rest else []

    def _next(self) -> LoggedText | None:
        if self._rest.startswith(_MAGIC):
            return self._frame()
        if self._rest == _MAGIC[: len(self._rest)]:
            return None
        return self._line()

    def _frame(self) -> LoggedText | None:
        if len(self._rest) < _HEADER_BYTES:
            return None
        length = int.from_bytes(self._rest[4:8], "big")
        end = _HEADER_BYTES + length
        if len(self._rest) < end:
            return None
        text = self._rest[_HEADER_BYTES:end].decode("utf-8", "replace")
        level = _LEVELS.get(self._rest[3] & 0x1C) or _level_of(text)
        self._rest = self._rest[end:]
        return LoggedText(level=level, text=text)

    def _line(self) -> LoggedText | None:
        frame = self._rest.find(_MAGIC)
        line = self._rest.find(b"\n") + 1
        end = frame if frame != -1 and (line == 0 or frame < line) else line
        if end == 0:
            return None
        printed, self._rest = self._rest[:end], self._rest[end:]
        return _printed(printed)


def _level_of(text: str) -> str | None:
    """Tell the level of a record in the text format, whose frame does not bear it."""
    found = _TEXT_LEVEL.match(text)
    return _TEXT_LEVELS.get(found[1]) if found else None


def _printed(data: bytes) -> LoggedText:
    return LoggedText(level=None, text=data.decode("utf-8", "replace"))
