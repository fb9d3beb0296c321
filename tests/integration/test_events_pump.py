"""The pump on real files with real threads."""

import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from fakes import FakeClock, eventually

from emulator.clock import ProcessClock
from emulator.events.outbox_watch import watch_outbox
from emulator.events.pump import Pump
from emulator.outbox import Later, Outbox

MINUTE = timedelta(minutes=1)


class Handler:
    """Records what it delivered; holds everything while its gate is closed."""

    def __init__(self, outcome=None):
        self.delivered = []
        self.started = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()
        self._outcome = outcome

    def __call__(self, content):
        self.started.release()
        assert self.gate.wait(20)
        self.delivered.append(content)
        return self._outcome(content) if self._outcome else None


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "outbox"


@pytest.fixture
def outbox(folder):
    return Outbox(folder)


@pytest.fixture
def make_pump(outbox, clock):
    """Make pumps that are stopped at the end."""
    pumps = []

    def make(handlers, *, outbox=outbox, start=True, **options):
        pump = Pump(outbox, handlers, clock, **options)
        pumps.append(pump)
        clock.on_move(pump.run_due)
        if start:
            pump.start()
        return pump

    yield make
    for pump in pumps:
        pump.stop()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_record_is_delivered_and_removed(make_pump, outbox, folder):
    """What is put reaches the handler of its kind; the file is gone afterwards."""
    handler, other = Handler(), Handler()
    pump = make_pump({"s3-event": handler, "invocation": other})
    outbox.put("s3-event", b"one")

    assert pump.wait_idle(10) == ()
    assert (handler.delivered, other.delivered, files(folder)) == ([b"one"], [], [])


def test_1000_records_from_16_threads_are_delivered_once_each(make_pump, outbox, folder):
    """Nothing is lost and nothing comes twice, watchdog and scans included."""
    handler = Handler()
    pump = make_pump({"invocation": handler})
    records = [f"{number}".encode() for number in range(1000)]

    def put(first):
        for content in records[first::16]:
            outbox.put("invocation", content)

    threads = [threading.Thread(target=put, args=(first,)) for first in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert pump.wait_idle(30) == ()
    assert Counter(handler.delivered) == Counter(records)
    assert files(folder) == []


def test_records_of_a_killed_process_are_delivered(make_pump, folder, tmp_path):
    """What a process acknowledged before kill -9 reaches the handler of the next one."""
    script = (
        "import os, pathlib, signal, sys\n"
        "from emulator.outbox import Outbox\n"
        "outbox = Outbox(pathlib.Path(sys.argv[1]))\n"
        "for number in range(50): outbox.put('invocation', str(number).encode())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    handler = Handler()
    pump = make_pump({"invocation": handler}, outbox=Outbox(folder), workers_per_kind=1)

    assert pump.wait_idle(10) == ()
    assert handler.delivered == [str(number).encode() for number in range(50)]


def test_more_records_than_fit_in_memory_are_delivered_in_order(make_pump, outbox):
    """A long outage leaves more than the pump takes up at once."""
    records = [f"{number}".encode() for number in range(200)]
    for content in records:
        outbox.put("invocation", content)
    handler = Handler()
    pump = make_pump({"invocation": handler}, workers_per_kind=1, window=16)

    assert pump.wait_idle(20) == ()
    assert handler.delivered == records


def test_a_burst_beyond_the_window_is_delivered_once_each(make_pump, outbox):
    """Records that were left on disk are found when their turn comes."""
    handler = Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler}, workers_per_kind=2, window=16)
    assert pump.wait_idle(10) == ()
    records = [f"{number}".encode() for number in range(200)]
    for content in records:
        outbox.put("invocation", content)
    handler.gate.set()

    assert pump.wait_idle(20) == ()
    assert Counter(handler.delivered) == Counter(records)


def test_a_record_that_another_process_renames_in_is_found(make_pump, folder, tmp_path):
    """Watchdog tells, without any put and without a scan."""
    handler = Handler()
    make_pump({"invocation": handler})
    for number in range(3):
        beside = tmp_path / f"beside-{number}"
        beside.write_bytes(str(number).encode())
        beside.rename(folder / f"{number}.invocation")

        eventually(lambda: len(handler.delivered) == number + 1)  # noqa: B023 -- called at once

    assert handler.delivered == [b"0", b"1", b"2"]


