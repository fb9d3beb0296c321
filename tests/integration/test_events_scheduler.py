"""The scheduler, by a clock that is moved and by one that runs."""

import itertools
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from fakes import FakeClock, RecordingInvoker, eventually

from emulator.application import Schedule
from emulator.errors import ServiceError, TemplateError
from emulator.events import Scheduler
from emulator.events.scheduler import FIRED_AT_ONCE
from emulator.invocation import Invocation

NOW = datetime(2024, 5, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EXPIRE = Schedule(name="ExpireRule", function_name="Expire", expression="rate(30 minutes)")
REPORT = Schedule(
    name="ReportRule",
    function_name="Report",
    expression="cron(0 12 * * ? *)",
    input='{"what": "all"}',
)
NEVER = Schedule(
    name="NeverRule", function_name="Expire", expression="rate(1 minute)", enabled=False
)


class RunningClock:
    """Runs with real time, from a chosen moment on."""

    def __init__(self, now):
        self.offset = now - datetime.now(UTC)

    def now(self):
        return datetime.now(UTC) + self.offset


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def invoker():
    return RecordingInvoker()


@pytest.fixture
def make_scheduler(clock, invoker):
    """Make started schedulers that are stopped at the end."""
    made = []

    def make(*schedules, start=True, invoker=invoker, directory=None):
        ids = (f"id-{number}" for number in itertools.count(1))
        scheduler = Scheduler(
            schedules,
            clock=clock,
            invoker=invoker,
            region="eu-central-1",
            account_id="123456789012",
            directory=directory,
            new_id=ids.__next__,
        )
        clock.on_move(scheduler.run_due)
        made.append(scheduler)
        if start:
            scheduler.start()
        return scheduler

    yield make
    for scheduler in made:
        scheduler.stop()


def times(invoker):
    """The due times that the events bear."""
    return [json.loads(invocation.payload)["time"] for invocation in invoker.invocations]


def test_a_moved_clock_fires_what_fell_due_before_the_move_returns(make_scheduler, clock, invoker):
    """Each event bears its own due time."""
    make_scheduler(EXPIRE)
    clock.advance(70 * MINUTE)

    assert times(invoker) == ["2024-05-15T10:30:00Z", "2024-05-15T11:00:00Z"]


def test_an_invocation_is_asynchronous_with_an_id_of_its_own(make_scheduler, clock, invoker):
    """The function, the source, the request ID and the trace are set."""
    make_scheduler(REPORT)
    clock.advance(timedelta(hours=2))

    [invocation] = invoker.invocations
    assert invocation == Invocation(
        function_name="Report",
        payload=b'{"what": "all"}',
        request_id="id-2",
        source="schedule",
        trace_id=invocation.trace_id,
    )
    assert invocation.trace_id.startswith("Root=1-")


def test_disabled_schedules_are_never_due(make_scheduler, clock, invoker):
    """They are neither fired nor announced."""
    scheduler = make_scheduler(NEVER)
    clock.advance(timedelta(days=1))

    assert (scheduler.next_due(), invoker.invocations) == ((), [])


def test_the_next_due_times_are_told_soonest_first(make_scheduler):
    """As the banner and health show them."""
    scheduler = make_scheduler(REPORT, EXPIRE)

    assert scheduler.next_due() == (
        (EXPIRE, NOW + 30 * MINUTE),
        (REPORT, NOW + timedelta(hours=2)),
    )


def test_a_year_of_minutes_fires_a_bounded_number_and_says_so(
    make_scheduler, clock, invoker, caplog
):
    """The user is told from when on nothing was fired."""
    scheduler = make_scheduler(
        Schedule(name="Often", function_name="Poll", expression="rate(1 minute)")
    )
    clock.advance(timedelta(days=365))

    assert len(invoker.invocations) == FIRED_AT_ONCE
    assert caplog.text.endswith(
        "Often: not fired for what fell due from 2024-05-16T02:41:00+00:00 until now,"
        " which is too much at once\n"
    )
    assert [due for _, due in scheduler.next_due()] == [clock.now() + MINUTE]


def test_a_clock_turned_back_fires_again_in_the_same_rhythm(make_scheduler, clock, invoker):
    """Time that comes again is time."""
    scheduler = make_scheduler(EXPIRE)
    clock.advance(70 * MINUTE)
    clock.advance(-65 * MINUTE)
    due = scheduler.next_due()
    clock.advance(25 * MINUTE)

    assert due == ((EXPIRE, NOW + 30 * MINUTE),)
    assert times(invoker)[2:] == ["2024-05-15T10:30:00Z"]


def test_a_clock_corrected_by_a_moment_fires_nothing_twice(make_scheduler, clock, invoker):
    """Network time sets clocks back by milliseconds."""
    make_scheduler(EXPIRE)
    clock.advance(30 * MINUTE)
    clock.advance(timedelta(milliseconds=-20))
    clock.advance(timedelta(milliseconds=20))

    assert len(invoker.invocations) == 1


def test_a_reset_counts_anew(make_scheduler, clock):
    """A rate that was nearly due begins again."""
    scheduler = make_scheduler(EXPIRE)
    clock.advance(29 * MINUTE)
    scheduler.reset()

    assert scheduler.next_due() == ((EXPIRE, NOW + 59 * MINUTE),)


@pytest.mark.parametrize("start", [True, False])
def test_a_stopped_scheduler_fires_nothing(make_scheduler, clock, invoker, start):
    """Stopped twice, or before it was started, it is stopped."""
    scheduler = make_scheduler(EXPIRE, start=start)
    scheduler.stop()
    scheduler.stop()
    clock.advance(timedelta(days=1))

    assert invoker.invocations == []


def test_a_function_that_cannot_be_invoked_does_not_end_the_others(make_scheduler, clock, caplog):
    """The failure is logged; later schedules fire."""
    invoker = RecordingInvoker(unknown=["Expire"])
    make_scheduler(EXPIRE, REPORT, invoker=invoker)
    clock.advance(timedelta(hours=2))

    assert [invocation.function_name for invocation in invoker.invocations] == ["Report"]
    assert caplog.messages[0] == "ExpireRule was due at 2024-05-15T10:30:00+00:00"


def test_a_rule_can_be_fired_by_its_name(make_scheduler, clock, invoker):
    """The event bears the present time."""
    clock.advance(7 * MINUTE)
    fired = make_scheduler(EXPIRE, REPORT).fire("ExpireRule")

    assert (fired, times(invoker)) == ((EXPIRE,), ["2024-05-15T10:07:00Z"])


def test_firing_does_not_move_the_next_due_time(make_scheduler):
    """It is a firing more, not an early one."""
    scheduler = make_scheduler(EXPIRE)
    scheduler.fire("ExpireRule")

    assert scheduler.next_due() == ((EXPIRE, NOW + 30 * MINUTE),)


def test_a_function_name_fires_all_its_enabled_schedules(make_scheduler):
    """A disabled one stays silent."""
    hourly = Schedule(name="Hourly", function_name="Expire", expression="rate(1 hour)")

    assert make_scheduler(EXPIRE, NEVER, REPORT, hourly).fire("Expire") == (EXPIRE, hourly)


def test_a_disabled_rule_can_be_fired_by_its_own_name(make_scheduler):
    """Who names it means it."""
    assert make_scheduler(NEVER).fire("NeverRule") == (NEVER,)


@pytest.mark.parametrize(
    ("schedules", "known"), [((REPORT, EXPIRE), "ExpireRule, ReportRule"), ((), "none")]
)
def test_an_unknown_name_is_refused_with_those_there_are(make_scheduler, schedules, known):
    """The user sees what could have been meant."""
    with pytest.raises(ServiceError) as refusal:
        make_scheduler(*schedules).fire("Expired")

    assert (refusal.value.code, refusal.value.status, str(refusal.value)) == (
        "ResourceNotFoundException",
        404,
        f"No schedule is called Expired, and no function of that name has one; there are: {known}",
    )


def test_an_expression_that_is_not_valid_is_a_mistake_of_the_template(make_scheduler):
    """The rule and the expression are named."""
    wrong = Schedule(name="Wrong", function_name="Expire", expression="rate(30 minute)")

    with pytest.raises(TemplateError) as mistake:
        make_scheduler(wrong)
    assert str(mistake.value) == (
        "Wrong: rate(30 minute): Parameter ScheduleExpression is not valid."
    )


def test_one_time_schedules_are_those_of_the_other_service(make_scheduler):
    """at() belongs to EventBridge Scheduler, which words its refusal differently."""
    once = Schedule(name="Once", function_name="Expire", expression="at(2024-05-15T10:01:00)")
    wrong = Schedule(name="Wrong", function_name="Expire", expression="at(noon)")

    assert make_scheduler(once).next_due() == ((once, NOW + MINUTE),)
    with pytest.raises(TemplateError, match="Invalid Schedule Expression at"):
        make_scheduler(wrong)


def test_a_restart_goes_on_counting(make_scheduler, clock, tmp_path):
    """Restarting more often than a rate does not keep it from ever being due."""
    make_scheduler(EXPIRE, directory=tmp_path / "schedules").stop()
    clock.advance(20 * MINUTE)
    restarted = make_scheduler(EXPIRE, directory=tmp_path / "schedules")

    assert restarted.next_due() == ((EXPIRE, NOW + 30 * MINUTE),)


def test_what_was_missed_while_stopped_is_made_up_for_once(
    make_scheduler, clock, invoker, tmp_path
):
    """Not for every interval of a weekend; the rhythm stays."""
    make_scheduler(EXPIRE, directory=tmp_path).stop()
    clock.advance(timedelta(days=2, minutes=10))
    restarted = make_scheduler(EXPIRE, directory=tmp_path)

    assert times(invoker) == ["2024-05-15T10:30:00Z"]
    assert restarted.next_due() == ((EXPIRE, NOW + timedelta(days=2, minutes=30)),)


def test_a_fired_schedule_is_not_fired_again_by_a_restart(make_scheduler, clock, invoker, tmp_path):
    """The due time on disk is the next one."""
    make_scheduler(EXPIRE, directory=tmp_path)
    clock.advance(30 * MINUTE)
    make_scheduler(EXPIRE, directory=tmp_path)

    assert len(invoker.invocations) == 1


def test_a_changed_expression_counts_from_the_restart(make_scheduler, clock, tmp_path):
    """The due time of the old expression is forgotten."""
    make_scheduler(EXPIRE, directory=tmp_path).stop()
    clock.advance(20 * MINUTE)
    changed = Schedule(name="ExpireRule", function_name="Expire", expression="rate(1 hour)")

    assert make_scheduler(changed, directory=tmp_path).next_due() == ((changed, NOW + 80 * MINUTE),)


@pytest.mark.parametrize("content", ["", "[]", '{"ExpireRule": 1}', '{"ExpireRule": {}}', "{"])
def test_a_spoilt_file_is_no_reason_not_to_start(make_scheduler, tmp_path, content):
    """The rates count anew."""
    (tmp_path / "due-times.json").write_text(content)

    assert make_scheduler(EXPIRE, directory=tmp_path).next_due() == ((EXPIRE, NOW + 30 * MINUTE),)


def test_a_reset_is_kept_too(make_scheduler, clock, tmp_path):
    """The restart goes on from the reset."""
    scheduler = make_scheduler(EXPIRE, directory=tmp_path)
    clock.advance(10 * MINUTE)
    scheduler.reset()
    scheduler.stop()

    assert make_scheduler(EXPIRE, directory=tmp_path).next_due() == ((EXPIRE, NOW + 40 * MINUTE),)


def test_a_running_clock_fires_when_the_moment_has_come():
    """Without any move, in the scheduler's own thread, and not a second late."""
    clock = RunningClock(NOW + 30 * MINUTE - timedelta(seconds=0.3))
    invoker = RecordingInvoker()
    half_past = Schedule(name="Half", function_name="Expire", expression="cron(30 * * * ? *)")
    scheduler = Scheduler(
        (half_past,), clock=clock, invoker=invoker, region="us-east-1", account_id="123456789012"
    )
    scheduler.start()
    early = list(invoker.invocations)
    try:
        eventually(lambda: invoker.invocations)
        late = clock.now() - (NOW + 30 * MINUTE)
    finally:
        scheduler.stop()

    assert (early, times(invoker)) == ([], ["2024-05-15T10:30:00Z"])
    assert timedelta() <= late < timedelta(seconds=1)


def test_the_thread_ends_with_the_stop(make_scheduler):
    """Nothing of a stopped scheduler is left."""
    before = set(threading.enumerate())
    scheduler = make_scheduler(EXPIRE)
    running = set(threading.enumerate()) - before
    scheduler.stop()

    assert len(running) == 1
    assert set(threading.enumerate()) <= before


def test_a_folder_that_cannot_be_written_does_not_end_the_schedules(
    make_scheduler, clock, invoker, tmp_path, caplog
):
    """They fire; only a restart will count anew, and the user is told."""
    (tmp_path / "file").write_text("")
    make_scheduler(EXPIRE, directory=tmp_path / "file")
    clock.advance(30 * MINUTE)

    assert times(invoker) == ["2024-05-15T10:30:00Z"]
    assert caplog.messages[0].startswith("The next due times of schedules cannot be kept")
