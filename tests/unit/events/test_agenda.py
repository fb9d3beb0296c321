"""Which schedules are due, in which order, and when they are next."""

from datetime import UTC, datetime, timedelta

from emulator.application import Schedule
from emulator.events import parse_schedule
from emulator.events.agenda import Agenda, Occurrence, Plan

NOW = datetime(2024, 5, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def schedule(name, expression="rate(30 minutes)"):
    return Schedule(name=name, function_name="Expire", expression=expression)


def agenda(*schedules, now=NOW, kept=None):
    plans = (
        Plan(
            schedule=entry,
            expression=parse_schedule(
                entry.expression, service="scheduler" if "at(" in entry.expression else "events"
            ),
        )
        for entry in schedules
    )
    made = Agenda(tuple(plans))
    made.begin(now, kept or {})
    return made


def test_a_rate_counts_from_the_start():
    """The first due time is one interval later."""
    half_hourly = schedule("a")

    assert agenda(half_hourly).next_due() == ((half_hourly, NOW + 30 * MINUTE),)


def test_what_is_due_comes_in_order_with_its_own_time():
    """Schedules are merged by due time; equal ones keep the order of the template."""
    slow, fast = schedule("slow", "rate(1 hour)"), schedule("fast")
    book = agenda(slow, fast)
    taken = book.take_due(NOW + HOUR, limit=10)

    assert taken == [
        Occurrence(schedule=fast, due=NOW + 30 * MINUTE),
        Occurrence(schedule=slow, due=NOW + HOUR),
        Occurrence(schedule=fast, due=NOW + HOUR),
    ]
    assert book.next_due() == ((fast, NOW + 90 * MINUTE), (slow, NOW + 2 * HOUR))


def test_nothing_is_taken_twice():
    """A second look at the same moment finds nothing."""
    book = agenda(schedule("a"))
    book.take_due(NOW + HOUR, limit=10)

    assert book.take_due(NOW + HOUR, limit=10) == []


def test_beyond_the_limit_the_rest_is_skipped_in_one_step():
    """A year of minutes is neither fired nor walked through, and the rhythm stays."""
    minutely = schedule("a", "rate(1 minute)")
    book = agenda(minutely)
    later = NOW + timedelta(days=365, seconds=10)
    taken = book.take_due(later, limit=2)

    assert taken == [
        Occurrence(schedule=minutely, due=NOW + MINUTE),
        Occurrence(schedule=minutely, due=NOW + 2 * MINUTE),
        Occurrence(schedule=minutely, due=NOW + 3 * MINUTE, skipped=True),
    ]
    assert book.next_due() == ((minutely, NOW + timedelta(days=365) + MINUTE),)


def test_kept_due_times_go_on():
    """A restart does not postpone a rate."""
    kept = {"a": NOW + 5 * MINUTE}

    assert agenda(schedule("a"), kept=kept).next_due() == ((schedule("a"), NOW + 5 * MINUTE),)


def test_a_kept_due_time_that_has_passed_is_due():
    """What was missed while nothing ran can still be taken."""
    book = agenda(schedule("a"), kept={"a": NOW - MINUTE})

    assert book.take_due(NOW, limit=10) == [Occurrence(schedule=schedule("a"), due=NOW - MINUTE)]


def test_a_kept_due_time_out_of_reach_is_brought_back_in_its_rhythm():
    """The clock was turned back between two runs."""
    book = agenda(schedule("a"), kept={"a": NOW + timedelta(days=30, minutes=7)})

    assert book.next_due() == ((schedule("a"), NOW + 7 * MINUTE),)


def test_a_clock_that_is_turned_back_finds_the_same_rhythm():
    """Every schedule is due within one interval again."""
    daily = schedule("daily", "cron(0 12 * * ? *)")
    book = agenda(schedule("a"), daily)
    book.take_due(NOW + timedelta(days=2, minutes=10), limit=1000)
    book.reschedule(NOW + MINUTE)

    assert book.next_due() == ((schedule("a"), NOW + 30 * MINUTE), (daily, NOW + 2 * HOUR))


def test_a_schedule_without_a_future_is_not_due():
    """One-time schedules are done once; turned back, the clock finds them again."""
    once = schedule("once", "at(2024-05-15T10:30:00)")
    book = agenda(once)
    taken = book.take_due(NOW + HOUR, limit=10)
    done = book.next_due()
    book.reschedule(NOW)

    assert (len(taken), done) == (1, ())
    assert book.next_due() == ((once, NOW + 30 * MINUTE),)


def test_to_begin_again_forgets_what_was():
    """A reset counts from now."""
    book = agenda(schedule("a"))
    book.begin(NOW + 10 * MINUTE, {})

    assert book.next_due() == ((schedule("a"), NOW + 40 * MINUTE),)
