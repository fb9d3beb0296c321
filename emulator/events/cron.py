"""``cron(minutes hours day-of-month month day-of-week year)``, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
The next due time is looked for field by field, from the year down, never minute by minute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from emulator.events.cron_days import DayRule, parse_days
from emulator.events.cron_field import HOURS, MINUTES, MONTHS, YEARS

if TYPE_CHECKING:
    from collections.abc import Iterator

_CRON = re.compile(r"cron\((\S.*\S)\)")
_FIELDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Every minute that all fields match."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day_rule: DayRule
    months: tuple[int, ...]
    years: tuple[int, ...]

    def next_after(self, moment: datetime) -> datetime | None:
        """Tell the first matching minute after a moment; ``None`` when the years are over."""
        moment = moment.astimezone(UTC)
        if moment.year > self.years[-1]:
            return None
        earliest = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for day in self._days_from(earliest.date()):
            start = earliest.time() if day == earliest.date() else time.min
            found = self._first_time(start)
            if found is not None:
                return datetime.combine(day, found, UTC)
        return None

    def rescheduled(self, due: datetime, now: datetime) -> datetime | None:  # noqa: ARG002 -- a cron has one rhythm
        """Tell the first due time after ``now``."""
        return self.next_after(now)

    def _days_from(self, earliest: date) -> Iterator[date]:
        for year in self.years:
            if year < earliest.year:
                continue
            for month in self.months:
                if (year, month) < (earliest.year, earliest.month):
                    continue
                days = (date(year, month, day) for day in self.day_rule.days(year, month))
                yield from (day for day in days if day >= earliest)

    def _first_time(self, earliest: time) -> time | None:
        for hour in self.hours:
            for minute in self.minutes:
                if (hour, minute) >= (earliest.hour, earliest.minute):
                    return time(hour, minute)
        return None


def parse_cron(expression: str) -> Cron | None:
    """Read a cron expression; ``None`` if it is not valid."""
    match = _CRON.fullmatch(expression)
    fields = match[1].split() if match else []
    if len(fields) != _FIELDS:
        return None
    minutes, hours, day_of_month, month, day_of_week, year = fields
    try:
        return Cron(
            minutes=MINUTES.values(minutes),
            hours=HOURS.values(hours),
            day_rule=parse_days(day_of_month, day_of_week),
            months=MONTHS.values(month),
            years=YEARS.values(year),
        )
    except ValueError:
        return None
