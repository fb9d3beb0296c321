"""Cron expressions: which are valid, and when they are due."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.events.cron import parse_cron

START = datetime(2024, 5, 15, 10, 0, 30, tzinfo=UTC)  # a Wednesday


def due_times(fields, count=3, start=START):
    """The next due times after the start, as text."""
    cron = parse_cron(f"cron({fields})")
    found = []
    moment = start
    while len(found) < count and (moment := cron.next_after(moment)):
        found.append(f"{moment:%a %Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("* * * * ? *", ["Wed 2024-05-15 10:01", "Wed 2024-05-15 10:02", "Wed 2024-05-15 10:03"]),
        (
            "0/15 * * * ? *",
            ["Wed 2024-05-15 10:15", "Wed 2024-05-15 10:30", "Wed 2024-05-15 10:45"],
        ),
        (
            "1/25 11 ? * * *",
            ["Wed 2024-05-15 11:01", "Wed 2024-05-15 11:26", "Wed 2024-05-15 11:51"],
        ),
        (
            "*/30 0 * * ? *",
            ["Thu 2024-05-16 00:00", "Thu 2024-05-16 00:30", "Fri 2024-05-17 00:00"],
        ),
        (
            "10-20/5 9 * * ? *",
            ["Thu 2024-05-16 09:10", "Thu 2024-05-16 09:15", "Thu 2024-05-16 09:20"],
        ),
        (
            "5,35 14 * * ? *",
            ["Wed 2024-05-15 14:05", "Wed 2024-05-15 14:35", "Thu 2024-05-16 14:05"],
        ),
        (
            "0 22-1 * * ? *",
            ["Wed 2024-05-15 22:00", "Wed 2024-05-15 23:00", "Thu 2024-05-16 00:00"],
        ),
        (
            "0 18 ? * MON-FRI *",
            ["Wed 2024-05-15 18:00", "Thu 2024-05-16 18:00", "Fri 2024-05-17 18:00"],
        ),
        (
            "0 18 ? * fri-mon *",
            ["Fri 2024-05-17 18:00", "Sat 2024-05-18 18:00", "Sun 2024-05-19 18:00"],
        ),
        (
            "0 8 1 JAN,7 ? *",
            ["Mon 2024-07-01 08:00", "Wed 2025-01-01 08:00", "Tue 2025-07-01 08:00"],
        ),
        ("0 0 31 * ? *", ["Fri 2024-05-31 00:00", "Wed 2024-07-31 00:00", "Sat 2024-08-31 00:00"]),
        ("0 0 29 2 ? *", ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00", "Fri 2036-02-29 00:00"]),
        ("0 0 L * ? *", ["Fri 2024-05-31 00:00", "Sun 2024-06-30 00:00", "Wed 2024-07-31 00:00"]),
        ("0 0 LW * ? *", ["Fri 2024-05-31 00:00", "Fri 2024-06-28 00:00", "Wed 2024-07-31 00:00"]),
        ("0 0 1W * ? *", ["Mon 2024-06-03 00:00", "Mon 2024-07-01 00:00", "Thu 2024-08-01 00:00"]),
        ("0 0 15W * ? *", ["Fri 2024-06-14 00:00", "Mon 2024-07-15 00:00", "Thu 2024-08-15 00:00"]),
        ("0 0 16W * ? *", ["Thu 2024-05-16 00:00", "Mon 2024-06-17 00:00", "Tue 2024-07-16 00:00"]),
        ("0 0 30W 6 ? *", ["Fri 2024-06-28 00:00", "Mon 2025-06-30 00:00", "Tue 2026-06-30 00:00"]),
        ("0 0 31W * ? *", ["Fri 2024-05-31 00:00", "Wed 2024-07-31 00:00", "Fri 2024-08-30 00:00"]),
        ("0 0 ? * L *", ["Sat 2024-05-18 00:00", "Sat 2024-05-25 00:00", "Sat 2024-06-01 00:00"]),
        ("0 0 ? * 6L *", ["Fri 2024-05-31 00:00", "Fri 2024-06-28 00:00", "Fri 2024-07-26 00:00"]),
        (
            "0 2 ? * SAT#3 *",
            ["Sat 2024-05-18 02:00", "Sat 2024-06-15 02:00", "Sat 2024-07-20 02:00"],
        ),
        ("0 0 ? * 1#5 *", ["Sun 2024-06-30 00:00", "Sun 2024-09-29 00:00", "Sun 2024-12-29 00:00"]),
        ("0 0 1 1 ? 2026/100", ["Thu 2026-01-01 00:00", "Tue 2126-01-01 00:00"]),
        ("15 10 ? * 6L 2002-2005", []),
        ("0 0 15 5 ? 2024", []),
        ("0 0 30 2 ? *", []),
    ],
)
def test_a_cron_is_due_when_all_its_fields_match(fields, expected):
    """Lists, ranges, steps, names, L, W and # mean what AWS documents."""
    assert due_times(fields) == expected


def test_years_that_were_and_will_be_are_skipped():
    """A cron for some years starts with the first of them."""
    start = datetime(2001, 12, 31, 23, 59, tzinfo=UTC)

    assert due_times("15 10 ? * 6L 2002-2005", 1, start) == ["Fri 2002-01-25 10:15"]