def test_idle_counts_what_others_have_put_a_moment_ago(make_pump, folder, tmp_path):
    """wait_idle looks into the folder itself."""
    handler = Handler()
    pump = make_pump({"invocation": handler})
    for number in range(20):
        beside = tmp_path / "beside"
        beside.write_bytes(str(number).encode())
        beside.rename(folder / f"{number:02d}.invocation")

        assert pump.wait_idle(10) == ()
        assert len(handler.delivered) == number + 1


def test_files_of_unknown_kinds_are_left_alone(make_pump, folder):
    """A stray file neither fails nor keeps the pump busy."""
    (folder / "README.txt").write_text("hello")
    pump = make_pump({"invocation": Handler()})

    assert pump.wait_idle(10) == ()
    assert files(folder) == ["README.txt"]


def test_idle_has_no_gap_between_a_record_and_those_it_sets_off(make_pump, outbox):
    """A chain of records is idle only after its last one was handled."""
    ends = []

    def first(content):
        outbox.put("second", content)

    def second(content):
        outbox.put("third", content)

    pump = make_pump({"first": first, "second": second, "third": ends.append})
    for number in range(100):
        outbox.put("first", b"%d" % number)

        assert pump.wait_idle(10) == ()
        assert len(ends) == number + 1


def test_wait_idle_says_what_still_runs(make_pump, outbox):
    """After the timeout there is a line for each record in progress."""
    handler = Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler}, workers_per_kind=1)
    name = outbox.put("invocation", b"one")
    outbox.put("invocation", b"two")
    assert handler.started.acquire(timeout=10)
    lines = pump.wait_idle(0.05)
    handler.gate.set()

    assert lines[0].startswith(f"{name.file_name}: being handled for 0.")
    assert lines[1] == "1 more in the queue"
    assert pump.wait_idle(10) == ()


def test_a_later_record_waits_for_its_due_time(make_pump, outbox, clock):
    """It is waiting, not pending, until the clock gets there."""
    at = clock.now() + MINUTE
    handler = Handler(
        lambda content: Later(at=at, content=b"second") if content == b"first" else None
    )
    pump = make_pump({"invocation": handler})
    name = outbox.put("invocation", b"first")
    assert pump.wait_idle(10) == ()
    waiting = (list(handler.delivered), pump.pending(), pump.waiting())
    clock.advance(MINUTE)

    assert waiting == ([b"first"], (), ((name.file_name, at),))
    assert pump.wait_idle(10) == ()
    assert (handler.delivered, pump.waiting()) == ([b"first", b"second"], ())


def test_a_due_time_survives_a_restart(make_pump, outbox, clock, folder):
    """A postponed record is neither delivered early nor forgotten by the next run."""
    at = clock.now() + MINUTE
    pump = make_pump({"invocation": lambda _: Later(at=at, content=b"again")})
    outbox.put("invocation", b"first")
    assert pump.wait_idle(10) == ()
    pump.stop()
    handler = Handler()
    restarted = make_pump({"invocation": handler}, outbox=Outbox(folder))
    assert restarted.wait_idle(10) == ()
    early = list(handler.delivered)
    clock.advance(MINUTE)

    assert restarted.wait_idle(10) == ()
    assert (early, handler.delivered, files(folder)) == ([], [b"again"], [])


def test_a_clock_set_back_meanwhile_does_not_keep_a_record_for_ever(
    make_pump, outbox, clock, folder
):
    """A retry in one minute of a moved clock is one minute away after the clock was reset."""
    clock.advance(timedelta(days=30))
    at = clock.now() + MINUTE
    pump = make_pump({"invocation": lambda _: Later(at=at, content=b"again")})
    outbox.put("invocation", b"first")
    assert pump.wait_idle(10) == ()
    pump.stop()
    clock.advance(timedelta(days=-30))
    restarted = make_pump({"invocation": Handler()}, outbox=Outbox(folder))
    assert restarted.wait_idle(10) == ()

    assert [due for _, due in restarted.waiting()] == [clock.now() + MINUTE]


