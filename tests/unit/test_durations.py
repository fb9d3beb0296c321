"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.durations import format_duration, parse_duration
from emulator.errors import ServiceError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("30m", 1_800),
        ("2h", 7_200),
        ("1d12h", 129_600),
        ("1w", 604_800),
        ("-1h", -3_600),
        ("1.5h", 5_400),
        ("1h 30m", 5_400),
    ],
)
def test_durations(text, seconds):
    """Every unit, sums, fractions and the sign are understood."""
    assert timedelta(seconds=seconds) == parse_duration(text)


@pytest.mark.parametrize(
    "text", ["", "2", "h", "2 hours", "--1h", "1h-", "٣h", "1e5s", "999999999w", "9" * 40 + "s"]
)
def test_no_duration(text):
    """Anything else is refused with an example of what to write, or with the limit."""
    with pytest.raises(ServiceError, match=r"no duration: write for example|longer than a century"):
        parse_duration(text)


@given(st.integers(-3_000_000_000, 3_000_000_000))
def test_round_trip(seconds):
    """What is formatted can be parsed again."""
    delta = timedelta(seconds=seconds)

    assert delta == parse_duration(format_duration(delta).removeprefix("+"))
