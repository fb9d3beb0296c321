"""Runs functions: the one place where an ``Invocation`` becomes an ``InvocationResult``.

    invoke ─► pool (an environment, warm or new) ─► worker ─► outcome ─► log, result
    invoke_async ─► outbox ─► (pump) ─► attempt ─► invoke ─► done, or later (asynchronous.py)

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import shutil
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from emulator.arns import function_arn
from emulator.awslambda.asynchronous import Attempts, record_kind
from emulator.awslambda.debugging import Debugging
from emulator.awslambda.engines import Engines, default_engine
from emulator.awslambda.function import LocalFunction
from emulator.awslambda.interpreters import Interpreters, Places
from emulator.awslambda.logs import warning
from emulator.awslambda.making import INIT_SECONDS, Platform
from emulator.awslambda.memory import MemoryWatch
from emulator.awslambda.pool import IDLE_SECONDS
from emulator.awslambda.qualifiers import LATEST, version_of
from emulator.awslambda.queued_invocation import QueuedInvocation
from emulator.awslambda.requirements import Requirements
from emulator.awslambda.running import RunningInvocations
from emulator.awslambda.runtime_directory import allow_hosts
from emulator.errors import ServiceError
from emulator.tracing.ids import whole_trace_id
from emulator.tracing.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from emulator.application import Function
    from emulator.awslambda.logs import LogSink
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore
    from emulator.invocation import Invocation, InvocationResult
    from emulator.message import Sender
    from emulator.outbox import Later, Outbox
    from emulator.settings import LambdaEngine

_RETIRE_EVERY_SECONDS = 30.0
CONCURRENCY_LIMIT = 10
_QUOTED_BYTES = 1000


class LambdaService:
    """The functions of an application.

    Args:
        endpoint_url: where the handlers find the emulated AWS services.
        directory: temporary folders of environments, and the runtime directory.
        concurrency_limit: how many environments one function can have at once on this machine.
        enforce_memory: whether what takes more memory than its function has is killed.
        engine: how the processes of Python functions start; ``None`` is the platform's way.
        cache_directory: where installed requirements are kept; ``None`` keeps them in the data.
        debugging: which functions wait for a debugger.
        trace: where invocations are noted.
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
        enforce_memory: bool = False,
        init_seconds: float = INIT_SECONDS,
        engine: LambdaEngine | None = None,
        cache_directory: Path | None = None,
        debugging: Debugging | None = None,
        trace: Trace | None = None,
    ) -> None:
        self.functions = functions
        self._clock = clock
        self.trace = trace or Trace(clock)
        self._outbox = outbox
        self._log = log
        self.region = region
        self.account_id = account_id
        self.modified = clock.now()
        self._endpoint_url = endpoint_url
        self._temporary = directory / "tmp"
        shutil.rmtree(self._temporary, ignore_errors=True)  # left by a crash
        places = Places.of_user()
        self._runtime_directory = directory / "runtime"
        self._engines = Engines(
            self._runtime_directory, packs=places.packs, engine=engine or default_engine()
        )
        cache = (cache_directory or directory) / "requirements"
        self._requirements = Requirements(cache, self._tell_function)
        self._memory = MemoryWatch() if enforce_memory else None
        platform = Platform(
            clock=clock,
            credentials=credentials,
            log=log,
            engines=self._engines,
            interpreters=Interpreters(places),
            requirements=self._requirements,
            endpoint_url=endpoint_url,
            region=region,
            account_id=account_id,
            directory=directory,
            concurrency_limit=concurrency_limit,
            debugging=debugging or Debugging(),
            memory=self._memory,
            init_seconds=init_seconds,
        )
        self._platform = platform
        self._functions = {f.name: LocalFunction(f, platform) for f in functions}
        self._running = RunningInvocations()
        self._stopping = threading.Event()
        self._preparing = threading.Thread(target=self._prepare, name="runtimes", daemon=True)
        self._retiring = threading.Thread(target=self._retire, name="lambda", daemon=True)

    def allow_hosts(self, hosts: Iterable[str]) -> None:
        """Let functions call these hosts of AWS itself."""
        allow_hosts(self._runtime_directory, hosts)

    def start(self) -> None:
        """Begin to load what functions need; returns at once."""
        self._preparing.start()
        self._retiring.start()

    def stop(self) -> None:
        """End every environment; twice does no harm."""
        self._stopping.set()
        self._requirements.stop()
        self._engines.stop()
        if self._preparing.ident is not None:
            self._preparing.join()
        for function in self._functions.values():
            function.clear()
        if self._memory is not None:
            self._memory.stop()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def prepare(self, functions: tuple[Function, ...]) -> Callable[[], None]:
        """Make ready for other functions; what it gives puts them in place, at once and whole.

        Unchanged functions keep their environments; those of others end once they are idle.
        """
        before = self._functions
        after = {
            function.name: before[function.name]
            if function.name in before and before[function.name].function == function
            else LocalFunction(function, self._platform)
            for function in functions
        }

        def commit() -> None:
            self._functions, self.functions = after, functions
            for name, function in before.items():
                if after.get(name) is not function:
                    function.close()
            for name, function in after.items():
                if before.get(name) is not function:
                    function.prepare()

        return commit

    def look_again(self) -> None:
        """Look at the code before the next invocation: somebody has heard of a change."""
        for tree in list(self._platform.trees.values()):
            tree.look_again()

    def reset(self) -> None:
        """End every environment, busy ones too: their invocations fail."""
        for function in self._functions.values():
            function.clear()

    def warnings(self) -> tuple[str, ...]:
        """Tell which functions cannot run here, or not by the interpreter that they ask for."""
        lines = [function.warning() for function in self._functions.values()]
        return tuple(dict.fromkeys(line for line in lines if line))

    def running(self) -> tuple[str, ...]:
        """Describe the invocations in flight, a line each."""
        return self._running.lines()

    def arn(self, name: str, qualifier: str | None = None) -> str:
        """Name a function."""
        arn = function_arn(self.region, self.account_id, name)
        return f"{arn}:{qualifier}" if qualifier else arn

    def function_url(self, url_id: str) -> str:
        """Tell where a function URL is served."""
        return f"{self._endpoint_url}/_lambda-url/{url_id}/"

    def find(self, name: str, qualifier: str | None = None) -> Function:
        """Find a function by name.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404): there is none, or not so qualified.
        """
        found = self._functions.get(name)
        if found is None or version_of(found.function, qualifier) is None:
            raise ServiceError(
                "ResourceNotFoundException",
                f"Function not found: {self.arn(name, qualifier)}",
                status=404,
                members=(("Type", "User"),),
            )
        return found.function

    def invoke(self, invocation: Invocation, *, awaited: bool = True) -> InvocationResult:
        """Run a function and wait for its answer.

        Args:
            invocation: what to run.
            awaited: whether the caller waits for the answer, as a handler may that runs itself.

        Raises:
            ServiceError: the function is unknown (404) or throttled (429).
        """
        subject = f"{invocation.function_name} ({invocation.source})"
        with self.trace.step("lambda", subject, invocation.trace_id) as step:
            step.request_id = invocation.request_id
            trace_id = self.trace.header(invocation.trace_id)
            result = self._run(replace(invocation, trace_id=trace_id), awaited=awaited)
            if result.function_error is not None:
                step.outcome = result.function_error
                step.reason = result.payload[:_QUOTED_BYTES].decode(errors="replace")
        return result

    def _run(self, invocation: Invocation, *, awaited: bool) -> InvocationResult:
        function = self.find(invocation.function_name, invocation.qualifier or LATEST)
        version = version_of(function, invocation.qualifier) or LATEST
        trace_id = whole_trace_id(
            invocation.trace_id, self._clock.now(), sampled=function.tracing_active
        )
        invocation = replace(invocation, trace_id=trace_id)
        with self._running.noted(invocation) as nested:
            return self._functions[function.name].invoke(
                invocation, version, nested=nested and awaited
            )

    def invoke_async(self, invocation: Invocation) -> None:
        """Accept an event; it is on disk when this returns.

        Raises:
            ServiceError: the function is unknown (404).
        """
        self.find(invocation.function_name, invocation.qualifier or LATEST)
        now = self._clock.now()
        # AWS does not pass a client context on.
        trace_id = self.trace.header(invocation.trace_id)
        invocation = replace(invocation, client_context=None, trace_id=trace_id)
        queued = QueuedInvocation(invocation=invocation, accepted_at=now, due_at=now)
        self._outbox.put(record_kind(invocation.function_name), queued.encode())

    def record_handlers(self, sender: Sender) -> dict[str, Callable[[bytes], Later | None]]:
        """Tell who handles the accepted events, by the kind of their records.

        Args:
            sender: reaches destinations and dead-letter queues.
        """
        attempts = Attempts(self, clock=self._clock, sender=sender, log=self._log, trace=self.trace)
        return {record_kind(function.name): attempts.attempt for function in self.functions}

    def _tell_function(self, function_name: str, message: str) -> None:
        self._log.write(warning(function_name, message, self._clock.now()))

    def _prepare(self) -> None:
        for function in self._functions.values():
            if self._stopping.is_set():
                return
            # What does not start now is tried again, and told, by the first invocation.
            with suppress(OSError):
                function.prepare()

    def retire_idle(self, *, idle_seconds: float = IDLE_SECONDS) -> None:
        """End the environments that nobody has used for so long."""
        for function in self._functions.values():
            function.retire(idle_seconds)

    def _retire(self) -> None:
        while not self._stopping.wait(_RETIRE_EVERY_SECONDS):
            self.retire_idle()
