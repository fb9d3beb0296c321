"""The pump: delivers the records of the outbox, each at least once, and knows what is still to do.

    put ──────────► wake ─┐
    watchdog ───────────► │ books (deliveries.py) ──► workers ──► handler of the record's kind
    scan of the folder ──►┘        ▲                                 None    delivered: remove
                                   └── due times (timekeeper) ◄───── Later   keep until then
                                                              ◄───── raised  log, keep, try again

A record is known from the moment it is put until its file is gone, so that what it sets off is
known before it is forgotten: there is no moment at which work in progress looks idle.
A reset replaces the books; whatever handlers do for the old ones has no effect any more.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from emulator.events.deliveries import Deliveries
from emulator.events.envelope import Postponement, attempt, seal
from emulator.events.workers import Workers
from emulator.outbox import Later, Outbox, RecordName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from emulator.clock import Clock

    Handler = Callable[[bytes], Later | None]

# The emulator's time can jump unnoticed (a laptop that slept), so no single wait is longer.
_LONGEST_WAIT_SECONDS = 1.0
# Functions are stopped after the pump, and all within two seconds.
_STOP_SECONDS = 0.5

_log = logging.getLogger(__name__)


class Pump:
    """Delivers records to the handler of their kind, in worker threads.

    Args:
        handlers: by kind; a handler gives ``None`` when it delivered the record, ``Later`` to have
            it kept; what it raises is a bug of ours, and the record is tried again.
        workers_per_kind: how many records of one kind are handled at once.
        window: how many names are held in memory; the rest of a longer queue stays on disk.
    """

    def __init__(
        self,
        outbox: Outbox,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        workers_per_kind: int = 16,
        window: int = 4096,
    ) -> None:
        self._outbox = outbox
        self._handlers = handlers
        self._clock = clock
        self._workers_per_kind = workers_per_kind
        self._window = window
        self._deliveries = Deliveries(workers_per_kind)
        self._running = False
        self._resetting = False
        # The folder may hold records that the books do not: only a scan tells.
        self._unseen = True
        self._timekeeper: threading.Thread  # there is one while the pump runs
        self._handling = threading.local()
        self._one_reset = threading.Lock()
        self._lock = threading.Lock()
        most = workers_per_kind * len(handlers)
        self._workers = Workers(self._lock, self._take, self._deliver, most=most)
        self._timer = threading.Condition(self._lock)
        self._progress = threading.Condition(self._lock)

    def start(self) -> None:
        """Deliver what an earlier run left, and from now on every record that is put."""
        self._outbox.on_put(self._wake)
        with self._lock:
            self._running = True
            self._unseen = True
            self._workers.start()
            self._timekeeper = threading.Thread(target=self._keep_time, name="pump", daemon=True)
            self._timekeeper.start()

    def stop(self) -> None:
        """Take up no more records; handlers that still run get a moment, their records are kept."""
        with self._lock:
            if not self._running:
                return
            self._running = False
            self._timer.notify_all()
            self._progress.notify_all()
            threads = [*self._workers.stop(), self._timekeeper]
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0))

    def reset(self, while_stopped: Callable[[], None] = lambda: None) -> None:
        """Drop every record; nothing is delivered until ``while_stopped`` has returned.

        Handlers that run meanwhile have no effect on the outbox any more.
        """
        with self._one_reset:
            with self._lock:
                self._resetting = True
                self._fence()
            try:
                self._outbox.clear()
                while_stopped()
            finally:
                self._outbox.clear()
                with self._lock:
                    self._fence()
                    self._resetting = False
                self._scan()

    def run_due(self) -> None:
        """Take up the postponed records that are due; to be called when the clock was moved."""
        with self._lock:
            self._release()

    def pending(self) -> tuple[str, ...]:
        """Describe what is being handled or due, a line each; empty when there is nothing to do."""
        with self._lock:
            self._release()
            return () if self._quiet else self._lines()

    def waiting(self) -> tuple[tuple[str, datetime], ...]:
        """Tell which records are postponed, and until when; the first hundred."""
        with self._lock:
            self._release()
            return self._deliveries.postponed()

    def wait_idle(self, timeout_seconds: float) -> tuple[str, ...]:
        """Wait until everything that is due was handled; give what still runs after the timeout."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            # What others put into the folder counts, even if watchdog has not told yet.
            self._scan()
            with self._lock:
                self._release()
                if self._quiet:
                    return ()
                while not self._quiet:
                    seconds = deadline - time.monotonic()
                    if seconds <= 0 or not self._running:
                        return self._lines()
                    self._progress.wait(seconds)

    def _wake(self, name: RecordName) -> None:
        """Hear of a record in the thread that put it."""
        handling = getattr(self._handling, "deliveries", None)
        if handling is None or handling is self._deliveries:
            self._found(name)
        else:
            self._outbox.remove(name)  # put by a handler that a reset has cut off

    def _found(self, name: RecordName) -> None:
        """Take a record up; a longer queue stays on disk."""
        with self._lock:
            if not self._wanted(name):
                return
            if self._unseen or self._deliveries.queued >= self._window:
                self._unseen = True
                self._timer.notify()
            else:
                self._deliveries.add(name)
                self._call_workers()

    def _wanted(self, name: RecordName) -> bool:
        return name.kind in self._handlers and name not in self._deliveries

    def _scan(self) -> None:
        """Take up the oldest records of the folder that are not known."""
        with self._lock:
            deliveries = self._deliveries
            self._unseen = False
        found, more = self._outbox.oldest(self._window, self._wanted)
        with self._lock:
            if deliveries is not self._deliveries:
                return  # overtaken by a reset, which scans when it is done
            self._unseen = self._unseen or more
            for name in found:
                deliveries.add(name)
            self._call_workers()
            self._tell_progress()

    def _call_workers(self) -> None:
        if not self._resetting:
            self._workers.call(self._deliveries.takeable)

    def _take(self) -> tuple[Deliveries, RecordName] | None:
        name = None if self._resetting else self._deliveries.take(time.monotonic())
        if self._scan_needed:
            self._timer.notify()
        return None if name is None else (self._deliveries, name)

    def _deliver(self, taken: tuple[Deliveries, RecordName]) -> None:
        deliveries, name = taken
        self._handling.deliveries = deliveries
        try:
            outcome = self._attempt(deliveries, name)
            if outcome is None:
                self._outbox.remove(name)
            self._settle(deliveries, name, outcome)
        except Exception as error:  # noqa: BLE001 -- a thread loop: no bug may lose a record
            self._keep_failed(deliveries, name, error)
        finally:
            del self._handling.deliveries

    def _attempt(self, deliveries: Deliveries, name: RecordName) -> Later | Postponement | None:
        stored = self._outbox.read(name)
        if stored is None or deliveries is not self._deliveries:
            return None
        return attempt(stored, self._handlers[name.kind], self._clock.now())

    def _settle(
        self, deliveries: Deliveries, name: RecordName, outcome: Later | Postponement | None
    ) -> None:
        with self._lock:
            if deliveries is not self._deliveries:
                return
            if isinstance(outcome, Later):
                # Under the lock: a reset must not come between, or the record would be back.
                later, outcome = outcome, Postponement(at=outcome.at, since=self._clock.now())
                self._outbox.replace(name, seal(later.content, outcome))
            if outcome is None:
                deliveries.finish(name)
            else:
                deliveries.postpone(name, outcome)
                self._timer.notify()
            self._tell_progress()

    def _keep_failed(self, deliveries: Deliveries, name: RecordName, error: Exception) -> None:
        with self._lock:
            if deliveries is not self._deliveries:
                return
            backoff = deliveries.fail(name, repr(error), time.monotonic())
            self._timer.notify()
        _log.error(
            "The record %s is kept and tried again in %g s", name.file_name, backoff, exc_info=error
        )

    def _keep_time(self) -> None:
        self._look()
        # Imported late and aside: it takes 50 ms that the emulator's start need not wait for.
        from emulator.events.outbox_watch import watch_outbox  # noqa: PLC0415

        with watch_outbox(self._outbox.directory, self._found):
            self._look()
            while self._sleep():
                self._look()

    def _look(self) -> None:
        try:
            self._scan()
        except OSError:
            _log.exception("The outbox cannot be listed now")
            with self._lock:
                self._unseen = True
                self._timer.wait(_LONGEST_WAIT_SECONDS)

    def _sleep(self) -> bool:
        """Wait until a scan is needed, and release meanwhile what falls due; ``False`` to stop."""
        with self._lock:
            while self._running and not self._scan_needed:
                self._release()
                seconds = self._deliveries.seconds_to_next(self._clock.now(), time.monotonic())
                self._timer.wait(None if seconds is None else min(seconds, _LONGEST_WAIT_SECONDS))
            return self._running

    def _release(self) -> None:
        self._deliveries.release(self._clock.now(), time.monotonic())
        self._call_workers()

    @property
    def _scan_needed(self) -> bool:
        return self._unseen and not self._resetting and self._deliveries.queued < self._window // 2

    @property
    def _quiet(self) -> bool:
        return self._deliveries.quiet and not self._unseen and not self._resetting

    def _tell_progress(self) -> None:
        if self._quiet:
            self._progress.notify_all()

    def _lines(self) -> tuple[str, ...]:
        lines = self._deliveries.lines(time.monotonic())
        lines += ("a reset is under way",) if self._resetting else ()
        return (*lines, "the outbox holds more") if self._unseen else lines

    def _fence(self) -> None:
        """Cut off the handlers that run."""
        self._deliveries = Deliveries(self._workers_per_kind)
        self._workers.abandon_busy()
