"""The agenda of the scheduler: one heap of due times; no threads, files or clocks."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from emulator.application import Schedule
    from emulator.events.schedule_expression import ScheduleExpression


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A schedule and its parsed expression."""

    schedule: Schedule
    expression: ScheduleExpression


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A due time of a schedule that has come; ``skipped`` ones are told but not fired."""

    schedule: Schedule
    due: datetime
    skipped: bool = False


class Agenda:
    """The next due time of every plan."""

    def __init__(self, plans: tuple[Plan, ...]) -> None:
        self._plans = plans
        # The index decides between equal due times: the order of the template.
        self._heap: list[tuple[datetime, int]] = []

    def begin(self, now: datetime, kept: Mapping[str, datetime]) -> None:
        """Count from ``now``, but go on from the due times that were kept from an earlier run."""
        self._heap = []
        for index, plan in enumerate(self._plans):
            due = kept.get(plan.schedule.name)
            self._push(index, plan.expression.next_after(now) if due is None else due)
        self.reschedule(now)

    def reschedule(self, now: datetime) -> None:
        """Bring due times back into reach after the clock was turned back."""
        due_times = {index: due for due, index in self._heap}
        self._heap = []
        for index, plan in enumerate(self._plans):
            due = due_times.get(index)
            if due is None:
                due = plan.expression.next_after(now)
            elif due > now:
                due = plan.expression.rescheduled(due, now)
            self._push(index, due)

    def take_due(self, now: datetime, limit: int) -> list[Occurrence]:
        """Take what is due, in order; ``limit`` of each schedule, then one that says "skipped"."""
        taken: list[Occurrence] = []
        counts: Counter[int] = Counter()
        while self._heap and self._heap[0][0] <= now:
            due, index = heapq.heappop(self._heap)
            plan = self._plans[index]
            skipped = counts[index] == limit
            counts[index] += 1
            taken.append(Occurrence(schedule=plan.schedule, due=due, skipped=skipped))
            following = plan.expression.next_after(due)
            self._push(index, plan.expression.rescheduled(due, now) if skipped else following)
        return taken

    def next_due(self) -> tuple[tuple[Schedule, datetime], ...]:
        """Tell the next due time of each schedule that has one, soonest first."""
        return tuple((self._plans[index].schedule, due) for due, index in sorted(self._heap))

    def _push(self, index: int, due: datetime | None) -> None:
        if due is not None:
            heapq.heappush(self._heap, (due, index))
