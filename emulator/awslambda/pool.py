"""The execution environments of one function: the last one used is the next one used.

More are made while invocations overlap, up to a local limit; beyond it invocations wait.
Reserved concurrency refuses instead, as on AWS.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.awslambda.environment import ExecutionEnvironment

IDLE_SECONDS = 300.0


class Lease:
    """An environment on loan; ``keep`` decides what becomes of it afterwards."""

    def __init__(self, environment: ExecutionEnvironment, *, cold: bool) -> None:
        self.environment = environment
        self.cold = cold
        self.keep = False


class Pool:
    """Environments of one function.

    Args:
        make: makes a new environment.
        is_stale: whether an idle one has code that has changed.
        discard: ends an environment and what belongs to it.
        limit: how many there can be at once.
        reserved: reserved concurrency, if the function has any.
    """

    def __init__(
        self,
        *,
        make: Callable[[], ExecutionEnvironment],
        is_stale: Callable[[ExecutionEnvironment], bool],
        discard: Callable[[ExecutionEnvironment], None],
        limit: int,
        reserved: int | None,
    ) -> None:
        self._make = make
        self._is_stale = is_stale
        self._discard = discard
        self._limit = limit
        self._reserved = reserved
        self._idle: list[ExecutionEnvironment] = []
        self._busy: set[ExecutionEnvironment] = set()
        self._running = 0
        self._generation = 0
        self._lock = threading.Lock()
        self._freed = threading.Condition(self._lock)

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Lend an environment for one invocation.

        Raises:
            ServiceError: ``TooManyRequestsException`` (429): the reserved concurrency is used up.
        """
        generation = self._enter()
        lease: Lease | None = None
        try:
            idle = self._take_idle()
            lease = Lease(idle or self._make(), cold=idle is None)
            with self._lock:
                self._busy.add(lease.environment)
                outdated = generation != self._generation
            if outdated:
                lease.environment.kill()
            yield lease
        finally:
            self._leave(lease, generation)

    def _enter(self) -> int:
        with self._lock:
            if self._reserved is not None and self._running >= self._reserved:
                raise _throttled()
            while self._running >= self._limit:
                self._freed.wait()
            self._running += 1
            return self._generation

    def _take_idle(self) -> ExecutionEnvironment | None:
        while True:
            with self._lock:
                environment = self._idle.pop() if self._idle else None
            if environment is None:
                return None
            if environment.is_alive() and not self._is_stale(environment):
                return environment
            self._discard(environment)

    def _leave(self, lease: Lease | None, generation: int) -> None:
        kept = False
        with self._lock:
            self._running -= 1
            if lease is not None:
                self._busy.discard(lease.environment)
                kept = lease.keep and generation == self._generation
            if lease is not None and kept:
                lease.environment.idle_since = monotonic()
                self._idle.append(lease.environment)
            self._freed.notify()
        if lease is not None and not kept:
            self._discard(lease.environment)

    def retire(self, *, idle_seconds: float = 0.0) -> None:
        """End the environments that have been idle for so long."""
        before = monotonic() - idle_seconds
        with self._lock:
            old = [e for e in self._idle if e.idle_since <= before]
            self._idle = [e for e in self._idle if e.idle_since > before]
        for environment in old:
            self._discard(environment)

    def clear(self) -> None:
        """End every environment, busy ones too: their invocations fail."""
        with self._lock:
            self._generation += 1
            busy = list(self._busy)
        for environment in busy:
            environment.kill()
        self.retire()


def _throttled() -> ServiceError:
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    return ServiceError(
        "TooManyRequestsException",
        "Rate Exceeded.",
        status=429,
        members=(("Reason", reason), ("Type", "User")),
    )
