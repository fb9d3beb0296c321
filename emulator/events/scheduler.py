"""The scheduler: invokes functions when their rules are due by the emulator's clock.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
A rate counts from when the emulator first ran with the rule, as on AWS from the rule's creation;
the next due times are kept on disk, so that restarts do not postpone it for ever.
What fell due while no emulator ran is made up for once.
When the clock is moved, everything that fell due in between fires in order, each event bearing its
own due time, but at most ``FIRED_AT_ONCE`` times a schedule; the rest is skipped, and said so.
Turned back, the clock finds the schedules in the same rhythm.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from emulator.data_folder import write_whole
from emulator.errors import ServiceError, StartupError, TemplateError
from emulator.events.agenda import Agenda, Occurrence, Plan
from emulator.events.schedule_expression import parse_schedule
from emulator.events.scheduled_event import to_event
from emulator.invocation import Invocation, Invoker
from emulator.tracing.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.application import Schedule
    from emulator.clock import Clock

FIRED_AT_ONCE = 1000
# The emulator's time can jump unnoticed (a laptop that slept), so no single wait is longer.
_LONGEST_WAIT_SECONDS = 1.0
# Network time sets real clocks back by less; that must not fire anything again.
_TURNED_BACK = timedelta(seconds=1)

_log = logging.getLogger(__name__)


class Scheduler:
    """Fires schedules, each at its due times, and on demand.

    Args:
        directory: keeps the next due times over a restart; ``None`` forgets them.
        trace: where it is noted what fires.

    Raises:
        TemplateError: an expression is not valid.
    """

    def __init__(
        self,
        schedules: tuple[Schedule, ...],
        *,
        clock: Clock,
        invoker: Invoker,
        region: str,
        account_id: str,
        directory: Path | None = None,
        trace: Trace | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._schedules = schedules
        self._agenda = _agenda(schedules)
        self._clock = clock
        self._invoker = invoker
        self._region = region
        self._account_id = account_id
        self._file = directory / "due-times.json" if directory else None
        self._new_id = new_id
        self._trace = trace or Trace(clock)
        self._latest = clock.now()
        self._thread: threading.Thread | None = None
        self._running = False
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)

    def start(self) -> None:
        """Begin to count, or go on from where an earlier run ended."""
        with self._lock:
            self._running = True
            self._latest = self._clock.now()
            self._agenda.begin(_whole_seconds(self._latest), self._kept())
            self._fire_due(limit=1)
            self._keep()
            self._thread = threading.Thread(target=self._keep_time, name="scheduler", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Fire nothing any more; a second time does no harm."""
        with self._lock:
            self._running = False
            self._changed.notify_all()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def prepare(self, schedules: tuple[Schedule, ...]) -> Callable[[], None]:
        """Make ready for other schedules; what it gives puts them in place, whole.

        Rules whose expression is the same keep their due times.

        Raises:
            TemplateError: an expression is not valid.
        """
        agenda = _agenda(schedules)

        def commit() -> None:
            with self._lock:
                kept = {
                    schedule.name: due
                    for before, due in self._agenda.next_due()
                    for schedule in schedules
                    if (schedule.name, schedule.expression) == (before.name, before.expression)
                }
                self._schedules, self._agenda = schedules, agenda
                self._agenda.begin(_whole_seconds(self._clock.now()), kept)
                self._keep()
                self._changed.notify_all()

        return commit

    def reset(self) -> None:
        """Count anew from now."""
        with self._lock:
            self._latest = self._clock.now()
            self._agenda.begin(_whole_seconds(self._latest), {})
            self._keep()
            self._changed.notify_all()

    def run_due(self) -> None:
        """Fire what is due; to be called when the clock was moved."""
        with self._lock:
            if self._running:
                self._follow_clock()
                self._changed.notify_all()

    def fire(self, name: str) -> tuple[Schedule, ...]:
        """Fire the enabled schedules of a function, or the rule of that name, enabled or not.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404): nothing of that name is scheduled.
        """
        found = tuple(
            schedule
            for schedule in self._schedules
            if schedule.name == name or (schedule.enabled and schedule.function_name == name)
        )
        if not found:
            known = sorted({schedule.name for schedule in self._schedules})
            raise ServiceError(
                "ResourceNotFoundException",
                f"No schedule is called {name}, and no function of that name has one;"
                f" there are: {', '.join(known) or 'none'}",
                status=404,
            )
        for schedule in found:
            self._invoke(schedule, self._clock.now())
        return found

    def next_due(self) -> tuple[tuple[Schedule, datetime], ...]:
        """Tell the next due time of each schedule that has one, soonest first."""
        with self._lock:
            return self._agenda.next_due()

    def _keep_time(self) -> None:
        with self._lock:
            while self._running:
                self._follow_clock()
                waits = [due - self._clock.now() for _, due in self._agenda.next_due()[:1]]
                seconds = [min(wait.total_seconds(), _LONGEST_WAIT_SECONDS) for wait in waits]
                self._changed.wait(max(seconds[0], 0) if seconds else None)

    def _follow_clock(self) -> None:
        now = self._clock.now()
        if now < self._latest - _TURNED_BACK:
            self._agenda.reschedule(_whole_seconds(now))
            self._keep()
        self._latest = now
        if self._fire_due(limit=FIRED_AT_ONCE):
            self._keep()

    def _fire_due(self, limit: int) -> bool:
        occurrences = self._agenda.take_due(self._clock.now(), limit)
        for occurrence in occurrences:
            self._fire_or_skip(occurrence)
        return bool(occurrences)

    def _fire_or_skip(self, occurrence: Occurrence) -> None:
        schedule = occurrence.schedule
        if occurrence.skipped:
            _log.warning(
                "%s: not fired for what fell due from %s until now, which is too much at once",
                schedule.name,
                occurrence.due.isoformat(),
            )
            return
        try:
            self._invoke(schedule, occurrence.due)
        except Exception:  # noqa: BLE001 -- a thread loop: one schedule must not end the others
            _log.exception("%s was due at %s", schedule.name, occurrence.due.isoformat())

    def _invoke(self, schedule: Schedule, due: datetime) -> None:
        payload = to_event(
            schedule,
            due=due,
            event_id=self._new_id(),
            region=self._region,
            account_id=self._account_id,
        )
        with self._trace.step("schedule", f"{schedule.name} to {schedule.function_name}") as step:
            step.outcome = f"due {due:%H:%M:%S}"
            self._invoker.invoke_async(
                Invocation(
                    function_name=schedule.function_name,
                    qualifier=schedule.qualifier,
                    payload=payload,
                    request_id=self._new_id(),
                    source="schedule",
                    trace_id=f"Root={step.trace_id}",
                )
            )

    def _kept(self) -> dict[str, datetime]:
        """Read the due times of an earlier run, but for rules whose expression has changed."""
        try:
            document = json.loads(self._file.read_text()) if self._file else {}
            return {
                schedule.name: datetime.fromisoformat(document[schedule.name]["due"])
                for schedule in self._schedules
                if document.get(schedule.name, {}).get("expression") == schedule.expression
            }
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return {}

    def _keep(self) -> None:
        if self._file is None:
            return
        document = {
            schedule.name: {"expression": schedule.expression, "due": due.isoformat()}
            for schedule, due in self._agenda.next_due()
        }
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, json.dumps(document, indent=1))
        except (OSError, StartupError) as error:
            # A full disk: schedules go on, and only a restart would count anew.
            _log.warning("The next due times of schedules cannot be kept: %s", error)


def _agenda(schedules: tuple[Schedule, ...]) -> Agenda:
    plans = tuple(_plan(schedule) for schedule in schedules)
    return Agenda(tuple(plan for plan in plans if plan.schedule.enabled))


def _plan(schedule: Schedule) -> Plan:
    try:
        # Rules and schedules of EventBridge Scheduler differ in at() only.
        once = schedule.expression.startswith("at(")
        expression = parse_schedule(schedule.expression, service="scheduler" if once else "events")
        return Plan(schedule=schedule, expression=expression)
    except ServiceError as error:
        raise TemplateError(
            f"{schedule.expression}: {error.message}", logical_id=schedule.name
        ) from error


def _whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
