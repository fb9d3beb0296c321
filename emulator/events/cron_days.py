"""The days that the two day fields of a cron expression choose in a given month.

``L`` is the last day, ``3W`` the weekday nearest to the third (within the month), ``LW`` the last
weekday; ``6L`` is the last Friday, ``6#3`` the third one, and ``L`` as day of the week Saturday.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from typing import Protocol

from emulator.events.cron_field import DAYS_OF_MONTH, DAYS_OF_WEEK

_SATURDAY, _SUNDAY = 7, 1


class DayRule(Protocol):
    """Which days of a month are meant."""

    def days(self, year: int, month: int) -> tuple[int, ...]:
        """List them, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOfMonth:
    """Days by number; months that are too short go without."""

    numbers: tuple[int, ...]

    def days(self, year: int, month: int) -> tuple[int, ...]:
        """List the days that the month has."""
        last = _last_day(year, month)
        return tuple(number for number in self.numbers if number <= last)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    """``L``."""

    def days(self, year: int, month: int) -> tuple[int, ...]:
        """Give the last day."""
        return (_last_day(year, month),)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestWeekday:
    """``3W``, or ``LW`` if there is no ``number``."""

    number: int | None

    def days(self, year: int, month: int) -> tuple[int, ...]:
        """Give the weekday nearest to the day, in the same month."""
        last = _last_day(year, month)
        day = self.number or last
        if day > last:
            return ()
        day_of_week = _day_of_week(year, month, day)
        if day_of_week == _SATURDAY:
            return (day - 1 if day > 1 else day + 2,)
        if day_of_week == _SUNDAY:
            return (day + 1 if day < last else day - 2,)
        return (day,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOfWeek:
    """Days of the week, 1 for Sunday."""

    numbers: tuple[int, ...]

    def days(self, year: int, month: int) -> tuple[int, ...]:
        """List every such day."""
        return tuple(
            day
            for day in range(1, _last_day(year, month) + 1)
            if _day_of_week(year, month, day) in self.numbers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NthDayOfWeek:
    """``6#3``, or ``6L`` if there is no ``nth``."""

    number: int
    nth: int | None

    def days(self, year: int, month: int) -> tuple[int, ...]:
        """Give the day, if the month has so many of it."""
        all_days = DaysOfWeek(numbers=(self.number,)).days(year, month)
        if self.nth is None:
            return all_days[-1:]
        return all_days[self.nth - 1 : self.nth]


def parse_days(day_of_month: str, day_of_week: str) -> DayRule:
    """Read the two day fields, exactly one of which must be ``?``.

    Raises:
        ValueError: they are not valid.
    """
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ValueError(f"{day_of_month} {day_of_week}")
    if day_of_week == "?":
        return _parse_day_of_month(day_of_month)
    return _parse_day_of_week(day_of_week)


def _parse_day_of_month(text: str) -> DayRule:
    if text == "L":
        return LastDay()
    if text == "LW":
        return NearestWeekday(number=None)
    if text.endswith("W"):
        return NearestWeekday(number=DAYS_OF_MONTH.value(text.removesuffix("W")))
    return DaysOfMonth(numbers=DAYS_OF_MONTH.values(text))


def _parse_day_of_week(text: str) -> DayRule:
    if text == "L":
        return DaysOfWeek(numbers=(_SATURDAY,))
    if match := re.fullmatch(r"(\w+)#([1-5])", text):
        return NthDayOfWeek(number=DAYS_OF_WEEK.value(match[1]), nth=int(match[2]))
    if text.endswith("L"):
        return NthDayOfWeek(number=DAYS_OF_WEEK.value(text.removesuffix("L")), nth=None)
    return DaysOfWeek(numbers=DAYS_OF_WEEK.values(text))


def _last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def _day_of_week(year: int, month: int, day: int) -> int:
    """Tell the day of the week, 1 for Sunday, as cron counts."""
    first_weekday = monthrange(year, month)[0]  # 0 for Monday
    return (first_weekday + day) % 7 + 1
