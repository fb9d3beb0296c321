"""Runs functions: the one place where an ``Invocation`` becomes an ``InvocationResult``.

    invoke ─► pool (an environment, warm or new) ─► worker ─► outcome ─► log, result
    invoke_async ─► outbox ─► (pump) ─► attempt ─► invoke ─► done, or later

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

from emulator.arns import function_arn
from emulator.awslambda import asynchronous
from emulator.awslambda.asynchronous import QueuedInvocation
from emulator.awslambda.function import LocalFunction, Platform
from emulator.awslambda.logs import LogEvent
from emulator.awslambda.pool import IDLE_SECONDS
from emulator.awslambda.runtime_directory import make_runtime_directory
from emulator.awslambda.zygotes import Zygotes
from emulator.errors import ServiceError
from emulator.outbox import Later

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from emulator.application import Function
    from emulator.awslambda.logs import LogSink
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore
    from emulator.invocation import Invocation, InvocationResult
    from emulator.outbox import Outbox

_RETIRE_EVERY_SECONDS = 30.0
CONCURRENCY_LIMIT = 10


class LambdaService:
    """The functions of an application.

    Args:
        endpoint_url: where the handlers find the emulated AWS services.
        directory: temporary folders of environments, and the runtime directory.
        concurrency_limit: how many environments one function can have at once on this machine.
    """

    def __init__(  # noqa: PLR0913 -- the edge where everything that functions need comes in
        self,
        functions: tuple[Function, ...],
        *,
        clock: Clock,
        credentials: CredentialStore,
        outbox: Outbox,
        endpoint_url: str,
        region: str,
        account_id: str,
        directory: Path,
        log: LogSink,
        concurrency_limit: int = CONCURRENCY_LIMIT,
    ) -> None:
        self.functions = functions
        self._clock = clock
        self._outbox = outbox
        self._log = log
        self._region = region
        self._account_id = account_id
        self._temporary = directory / "tmp"
        shutil.rmtree(self._temporary, ignore_errors=True)  # left by a crash
        runtime_directory = make_runtime_directory(directory / "runtime")
        self._zygotes = Zygotes(runtime_directory)
        platform = Platform(
            clock=clock,
            credentials=credentials,
            log=log,
            zygotes=self._zygotes,
            endpoint_url=endpoint_url,
            region=region,
            account_id=account_id,
            directory=directory,
            runtime_directory=runtime_directory,
            concurrency_limit=concurrency_limit,
        )
        self._functions = {f.name: LocalFunction(f, platform) for f in functions}
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._retiring = threading.Thread(target=self._retire_idle, name="lambda", daemon=True)

    def start(self) -> None:
        """Begin to load what functions need; returns at once."""
        self._zygotes.start()
        self._retiring.start()

    def stop(self) -> None:
        """End every environment; twice does no harm."""
        self._stopping.set()
        self._zygotes.stop()
        for function in self._functions.values():
            function.clear()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def reset(self) -> None:
        """End every environment, busy ones too: their invocations fail."""
        for function in self._functions.values():
            function.clear()

    def running(self) -> tuple[str, ...]:
        """Describe the invocations in flight, a line each."""
        with self._lock:
            return tuple(self._running.values())

    def arn(self, name: str, qualifier: str | None = None) -> str:
        """Name a function."""
        arn = function_arn(self._region, self._account_id, name)
        return f"{arn}:{qualifier}" if qualifier else arn

    def find(self, name: str, qualifier: str = "$LATEST") -> Function:
        """Find a function by name.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404).
        """
        found = self._functions.get(name)
        if found is None or qualifier not in {"$LATEST", *dict(found.function.aliases)}:
            raise ServiceError(
                "ResourceNotFoundException",
                f"Function not found: {self.arn(name, qualifier)}",
                status=404,
                members=(("Type", "User"),),
            )
        return found.function

    def invoke(self, invocation: Invocation) -> InvocationResult:
        """Run a function and wait for its answer.

        Raises:
            ServiceError: the function is unknown (404) or throttled (429).
        """
        self.find(invocation.function_name, invocation.qualifier)
        with self._lock:
            self._running[invocation.request_id] = (
                f"{invocation.function_name} {invocation.request_id} ({invocation.source})"
            )
        try:
            return self._functions[invocation.function_name].invoke(invocation)
        finally:
            with self._lock:
                self._running.pop(invocation.request_id, None)

    def invoke_async(self, invocation: Invocation) -> None:
        """Accept an event; it is on disk when this returns.

        Raises:
            ServiceError: the function is unknown (404).
        """
        self.find(invocation.function_name, invocation.qualifier)
        queued = QueuedInvocation(invocation=invocation, accepted_at=self._clock.now())
        self._outbox.put(asynchronous.RECORD_KIND, queued.encode())

    def attempt(self, content: bytes) -> Later | None:
        """Run an accepted event once; give when it is to be tried again, if it is."""
        queued = asynchronous.decode(content)
        try:
            result = self.invoke(queued.invocation)
        except ServiceError as error:
            if error.status == 429:  # noqa: PLR2004 -- throttled
                again = queued.after_throttle()
                return self._later(again, again.backoff)
            self._tell(queued, f"event dropped: {error.message}")
            return None
        if result.function_error is None:
            return None
        again = queued.after_failure()
        config = self.find(queued.invocation.function_name).event_invoke
        if again.attempts > config.maximum_retry_attempts:
            self._tell(queued, f"event dropped after {again.attempts} attempts")
            return None
        return self._later(again, again.retry_delay)

    def _later(self, queued: QueuedInvocation, delay: timedelta) -> Later | None:
        config = self.find(queued.invocation.function_name).event_invoke
        at = self._clock.now() + delay
        if at - queued.accepted_at > (config.maximum_event_age or asynchronous.LONGEST_AGE):
            self._tell(queued, "event dropped: it is too old")
            return None
        return Later(at=at, content=queued.encode())

    def _tell(self, queued: QueuedInvocation, message: str) -> None:
        self._log.write(
            LogEvent(
                function_name=queued.invocation.function_name,
                request_id=queued.invocation.request_id,
                timestamp=self._clock.now(),
                level="WARN",
                message=f"{message}\n",
            )
        )

    def _retire_idle(self) -> None:
        while not self._stopping.wait(_RETIRE_EVERY_SECONDS):
            for function in self._functions.values():
                function.retire(IDLE_SECONDS)