def test_a_handler_that_raises_is_tried_again(make_pump, outbox, folder, caplog):
    """A bug is logged with its traceback; the record stays, is pending, and comes again."""
    attempts = []

    def handler(content):
        attempts.append(content)
        if len(attempts) == 1:
            raise KeyError("bug")

    pump = make_pump({"invocation": handler})
    name = outbox.put("invocation", b"one")
    lines = pump.wait_idle(0.1)

    assert "the last one raised KeyError('bug')" in lines[0]
    assert files(folder) == [name.file_name]
    assert 'raise KeyError("bug")' in caplog.text
    assert pump.wait_idle(10) == ()
    assert (attempts, files(folder)) == ([b"one", b"one"], [])


def test_a_reset_drops_what_is_queued(make_pump, outbox, folder):
    """Queued records are gone, later ones are delivered."""
    handler = Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler}, workers_per_kind=1)
    assert pump.wait_idle(10) == ()  # while the scan at the start runs, later records may overtake
    for number in range(10):
        outbox.put("invocation", b"old %d" % number)
    assert handler.started.acquire(timeout=10)
    pump.reset()
    dropped = (files(folder), pump.pending(), pump.waiting())
    outbox.put("invocation", b"new")
    assert handler.started.acquire(timeout=10)
    handler.gate.set()

    assert dropped == ([], (), ())
    assert pump.wait_idle(10) == ()
    eventually(lambda: len(handler.delivered) == 2)
    assert sorted(handler.delivered) == [b"new", b"old 0"]


@pytest.mark.parametrize("ending", ["later", "put", "raise", "none"])
def test_what_was_in_flight_at_a_reset_has_no_effect(make_pump, outbox, folder, clock, ending):
    """A handler of the old generation can neither put nor keep anything."""

    def outcome(_):
        if ending == "later":
            return Later(at=clock.now() + MINUTE, content=b"old")
        if ending == "put":
            outbox.put("other", b"old")
        if ending == "raise":
            raise KeyError(ending)
        return None

    handler, other = Handler(outcome), Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler, "other": other})
    outbox.put("invocation", b"old")
    assert handler.started.acquire(timeout=10)
    pump.reset()
    handler.gate.set()
    eventually(lambda: not pump._workers.abandoned)

    assert pump.wait_idle(10) == ()
    assert (files(folder), pump.waiting(), other.delivered) == ([], (), [])


def test_nothing_is_delivered_while_a_reset_empties_the_stores(make_pump, outbox, folder):
    """Records that are put meanwhile are dropped, and the pump is not idle."""
    handler = Handler()
    pump = make_pump({"invocation": handler})
    seen = []

    def empty_the_stores():
        outbox.put("invocation", b"meanwhile")
        seen.extend(pump.wait_idle(0.05))

    pump.reset(while_stopped=empty_the_stores)

    assert pump.wait_idle(10) == ()
    assert "a reset is under way" in seen
    assert (handler.delivered, files(folder)) == ([], [])


def test_a_reset_that_fails_lets_the_pump_go_on(make_pump, outbox):
    """Delivery is not stopped for ever."""
    handler = Handler()
    pump = make_pump({"invocation": handler})

    with pytest.raises(RuntimeError, match="store"):
        pump.reset(while_stopped=lambda: (_ for _ in ()).throw(RuntimeError("store")))
    outbox.put("invocation", b"after")
    assert pump.wait_idle(10) == ()
    assert handler.delivered == [b"after"]


def test_a_stop_does_not_lose_what_is_in_flight(make_pump, outbox, folder):
    """A handler that outlives the stop leaves its record for the next run, within 2 s."""
    handler = Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler}, workers_per_kind=1)
    names = [outbox.put("invocation", b"%d" % number).file_name for number in range(3)]
    assert handler.started.acquire(timeout=10)
    begin = time.monotonic()
    pump.stop()
    pump.stop()
    took = time.monotonic() - begin
    left = files(folder)
    handler.gate.set()

    assert (left, took < 2) == (names, True)


def test_a_stopped_pump_takes_up_nothing(make_pump, outbox, folder):
    """What is put after the stop waits on disk for the next start."""
    handler = Handler()
    pump = make_pump({"invocation": handler})
    pump.stop()
    outbox.put("invocation", b"one")
    idle = pump.wait_idle(0.01)
    before = list(handler.delivered)
    pump.start()

    assert (before, idle) == ([], ("1 more in the queue",))
    assert pump.wait_idle(10) == ()
    assert handler.delivered == [b"one"]


