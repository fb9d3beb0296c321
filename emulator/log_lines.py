"""How a log event looks to a person: time, function, request, message; coloured on a terminal.

https://no-color.org/ is respected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import TextIO

_COLOURS = {"ERROR": "31", "FATAL": "31", "WARN": "33", "DEBUG": "2"}
_FUNCTION_COLOURS = ("36", "32", "35", "34", "33")


def wants_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether colours belong on a stream."""
    return stream.isatty() and not environment.get("NO_COLOR")


def log_lines(
    *,
    when: datetime,
    function_name: str,
    request_id: str,
    level: str | None,
    message: str,
    coloured: bool,
    with_date: bool = False,
) -> str:
    """Write an event, each of its lines behind time, function and request."""
    time = f"{when:%Y-%m-%d %H:%M:%S.%f}"[:-3] if with_date else f"{when:%H:%M:%S}"
    name = _painted(function_name, _colour_of(function_name)) if coloured else function_name
    colour = _COLOURS.get(level or "", "") if coloured else ""
    return "".join(
        f"{time} {name} {request_id[:8]} {_painted(line, colour)}\n"
        for line in message.rstrip("\n").split("\n")
    )


def _painted(text: str, colour: str) -> str:
    return f"\033[{colour}m{text}\033[0m" if colour else text


def _colour_of(function_name: str) -> str:
    return _FUNCTION_COLOURS[sum(function_name.encode()) % len(_FUNCTION_COLOURS)]
