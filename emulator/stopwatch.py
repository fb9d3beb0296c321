"""A monotonic time that stands still while somebody looks at a stopped program.

Time limits of functions and of the gateway go by it, so that none runs out under a debugger.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stopwatch:
    """Runs, but for the time that anybody holds it."""

    def __init__(self) -> None:
        self._holders = 0
        self._held_since = 0.0
        self._stood = 0.0
        self._lock = threading.Lock()

    @property
    def is_held(self) -> bool:
        """Tell whether it stands."""
        return self._holders > 0

    def seconds(self) -> float:
        """Tell the time."""
        if not self._holders:
            return monotonic() - self._stood
        with self._lock:
            return (self._held_since if self._holders else monotonic()) - self._stood

    def hold(self) -> None:
        """Let it stand; each holder lets go once."""
        with self._lock:
            if not self._holders:
                self._held_since = monotonic()
            self._holders += 1

    def let_go(self) -> None:
        """Let it run, if nobody else holds it."""
        with self._lock:
            self._holders -= 1
            if not self._holders:
                self._stood += monotonic() - self._held_since

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let it stand for a while."""
        self.hold()
        try:
            yield
        finally:
            self.let_go()
