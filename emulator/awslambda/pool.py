"""The execution environments of one version of a function: the last one used is the next one used.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.awslambda.environment import ExecutionEnvironment

IDLE_SECONDS = 300.0


class Lease:
    """An environment on loan; ``keep`` decides what becomes of it afterwards."""

    def __init__(
        self, environment: ExecutionEnvironment, *, cold: bool, renew: Callable[[Lease], None]
    ) -> None:
        self.environment = environment
        self.cold = cold
        self.keep = False
        self._renew = renew

    def renew(self) -> None:
        """Replace an environment that is no good by a new one with the same ``/tmp``."""
        self.environment.keeps_temporary = True
        self._renew(self)


class Pool:
    """Environments of one version of a function.

    Args:
        make: makes a new environment.
        is_stale: whether an idle one has code that has changed.
        discard: ends an environment and what belongs to it.
    """

    def __init__(
        self,
        *,
        make: Callable[[], ExecutionEnvironment],
        is_stale: Callable[[ExecutionEnvironment], bool],
        discard: Callable[[ExecutionEnvironment], None],
    ) -> None:
        self._make = make
        self._is_stale = is_stale
        self._discard = discard
        self._idle: list[ExecutionEnvironment] = []
        self._busy: set[ExecutionEnvironment] = set()
        self._generation = 0
        self._closed = False
        self._lock = threading.Lock()

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Lend an environment for one invocation."""
        generation = self._generation
        idle = self._take_idle()
        lease = Lease(
            environment := idle or self._make(),
            cold=environment.is_new,
            renew=lambda lease: self._replace(lease, generation),
        )
        environment.is_new = False
        try:
            self._lend(lease, generation)
            yield lease
        finally:
            self._take_back(lease, generation)

    def _lend(self, lease: Lease, generation: int) -> None:
        with self._lock:
            self._busy.add(lease.environment)
            outdated = generation != self._generation
        if outdated:
            lease.environment.kill()

    def _replace(self, lease: Lease, generation: int) -> None:
        with self._lock:
            self._busy.discard(lease.environment)
        self._discard(lease.environment)
        lease.environment = self._make()
        lease.environment.is_new = False
        self._lend(lease, generation)

    def _take_idle(self) -> ExecutionEnvironment | None:
        while True:
            with self._lock:
                environment = self._idle.pop() if self._idle else None
            if environment is None:
                return None
            if environment.is_alive() and not self._is_stale(environment):
                return environment
            self._discard(environment)

    def _take_back(self, lease: Lease, generation: int) -> None:
        with self._lock:
            self._busy.discard(lease.environment)
            kept = lease.keep and generation == self._generation and not self._closed
            if kept:
                lease.environment.idle_since = monotonic()
                self._idle.append(lease.environment)
        if not kept:
            self._discard(lease.environment)

    def begin(self) -> None:
        """Make an environment before anybody asks for one."""
        environment = self._make()
        with self._lock:
            self._idle.append(environment)

    def retire(self, *, idle_seconds: float = 0.0) -> None:
        """End the environments that have been idle for so long."""
        before = monotonic() - idle_seconds
        with self._lock:
            old = [e for e in self._idle if e.idle_since <= before]
            self._idle = [e for e in self._idle if e.idle_since > before]
        for environment in old:
            self._discard(environment)

    def close(self) -> None:
        """End idle environments now and busy ones after their invocation."""
        with self._lock:
            self._closed = True
        self.retire()

    def clear(self) -> None:
        """End every environment, busy ones too: their invocations fail."""
        with self._lock:
            self._generation += 1
            busy = list(self._busy)
        for environment in busy:
            environment.kill()
        self.retire()
