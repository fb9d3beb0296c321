"""How many invocations of one function run at once.

Reserved concurrency refuses, as on AWS; the local cap, which AWS does not have, makes wait.
An invocation that a running function makes never waits: the function would wait for it meanwhile,
and with a chain of functions at the cap, or one that calls itself, nothing would ever go on.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Each is a process of this machine; a function that calls itself without end must find one.
_NESTED_PER_LIMIT = 10
_PATIENCE_SECONDS = 2.0


class Concurrency:
    """The places of one function, all of its versions together.

    Args:
        limit: how many run at once on this machine.
        reserved: reserved concurrency, if the function has any.
        on_overflow: hears that a chain of functions is refused, which would not end by waiting.
        on_wait: hears that an invocation has waited for a place for ``patience_seconds``.
    """

    def __init__(
        self,
        *,
        limit: int,
        reserved: int | None,
        on_wait: Callable[[], None] = lambda: None,
        on_overflow: Callable[[], None] = lambda: None,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._limit = limit
        self._reserved = reserved
        self._on_wait = on_wait
        self._on_overflow = on_overflow
        self._patience_seconds = patience_seconds
        self._running = 0
        self._freed = threading.Condition()

    @contextmanager
    def place(self, *, nested: bool = False) -> Iterator[None]:
        """Take a place for one invocation.

        Args:
            nested: whether a running function waits for this invocation.

        Raises:
            ServiceError: ``TooManyRequestsException`` (429): there is no place and will be none.
        """
        self._enter(nested=nested)
        try:
            yield
        finally:
            with self._freed:
                self._running -= 1
                self._freed.notify()

    def _enter(self, *, nested: bool) -> None:
        with self._freed:
            if self._reserved is not None and self._running >= self._reserved:
                raise _throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            if nested and self._running >= self._limit * _NESTED_PER_LIMIT:
                self._on_overflow()
                raise _throttled("ConcurrentInvocationLimitExceeded")
            patience: float | None = self._patience_seconds
            while not nested and self._running >= self._limit:
                if not self._freed.wait(patience):
                    patience = None
                    self._on_wait()
            self._running += 1


def _throttled(reason: str) -> ServiceError:
    return ServiceError(
        "TooManyRequestsException",
        "Rate Exceeded.",
        status=429,
        members=(("Reason", reason), ("Type", "User")),
    )
