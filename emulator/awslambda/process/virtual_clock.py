"""The time of an execution environment: real time plus the offset that each invocation brings.

Nothing is hooked until the clock is first moved, so that an unmoved clock costs nothing.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time_machine import Traveller, travel


class VirtualClock:
    """Moves the time of this process."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._travel: travel | None = None
        self._traveller: Traveller | None = None

    def set_offset(self, seconds: float) -> None:
        """Move to real time plus ``seconds``."""
        if seconds == self._offset:
            return
        if seconds == 0.0:
            self._stop()
        elif self._traveller is not None:
            self._traveller.shift(timedelta(seconds=seconds - self._offset))
        else:
            self._start(seconds)
        self._offset = seconds

    def _start(self, seconds: float) -> None:
        import time_machine  # noqa: PLC0415 -- only who moves the clock pays for it

        there = datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=seconds)
        self._travel = time_machine.travel(there)
        self._traveller = self._travel.start()
        time.time()  # travelled time begins to run when it is first asked for

    def _stop(self) -> None:
        """Take the hook out again: real time is told by the builtins themselves."""
        if self._travel is not None:
            self._travel.stop()
        self._travel = self._traveller = None
