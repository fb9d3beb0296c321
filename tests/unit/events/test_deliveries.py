"""The books of the pump."""

from datetime import UTC, datetime, timedelta

import pytest

from emulator.events.deliveries import Deliveries
from emulator.events.envelope import Postponement
from emulator.outbox import RecordName

NOW = datetime(2024, 5, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def record(number, kind="invocation"):
    return RecordName(file_name=f"{number}.{kind}")


def until(at, since=NOW):
    return Postponement(at=at, since=since)


@pytest.fixture
def books():
    return Deliveries(workers_per_kind=2)


def test_a_record_is_taken_once(books):
    """A record that is known is not queued again."""
    assert books.add(record(1))
    assert not books.add(record(1))

    assert [books.take(0), books.take(0)] == [record(1), None]


def test_a_record_is_known_until_it_is_finished(books):
    """Queued and running records are known, delivered ones are not."""
    books.add(record(1))
    known = [record(1) in books]
    books.take(0)
    known.append(record(1) in books)
    books.finish(record(1))
    known.append(record(1) in books)

    assert known == [True, True, False]


def test_the_oldest_record_goes_first_whatever_its_kind(books):
    """Records of several kinds are taken in the order of their names."""
    for name in (record(1, "s3-event"), record(2), record(3, "s3-event")):
        books.add(name)

    assert [books.take(0) for _ in range(3)] == [
        record(1, "s3-event"),
        record(2),
        record(3, "s3-event"),
    ]


def test_slow_records_of_one_kind_do_not_hold_up_another(books):
    """Each kind has its own workers."""
    for number in (1, 2, 3):
        books.add(record(number))
    books.add(record(4, "s3-event"))

    assert [books.take(0) for _ in range(4)] == [record(1), record(2), record(4, "s3-event"), None]


def test_the_takeable_are_those_that_a_further_worker_would_get(books):
    """What waits for a worker of its own kind is no work for others."""
    for number in (1, 2, 3):
        books.add(record(number))
    counts = [books.takeable]
    books.take(0)
    counts.append(books.takeable)
    books.take(0)
    counts.append(books.takeable)

    assert (counts, books.queued) == ([2, 1, 0], 1)


def test_a_finished_record_frees_its_worker(books):
    """The next record of the kind can be taken."""
    for number in (1, 2, 3):
        books.add(record(number))
    books.take(0)
    books.take(0)
    books.finish(record(1))

    assert books.take(0) == record(3)


def test_a_postponed_record_is_released_when_it_is_due(books):
    """It is not work before, and no reason to be busy."""
    books.add(record(1))
    books.take(0)
    books.postpone(record(1), until(NOW + MINUTE))
    books.release(NOW, 0)
    early = (books.quiet, books.take(0))
    books.release(NOW + MINUTE, 0)

    assert early == (True, None)
    assert books.take(0) == record(1)


def test_postponed_records_are_told_soonest_first(books):
    """So that a person sees what happens next."""
    for number, minutes in ((1, 5), (2, 3)):
        books.add(record(number))
        books.take(0)
        books.postpone(record(number), until(NOW + minutes * MINUTE))

    assert books.postponed() == (
        ("2.invocation", NOW + 3 * MINUTE),
        ("1.invocation", NOW + 5 * MINUTE),
    )


def test_a_clock_that_is_turned_back_takes_the_due_times_with_it(books):
    """A retry in one minute stays a retry in one minute."""
    tomorrow = NOW + timedelta(days=1)
    books.add(record(1))
    books.take(0)
    books.release(tomorrow, 0)
    books.postpone(record(1), until(tomorrow + MINUTE, since=tomorrow))
    books.release(NOW, 0)

    assert books.postponed() == (("1.invocation", NOW + MINUTE),)


def test_a_failed_record_is_tried_again_after_ever_longer_pauses(books):
    """Never lost, and never a hot loop."""
    books.add(record(1))
    pauses = []
    seconds = 0.0
    for _ in range(10):
        books.release(NOW, seconds)
        assert books.take(seconds) == record(1)
        pauses.append(books.fail(record(1), "KeyError('x')", seconds))
        seconds += pauses[-1]

    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_failed_record_keeps_the_books_from_being_quiet(books):
    """What failed by a bug of ours is not done."""
    books.add(record(1))
    books.take(0)
    books.fail(record(1), "KeyError('x')", 0)
    books.release(NOW, 0.1)

    assert (books.quiet, books.take(0.1)) == (False, None)


def test_a_delivery_forgets_earlier_failures(books):
    """The pauses begin anew."""
    books.add(record(1))
    books.take(0)
    books.fail(record(1), "KeyError('x')", 0)
    books.release(NOW, 1)
    books.take(1)
    books.finish(record(1))
    books.add(record(1))
    books.take(1)

    assert books.fail(record(1), "KeyError('x')", 1) == 0.5


def test_the_next_wait_ends_with_the_earlier_of_retry_and_due_time(books):
    """Both kinds of waiting count, and neither is negative."""
    waits = [books.seconds_to_next(NOW, 0)]
    for number in (1, 2):
        books.add(record(number))
        books.take(0)
    books.postpone(record(1), until(NOW + MINUTE))
    waits.append(books.seconds_to_next(NOW, 0))
    books.fail(record(2), "KeyError('x')", 0)
    waits.append(books.seconds_to_next(NOW, 0.2))
    waits.append(books.seconds_to_next(NOW, 7))

    assert waits == [None, 60, 0.3, 0]


def test_lines_say_what_runs_what_failed_and_what_is_queued(books):
    """A person can see why the emulator is not idle."""
    for number in (1, 2):
        books.add(record(number))
        books.take(0)
    books.fail(record(1), "KeyError('x')", 0)
    books.add(record(3))
    books.add(record(4))
    books.release(NOW, 0.5)
    lines = [books.lines(0.2)]
    books.take(1)
    lines.append(books.lines(2.0))

    assert lines == [
        ("2.invocation: being handled for 0.2 s", "3 more in the queue"),
        (
            "2.invocation: being handled for 2.0 s",
            "3.invocation: being handled for 1.0 s",
            "2 more in the queue",
        ),
    ]


def test_a_line_tells_of_the_failure_before(books):
    """The error is named while the record waits and while it runs again."""
    books.add(record(1))
    books.take(0)
    books.fail(record(1), "KeyError('x')", 0)
    lines = [*books.lines(0.2)]
    books.release(NOW, 0.5)
    books.take(0.5)
    lines += books.lines(0.5)

    assert lines == [
        "1.invocation: tried again in 0.3 s (attempt 2; the last one raised KeyError('x'))",
        "1.invocation: being handled for 0.0 s (attempt 2; the last one raised KeyError('x'))",
    ]
