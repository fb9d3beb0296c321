"""The clock of the emulator: real time plus an offset that a person or a test can move.

Moving it moves the time of this whole process (``time.time``, ``datetime.now``), so that moto, the
schedules, signatures and our own code can never disagree.
Handlers run in other processes: each invocation carries ``offset`` to them.
``time.monotonic`` stays real; timeouts are enforced by it.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from time_machine import Traveller, travel

_log = logging.getLogger(__name__)


class Clock(Protocol):
    """What the emulator asks about time."""

    @property
    def offset(self) -> timedelta:
        """How far the clock was moved from real time."""

    def now(self) -> datetime:
        """Tell the emulator's time, in UTC."""


class ProcessClock:
    """The clock of a running emulator; moving it moves the time of this process.

    Args:
        file: keeps the offset, so that data from the future stays in the past after a restart.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._offset = timedelta()
        self._travel: travel | None = None
        self._traveller: Traveller | None = None
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        with contextlib.suppress(OverflowError):
            self.move_to(self._kept_offset())

    @property
    def offset(self) -> timedelta:
        """How far the clock was moved from real time."""
        return self._offset

    def now(self) -> datetime:
        """Tell the emulator's time, in UTC."""
        return datetime.now(UTC)

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` in the moving thread after each move, before ``move_to`` returns."""
        self._listeners.append(listener)

    def advance(self, delta: timedelta) -> None:
        """Move the clock by ``delta``; negative turns it back."""
        self._move(lambda offset: offset + delta)

    def reset(self) -> None:
        """Set the clock back to real time."""
        self.move_to(timedelta())

    def stop(self) -> None:
        """Give this process its real time back; the kept offset stays for the next run."""
        with self._lock:
            self._stop_travelling()

    def move_to(self, offset: timedelta) -> None:
        """Set the clock to real time plus ``offset``; zero takes the hook out again.

        Raises:
            OverflowError: there is no such date.
        """
        self._move(lambda _: offset)

    def _move(self, change: Callable[[timedelta], timedelta]) -> None:
        with self._lock:
            offset = change(self._offset)
            if offset == self._offset:
                return
            if offset == timedelta():
                self._stop_travelling()
            else:
                self._travel_to(offset)
            self._offset = offset
            self._keep()
        for listener in self._listeners:
            listener()

    def _travel_to(self, offset: timedelta) -> None:
        # Raises where the calendar ends; time-machine would go there, and no clock could be read.
        moved = self._offset if self._traveller is not None else timedelta()
        datetime.now(UTC) - moved + offset
        if self._traveller is not None:
            self._traveller.shift(offset - moved)
            return
        # Imported on the first move: an emulator whose clock nobody moves pays nothing. The import
        # takes its time, which must not be lost.
        with _without_pytest():
            import time_machine  # noqa: PLC0415

        self._travel = time_machine.travel(datetime.now(UTC) + offset)
        self._traveller = self._travel.start()
        # Travelled time begins to run when it is first asked for.
        datetime.now(UTC)

    def _stop_travelling(self) -> None:
        if self._travel is not None:
            self._travel.stop()
        self._travel = self._traveller = None

    def _kept_offset(self) -> timedelta:
        try:
            return timedelta(seconds=float(self._file.read_text())) if self._file else timedelta()
        except (OSError, ValueError, OverflowError):
            return timedelta()

    def _keep(self) -> None:
        if self._file is None:
            return
        beside = self._file.with_name(self._file.name + ".new")
        try:
            beside.write_text(str(self._offset.total_seconds()))
            beside.rename(self._file)
        except OSError as error:
            _log.warning("the offset of the clock is not kept for the next run: %s", error)


@contextlib.contextmanager
def _without_pytest() -> Iterator[None]:
    """Hide pytest from time-machine, which would load it to be its plugin: five times the time."""
    if "pytest" in sys.modules:
        yield
        return
    sys.modules["pytest"] = None  # type: ignore[assignment] # what importlib takes for not there
    try:
        yield
    finally:
        del sys.modules["pytest"]
