"""One field of a cron expression: values, lists, ranges, steps and names.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TERM = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]{1,4}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CronField:
    """What a field may hold.

    Args:
        names: of the values from ``lowest`` on, for example ``("JAN", "FEB", …)``.
        cyclic: whether a range may run over the end, as ``FRI-MON`` does.
        steps: whether ``/`` is allowed.
    """

    lowest: int
    highest: int
    names: tuple[str, ...] = ()
    cyclic: bool = True
    steps: bool = True

    def values(self, text: str) -> tuple[int, ...]:
        """Read a field into all its values, ascending.

        Raises:
            ValueError: it is not valid.
        """
        return tuple(sorted({value for term in text.split(",") for value in self._term(term)}))

    def value(self, text: str) -> int:
        """Read a number or a name.

        Raises:
            ValueError: it is neither, or out of range.
        """
        if text.upper() in self.names:
            return self.lowest + self.names.index(text.upper())
        if not re.fullmatch("[0-9]{1,4}", text) or not self.lowest <= int(text) <= self.highest:
            raise ValueError(text)
        return int(text)

    def _term(self, term: str) -> tuple[int, ...]:
        """Read one of the terms between commas."""
        match = _TERM.fullmatch(term)
        if match is None:
            raise ValueError(term)
        return self._range(match["first"], match["last"], match["step"])

    def _range(self, first: str | None, last: str | None, step: str | None) -> tuple[int, ...]:
        """List the values of ``*``, ``first`` or ``first-last``; ``first/step`` is open-ended."""
        start = self.lowest if first is None else self.value(first)
        end = self.highest if first is None or step else start
        if last is not None:
            end = self.value(last)
        return self._between(start, end)[:: self._step(step)]

    def _step(self, text: str | None) -> int:
        if text is None:
            return 1
        step = int(text)
        if not self.steps or not 1 <= step <= self.highest:
            raise ValueError(text)
        return step

    def _between(self, first: int, last: int) -> tuple[int, ...]:
        if first <= last:
            return tuple(range(first, last + 1))
        if not self.cyclic:
            raise ValueError(f"{first}-{last}")
        return (*range(first, self.highest + 1), *range(self.lowest, last + 1))


MINUTES = CronField(lowest=0, highest=59)
HOURS = CronField(lowest=0, highest=23)
DAYS_OF_MONTH = CronField(lowest=1, highest=31)
MONTHS = CronField(
    lowest=1,
    highest=12,
    names=("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
# Sunday is 1, and AWS documents no steps here.
DAYS_OF_WEEK = CronField(
    lowest=1, highest=7, names=("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), steps=False
)
YEARS = CronField(lowest=1970, highest=2199, cyclic=False)