def test_a_stop_ends_every_thread(make_pump, outbox):
    """No thread of the pump or of watchdog is left."""
    before = set(threading.enumerate())
    pump = make_pump({"invocation": Handler()})
    outbox.put("invocation", b"one")
    assert pump.wait_idle(10) == ()
    pump.stop()

    eventually(lambda: set(threading.enumerate()) <= before)


def test_stop_before_start_does_no_harm(make_pump):
    """A stack that failed to start stops what it has."""
    pump = make_pump({"invocation": Handler()}, start=False)

    pump.stop()


def test_a_folder_that_cannot_be_listed_is_listed_later(make_pump, folder, caplog):
    """Running out of file handles for a moment does not end the pump."""

    class ExhaustedOutbox(Outbox):
        exhausted = 2

        def oldest(self, limit, wanted):
            self.exhausted -= 1
            if self.exhausted >= 0:
                raise OSError(24, "Too many open files")
            return super().oldest(limit, wanted)

    outbox = ExhaustedOutbox(folder)
    outbox.put("invocation", b"one")
    handler = Handler()
    make_pump({"invocation": handler}, outbox=outbox)

    eventually(lambda: handler.delivered == [b"one"])
    assert caplog.messages == ["The outbox cannot be listed now"] * 2


def test_a_machine_without_watches_is_no_reason_to_stop(tmp_path, caplog):
    """Watching is the second path only."""
    with watch_outbox(tmp_path / "missing", print):
        pass

    assert caplog.messages[0].startswith("Records that others put into the outbox are found late")


def test_a_record_that_is_gone_when_its_turn_comes_is_no_failure(make_pump, outbox, caplog):
    """Somebody else may have removed it."""
    handler = Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler}, workers_per_kind=1)
    outbox.put("invocation", b"one")
    assert handler.started.acquire(timeout=10)
    outbox.remove(outbox.put("invocation", b"two"))
    handler.gate.set()

    assert pump.wait_idle(10) == ()
    assert (handler.delivered, caplog.messages) == ([b"one"], [])


def test_a_slow_function_does_not_hold_up_notifications(make_pump, outbox):
    """Each kind has workers of its own."""
    slow, quick = Handler(), Handler()
    slow.gate.clear()
    make_pump({"invocation": slow, "s3-event": quick}, workers_per_kind=2)
    for number in range(10):
        outbox.put("invocation", b"%d" % number)
    outbox.put("s3-event", b"one")

    eventually(lambda: quick.delivered == [b"one"])
    slow.gate.set()


def test_handlers_see_a_due_time_in_real_time_too(folder):
    """A short delay passes by itself, without any move of the clock."""
    clock = ProcessClock()
    outbox = Outbox(folder)
    attempts = []

    def handler(content):
        attempts.append(content)
        if content == b"first":
            return Later(at=clock.now() + timedelta(seconds=0.2), content=b"second")
        return None

    pump = Pump(outbox, {"invocation": handler}, clock)
    pump.start()
    try:
        outbox.put("invocation", b"first")
        eventually(lambda: attempts == [b"first", b"second"])
    finally:
        pump.stop()


def test_a_scan_that_a_reset_overtakes_brings_nothing_back(make_pump, folder):
    """Names that were listed before the reset are not taken up after it."""

    class SlowOutbox(Outbox):
        overtake = None

        def oldest(self, limit, wanted):
            found = super().oldest(limit, wanted)
            overtake, self.overtake = self.overtake, None
            if overtake:
                overtake()
            return found

    outbox = SlowOutbox(folder)
    handler = Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler}, outbox=outbox, workers_per_kind=1)
    outbox.put("invocation", b"running")
    assert handler.started.acquire(timeout=10)
    outbox.overtake = pump.reset

    assert pump.wait_idle(10) == ()
    handler.gate.set()


def test_a_stop_ends_the_waiting_for_idleness(make_pump, outbox):
    """Who waits is told what was left, not kept until the timeout."""
    handler = Handler()
    handler.gate.clear()
    pump = make_pump({"invocation": handler})
    outbox.put("invocation", b"one")
    assert handler.started.acquire(timeout=10)
    lines = []
    waiter = threading.Thread(target=lambda: lines.extend(pump.wait_idle(60)))
    waiter.start()
    pump.stop()
    waiter.join(10)
    handler.gate.set()

    assert not waiter.is_alive()
    assert len(lines) == 1
