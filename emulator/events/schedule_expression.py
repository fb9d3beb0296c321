"""Schedule expressions: ``rate(…)``, ``cron(…)`` and ``at(…)``, all in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from emulator.errors import ServiceError
from emulator.events.at import parse_at
from emulator.events.cron import parse_cron
from emulator.events.rate import parse_rate

if TYPE_CHECKING:
    from datetime import datetime


class ScheduleExpression(Protocol):
    """When a schedule is due."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Tell the due time that follows a moment or due time; ``None`` when there is none."""

    def rescheduled(self, due: datetime, now: datetime) -> datetime | None:
        """Tell the first due time after ``now``, in the rhythm that ``due`` belongs to."""


def parse_schedule(
    expression: str, *, service: Literal["events", "scheduler"] = "events"
) -> ScheduleExpression:
    """Read the expression of a rule (``events``), or of a schedule of EventBridge Scheduler.

    Raises:
        ServiceError: ``ValidationException``, in the words of the service.
    """
    parsed: ScheduleExpression | None = parse_rate(expression) or parse_cron(expression)
    refusal = "Parameter ScheduleExpression is not valid."
    if service == "scheduler":
        parsed = parsed or parse_at(expression)
        refusal = f"Invalid Schedule Expression {expression}."
    if parsed is None:
        raise ServiceError("ValidationException", refusal)
    return parsed
