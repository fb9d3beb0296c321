"""Durations as people write them: ``90s``, ``30m``, ``2h``, ``1d12h``, ``-1h``."""

from __future__ import annotations

import re
from datetime import timedelta

from emulator.errors import ServiceError

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([wdhms])")
_WHOLE = re.compile(r"-?(?:\d{1,9}(?:\.\d{1,9})?[wdhms])+", re.ASCII)
LONGEST = timedelta(days=36_500)


def parse_duration(text: str) -> timedelta:
    """Read a duration.

    Raises:
        ServiceError: ``ValidationException`` when it is none, or longer than a century.
    """
    compact = text.replace(" ", "")
    if not _WHOLE.fullmatch(compact):
        raise ServiceError(
            "ValidationException",
            f"{text!r} is no duration: write for example 90s, 30m, 2h, 1d12h or -1h",
        )
    seconds = sum(
        timedelta(**{_UNITS[unit]: min(float(number), 1e7)}).total_seconds()
        for number, unit in _PART.findall(compact)
    )
    if seconds > LONGEST.total_seconds():
        raise ServiceError("ValidationException", f"{text!r} is longer than a century")
    return timedelta(seconds=-seconds if compact.startswith("-") else seconds)


def format_duration(delta: timedelta) -> str:
    """Write a duration with a sign, to the second: ``+1d2h``, ``-30m``, ``+0s``."""
    seconds = round(delta.total_seconds())
    sign, left, parts = "-" if seconds < 0 else "+", abs(seconds), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + ("".join(parts) or "0s")
