"""The due time of a record on disk."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from emulator.events.envelope import Postponement, attempt, seal, unseal

NOW = datetime(2024, 5, 15, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
moments = st.datetimes(timezones=st.just(UTC))


@given(content=st.binary(), at=moments, since=moments)
def test_what_is_sealed_can_be_unsealed(content, at, since):
    """Content and moments come back as they were."""
    postponement = Postponement(at=at, since=since)

    assert unseal(seal(content, postponement)) == (content, postponement)


def test_a_record_that_was_never_postponed_is_its_content():
    """A record as it was put has no due time."""
    assert unseal(b'{"a": 1}') == (b'{"a": 1}', None)


def test_a_postponement_holds_while_the_clock_goes_on():
    """The due time is the one that was decided."""
    postponement = Postponement(at=NOW + MINUTE, since=NOW)

    assert postponement.seen_at(NOW + MINUTE) == postponement


def test_the_delay_counts_anew_from_before_the_decision():
    """A clock that was turned back does not keep a record for days."""
    postponement = Postponement(at=NOW + MINUTE, since=NOW)
    before = NOW - timedelta(days=30)

    assert postponement.seen_at(before) == Postponement(at=before + MINUTE, since=before)


def test_a_record_without_a_due_time_is_handled():
    """What the handler answers is the outcome."""
    assert attempt(b"content", lambda content: content, NOW) == b"content"


def test_a_postponed_record_is_not_handled_before_its_time():
    """The handler is not called; the due time is what comes of it."""
    postponement = Postponement(at=NOW + MINUTE, since=NOW)

    assert attempt(seal(b"content", postponement), lambda content: content, NOW) == postponement


def test_a_postponed_record_is_handled_when_it_is_due():
    """The handler gets the content alone."""
    sealed = seal(b"content", Postponement(at=NOW + MINUTE, since=NOW))

    assert attempt(sealed, lambda content: content, NOW + MINUTE) == b"content"
