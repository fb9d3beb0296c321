"""``rate(value unit)``: a schedule that counts from when the rule was made.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-rate-expressions
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Every so often."""

    interval: timedelta

    def next_after(self, moment: datetime) -> datetime | None:
        """Tell the due time that follows one; ``None`` when the calendar ends before."""
        try:
            return moment + self.interval
        except OverflowError:
            return None

    def rescheduled(self, due: datetime, now: datetime) -> datetime | None:
        """Tell the first due time after ``now`` in the rhythm that ``due`` belongs to."""
        return self.next_after(now - (now - due) % self.interval)


def parse_rate(expression: str) -> Rate | None:
    """Read a rate; ``None`` if it is not valid: the unit is singular with 1, and only then."""
    match = _RATE.fullmatch(expression)
    if match is None or (match[1] == "1") == bool(match[3]):
        return None
    try:
        return Rate(interval=timedelta(**{f"{match[2]}s": int(match[1])}))
    except OverflowError:
        return None