def test_a_due_time_is_not_due_again():
    """The next due time is after the moment, even if the moment is one."""
    due = datetime(2024, 5, 15, 10, 15, tzinfo=UTC)

    assert due_times("0/15 * * * ? *", 1, due) == ["Wed 2024-05-15 10:30"]


def test_the_fields_are_in_utc():
    """A moment in another zone is the same moment."""
    moment = START.astimezone(timezone(timedelta(hours=9)))

    assert due_times("0 11 * * ? *", 1, moment) == ["Wed 2024-05-15 11:00"]


def test_the_end_of_the_calendar_is_no_error():
    """After the last year there is nothing."""
    assert due_times("* * * * ? *", 1, datetime.max.replace(tzinfo=UTC)) == []


def test_a_cron_knows_no_rhythm():
    """When the clock was turned back, the next due time is the first one from there."""
    cron = parse_cron("cron(0 0 * * ? *)")
    due = START + timedelta(days=30)

    assert cron.rescheduled(due, START) == datetime(2024, 5, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        "",
        " ",
        "INVALID",
        "0 1 * * *",
        "0 1 * * ? * *",
        "0 1 * * * *",
        "0 1 ? * ? *",
        "0 1 1 * 1 *",
        "7 20 * * NOT *",
        "0 dummy ? * MON-FRI *",
        "71 8 1 * ? *",
        "60 0 * * ? *",
        "0 24 * * ? *",
        "0 0 0 * ? *",
        "0 0 32 * ? *",
        "0 0 * 13 ? *",
        "0 0 ? * 8 *",
        "0 0 ? * 0 *",
        "0 0 ? * 2/2 *",
        "0 0 ? * 3#1,6#3 *",
        "0 0 ? * 3#6 *",
        "0 0 ? * 9#1 *",
        "0 0 ? * XL *",
        "0 0 XW * ? *",
        "0 0 1W,15W * ? *",
        "0 0 L-3 * ? *",
        "0 0 * * ? 1969",
        "0 0 * * ? 2200",
        "0 0 * * ? 2030-2020",
        "? 0 * * ? *",
        "0/0 0 * * ? *",
        "0/60 0 * * ? *",
        "/5 0 * * ? *",
        "1* 0 * * ? *",
        "1, 0 * * ? *",
        "1-2-3 0 * * ? *",
        "-1 0 * * ? *",
        "\u0665 0 * * ? *",
        " 0 0 * * ? *",
        "0 0 * * ? * ",
    ],
)
def test_other_expressions_are_not_valid(fields):
    """What AWS refuses is refused."""
    assert parse_cron(f"cron({fields})") is None


def field(lowest, highest):
    """Any text for a numeric field."""
    number = st.integers(lowest, highest)
    ranges = st.tuples(number, number).map(lambda pair: f"{pair[0]}-{pair[1]}")
    steps = st.tuples(number, st.integers(1, highest)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    term = st.one_of(number.map(str), ranges, steps)
    return st.one_of(st.just("*"), st.lists(term, min_size=1, max_size=3).map(",".join))


days_of_month = st.one_of(
    st.sampled_from(["L", "LW"]), st.integers(1, 31).map("{}W".format), field(1, 31)
)
days_of_week = st.one_of(
    st.just("L"),
    st.integers(1, 7).map("{}L".format),
    st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda pair: f"{pair[0]}#{pair[1]}"),
    st.sampled_from(["MON-FRI", "SAT,SUN", "1-7", "3"]),
)
day_fields = st.one_of(
    days_of_month.map(lambda text: (text, "?")), days_of_week.map(lambda text: ("?", text))
)
moments = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 -- hypothesis adds the zone
    max_value=datetime(2190, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(minutes=field(0, 59), hours=field(0, 23), days=day_fields, months=field(1, 12), at=moments)
def test_due_times_ascend_and_match_the_fields(minutes, hours, days, months, at):
    """Whatever the expression: later than the moment, on the minute, and in every field."""
    cron = parse_cron(f"cron({minutes} {hours} {days[0]} {months} {days[1]} *)")
    due = cron.next_after(at)
    following = due and cron.next_after(due)

    assert due is None or due > at
    assert following is None or following > due
    for moment in filter(None, (due, following)):
        assert (moment.second, moment.microsecond) == (0, 0)
        assert moment.minute in cron.minutes
        assert moment.hour in cron.hours
        assert moment.month in cron.months
        assert moment.day in cron.day_rule.days(moment.year, moment.month)


@settings(max_examples=30, deadline=None)  # it walks minute by minute, as the code must not
@given(minutes=field(0, 59), hours=field(0, 23), days=day_fields, at=moments)
def test_no_due_time_is_left_out(minutes, hours, days, at):
    """Between a moment and the next due time no minute matches (looked at for a day)."""
    cron = parse_cron(f"cron({minutes} {hours} {days[0]} * {days[1]} *)")
    due = cron.next_after(at)
    minute = at.replace(second=0, microsecond=0)
    for _ in range(24 * 60):
        minute += timedelta(minutes=1)
        if minute == due:
            break

        assert not (
            minute.minute in cron.minutes
            and minute.hour in cron.hours
            and minute.day in cron.day_rule.days(minute.year, minute.month)
        )
