"""``at(yyyy-mm-ddThh:mm:ss)``: once; EventBridge Scheduler has it, rules do not.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
Time zones of schedules are left out: the moment is one of UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_AT = re.compile(r"at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """One moment."""

    moment: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Tell the moment as long as it is to come."""
        return self.moment if self.moment > moment else None

    def rescheduled(self, due: datetime, now: datetime) -> datetime | None:  # noqa: ARG002 -- there is no rhythm
        """Tell the moment as long as it is to come."""
        return self.next_after(now)


def parse_at(expression: str) -> At | None:
    """Read a moment; ``None`` if it is not valid."""
    match = _AT.fullmatch(expression)
    if match is None:
        return None
    try:
        return At(moment=datetime.fromisoformat(match[1]).replace(tzinfo=UTC))
    except ValueError:
        return None
