"""The invocations in flight: what they are, and which of them one waits for another.

A handler's SDK passes the trace on, so that its own call can be known.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emulator.tracing.ids import root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.invocation import Invocation


class RunningInvocations:
    """Every invocation from its beginning to its end."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}
        self._traces: Counter[str | None] = Counter()
        self._lock = threading.Lock()

    def lines(self) -> tuple[str, ...]:
        """Describe them, a line each."""
        with self._lock:
            return tuple(self._lines.values())

    @contextmanager
    def noted(self, invocation: Invocation) -> Iterator[bool]:
        """Note that an invocation runs; tell whether one of the same trace runs already."""
        root = root_of(invocation.trace_id)
        with self._lock:
            self._lines[invocation.request_id] = (
                f"{invocation.function_name} {invocation.request_id} ({invocation.source})"
            )
            nested = self._traces[root] > 0
            self._traces[root] += 1
        try:
            yield nested
        finally:
            with self._lock:
                self._lines.pop(invocation.request_id, None)
                self._traces[root] -= 1
                if not self._traces[root]:
                    del self._traces[root]
