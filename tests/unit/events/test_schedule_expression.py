"""Rates and moments, and how EventBridge refuses what is neither."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.errors import ServiceError
from emulator.events import parse_schedule
from emulator.events.at import At
from emulator.events.cron import Cron
from emulator.events.rate import Rate

NOW = datetime(2024, 5, 15, 10, tzinfo=UTC)
intervals = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=400))
moments = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 -- hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    ("expression", "interval"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(30 minutes)", timedelta(minutes=30)),
        ("rate(1 hour)", timedelta(hours=1)),
        ("rate(2 hours)", timedelta(hours=2)),
        ("rate(1 day)", timedelta(days=1)),
        ("rate(365 days)", timedelta(days=365)),
    ],
)
def test_a_rate_is_an_interval(expression, interval):
    """The unit is singular with 1 and plural otherwise."""
    assert parse_schedule(expression) == Rate(interval=interval)


@pytest.mark.parametrize("service", ["events", "scheduler"])
def test_both_services_know_cron(service):
    """Fields are read alike."""
    assert isinstance(parse_schedule("cron(0/15 * * * ? *)", service=service), Cron)


@given(interval=intervals, moment=moments)
def test_rates_go_on_from_the_last_due_time(interval, moment):
    """A late firing does not shift those that follow."""
    rate = Rate(interval=interval)

    assert rate.next_after(rate.next_after(moment)) == moment + 2 * interval


@given(interval=intervals, due=moments, now=moments)
def test_a_moved_clock_keeps_the_rhythm_of_a_rate(interval, due, now):
    """The next due time is at most one interval away, and whole intervals from the old one."""
    rescheduled = Rate(interval=interval).rescheduled(due, now)

    assert now < rescheduled <= now + interval
    assert (rescheduled - due) % interval == timedelta()


def test_a_rate_ends_with_the_calendar():
    """There is no year 10000."""
    assert Rate(interval=timedelta(days=1)).next_after(datetime.max.replace(tzinfo=UTC)) is None


def test_at_is_due_once():
    """Before its moment it is due then, from its moment on never."""
    at = parse_schedule("at(2024-05-15T12:00:00)", service="scheduler")
    noon = datetime(2024, 5, 15, 12, tzinfo=UTC)

    assert at == At(moment=noon)
    assert [at.next_after(NOW), at.next_after(noon)] == [noon, None]
    assert [at.rescheduled(noon, NOW), at.rescheduled(noon, noon)] == [noon, None]


NOT_VALID = [
    "",
    "rate()",
    "rate(10)",
    "rate(10 seconds)",
    "rate(10 years)",
    "rate(10 minutess)",
    "rate(foo minutes)",
    "rate(0 minutes)",
    "rate(-10 minutes)",
    "rate(1 minutes)",
    "rate(1 hours)",
    "rate(1 days)",
    "rate(10 minute)",
    "rate(10 hour)",
    "rate(10 day)",
    "rate(10 MINUTES)",
    "rate( 10 minutes )",
    " rate(10 minutes)",
    "rate(10 minutes)\n",
    "rate(99999999999999999999 days)",
    "cron()",
    "cron(0 1 * * * *)",
]


@pytest.mark.parametrize("expression", [*NOT_VALID, "at(2024-05-15T12:00:00)"])
def test_rules_refuse_other_expressions(expression):
    """EventBridge names the parameter; at() is not for rules."""
    with pytest.raises(ServiceError) as refusal:
        parse_schedule(expression)
    error = refusal.value

    assert (error.code, error.message, error.status) == (
        "ValidationException",
        "Parameter ScheduleExpression is not valid.",
        400,
    )


@pytest.mark.parametrize(
    "expression",
    [*NOT_VALID, "at(2021-12-31T23:59:59Z)", "at(2021-12-31)", "at(2021-02-30T00:00:00)"],
)
def test_the_scheduler_service_refuses_in_other_words(expression):
    """EventBridge Scheduler repeats the expression."""
    with pytest.raises(ServiceError) as refusal:
        parse_schedule(expression, service="scheduler")
    error = refusal.value

    assert (error.code, error.message, error.status) == (
        "ValidationException",
        f"Invalid Schedule Expression {expression}.",
        400,
    )
