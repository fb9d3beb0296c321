"""The clock of the emulator moves this process; every test gives it its time back."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from emulator.clock import ProcessClock

DAY = timedelta(days=1)
CLOSE = timedelta(seconds=5)


@pytest.fixture
def make_clock():
    """Make clocks that are stopped at the end."""
    clocks = []

    def make(file=None):
        clocks.append(ProcessClock(file))
        return clocks[-1]

    yield make
    for clock in clocks:
        clock.stop()


@pytest.fixture
def clock(make_clock):
    return make_clock()


def real_now():
    """Real time, which moving a clock leaves alone."""
    return BEGIN + timedelta(seconds=time.monotonic() - BEGIN_SECONDS)


BEGIN = datetime.now(UTC)
BEGIN_SECONDS = time.monotonic()


def test_a_new_clock_tells_real_time(clock):
    """Nothing is moved until somebody moves it."""
    assert abs(clock.now() - real_now()) < CLOSE
    assert clock.offset == timedelta()


def test_a_moved_clock_moves_the_whole_process(clock):
    """``time.time`` and ``datetime.now`` agree with it; ``time.monotonic`` is real."""
    monotonic = time.monotonic()
    clock.advance(DAY)

    assert abs(clock.now() - real_now() - DAY) < CLOSE
    assert abs(time.time() - clock.now().timestamp()) < 5
    assert time.monotonic() - monotonic < 5


def test_moves_add_up(clock):
    """Forwards and backwards, from where the clock is."""
    clock.advance(2 * DAY)
    clock.advance(-3 * DAY)

    assert clock.offset == -DAY
    assert abs(clock.now() - real_now() + DAY) < CLOSE


def test_a_moved_clock_runs_on(clock):
    """It is moved, not stopped."""
    clock.advance(DAY)
    first = clock.now()
    while clock.now() == first:
        pass

    assert first < clock.now() < first + CLOSE


def test_a_reset_is_real_time(clock):
    """The offset is gone, and so is the hook."""
    clock.advance(DAY)
    clock.reset()

    assert clock.offset == timedelta()
    assert abs(datetime.now(UTC) - real_now()) < CLOSE


def test_listeners_hear_of_each_move_and_see_the_new_time(clock):
    """They are called before the move returns."""
    heard = []
    clock.on_move(lambda: heard.append(clock.offset))
    clock.advance(DAY)
    clock.reset()

    assert heard == [DAY, timedelta()]


def test_no_move_is_no_news(clock):
    """Listeners are not called for nothing."""
    heard = []
    clock.on_move(lambda: heard.append(clock.offset))
    clock.advance(timedelta())
    clock.reset()

    assert heard == []


@pytest.mark.parametrize("before", [timedelta(), DAY])
@pytest.mark.parametrize("delta", [timedelta(days=3_000_000), timedelta(days=-800_000)])
def test_the_calendar_has_ends(clock, before, delta):
    """A move beyond them is refused and leaves the clock as it was, at rest or moved already."""
    clock.advance(before)

    with pytest.raises(OverflowError):
        clock.advance(delta)
    assert clock.offset == before
    assert abs(clock.now() - real_now() - before) < CLOSE


def test_the_offset_survives_a_restart(make_clock, tmp_path):
    """Data from the future stays in the past."""
    file = tmp_path / "clock-offset"
    first = make_clock(file)
    first.advance(DAY)
    first.stop()
    stopped = datetime.now(UTC)
    restarted = make_clock(file)

    assert abs(stopped - real_now()) < CLOSE
    assert restarted.offset == DAY
    assert abs(restarted.now() - real_now() - DAY) < CLOSE


def test_a_stop_twice_does_no_harm(clock):
    """The process has its time back."""
    clock.advance(DAY)
    clock.stop()
    clock.stop()

    assert abs(datetime.now(UTC) - real_now()) < CLOSE


@pytest.mark.parametrize("content", ["", "soon", "nan", "inf", "1e30", "1e12", "-1e12"])
def test_a_spoilt_file_is_real_time(make_clock, tmp_path, content):
    """An offset that is none does not keep the emulator from starting."""
    file = tmp_path / "clock-offset"
    file.write_text(content)

    assert make_clock(file).offset == timedelta()


def test_moves_from_many_threads_add_up(tmp_path):
    """No move is lost when two come at once."""
    clock = ProcessClock(tmp_path / "offset")
    threads = [
        threading.Thread(target=clock.advance, args=(timedelta(seconds=1),)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    offset = clock.offset
    clock.reset()
    clock.stop()

    assert offset == timedelta(seconds=20)


def test_a_move_that_cannot_be_kept_is_made(tmp_path, caplog):
    """A full disk costs the memory of the move, not the move."""
    clock = ProcessClock(tmp_path / "missing" / "offset")
    moved = []
    clock.on_move(lambda: moved.append(clock.offset))
    clock.advance(timedelta(hours=1))
    clock.stop()

    assert moved == [timedelta(hours=1)]
    assert "is not kept" in caplog.text
