"""The time of an execution environment: real time plus the offset that each invocation brings.

Nothing is hooked until the clock is first moved, so that an unmoved clock costs nothing.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time_machine import Traveller


class VirtualClock:
    """Moves the time of this process."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._traveller: Traveller | None = None

    def set_offset(self, seconds: float) -> None:
        """Move to real time plus ``seconds``."""
        if seconds == self._offset:
            return
        delta = timedelta(seconds=seconds - self._offset)
        if self._traveller is None:
            import time_machine  # noqa: PLC0415 -- only who moves the clock pays for it

            self._traveller = time_machine.travel(
                datetime.fromtimestamp(time.time(), UTC) + delta
            ).start()
            time.time()  # travelled time begins to run when it is first asked for
        else:
            self._traveller.shift(delta)
        self._offset = seconds
