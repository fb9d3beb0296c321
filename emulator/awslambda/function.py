"""A function that can be invoked: its pool of environments, and the course of one invocation."""

from __future__ import annotations

import shutil
import sys
import uuid
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

from emulator.arns import function_arn
from emulator.awslambda import outcome
from emulator.awslambda.environment import ExecutionEnvironment, ExitedError, TimedOutError
from emulator.awslambda.invocation_log import InvocationLog
from emulator.awslambda.outcome import Outcome
from emulator.awslambda.pool import Pool
from emulator.awslambda.reload import CodeTree
from emulator.awslambda.variables import environment_variables
from emulator.errors import ServiceError
from emulator.invocation import InvocationResult

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.application import Function
    from emulator.awslambda.logs import LogSink
    from emulator.awslambda.pool import Lease
    from emulator.awslambda.zygotes import Zygotes
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore
    from emulator.invocation import Invocation

_INIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What all functions of an application share."""

    clock: Clock
    credentials: CredentialStore
    log: LogSink
    zygotes: Zygotes
    endpoint_url: str
    region: str
    account_id: str
    directory: Path
    runtime_directory: Path
    concurrency_limit: int
    trees: dict[Path, CodeTree] = field(default_factory=dict)


class LocalFunction:
    """One function and its environments."""

    def __init__(self, function: Function, platform: Platform) -> None:
        self.function = function
        self._platform = platform
        self._task_root = _task_root(function, platform.directory)
        self._search_path = [self._task_root, *_layer_paths(function)]
        self._tree = platform.trees.setdefault(self._task_root, CodeTree(self._task_root))
        self._orphaned: list[Path] = []  # temporary folders whose environment timed out
        self._pool = Pool(
            make=self._make_environment,
            is_stale=lambda environment: environment.is_stale(self._tree.fingerprint()),
            discard=self._discard,
            limit=platform.concurrency_limit,
            reserved=function.reserved_concurrency,
        )

    def clear(self) -> None:
        """End every environment, busy ones too."""
        self._pool.clear()

    def retire(self, idle_seconds: float) -> None:
        """End the environments that have been idle for so long."""
        self._pool.retire(idle_seconds=idle_seconds)

    def invoke(self, invocation: Invocation) -> InvocationResult:
        """Run the function once.

        Raises:
            ServiceError: it is throttled (429), or cannot be run on this machine (502).
        """
        if not self.function.runtime.startswith("python"):
            raise ServiceError(
                "InvalidRuntimeException",
                f"The emulator does not run {self.function.runtime} yet ({self.function.name}).",
                status=502,
            )
        platform = self._platform
        log = InvocationLog(self.function, invocation.request_id, platform.log, platform.clock)
        try:
            with self._pool.lease() as lease:
                return _Course(self.function, platform, invocation, lease, log).run()
        except ChildProcessError as error:
            raise ServiceError("ServiceException", str(error), status=500) from error

    def _make_environment(self) -> ExecutionEnvironment:
        platform = self._platform
        name = uuid.uuid4().hex
        temporary = self._orphaned.pop() if self._orphaned else platform.directory / "tmp" / name
        temporary.mkdir(parents=True, exist_ok=True)
        log_stream = f"{platform.clock.now():%Y/%m/%d}/[$LATEST]{name}"
        variables = environment_variables(
            self.function,
            credentials=platform.credentials.for_function(self.function.name),
            region=platform.region,
            endpoint_url=platform.endpoint_url,
            task_root=self._task_root,
            runtime_directory=platform.runtime_directory,
            temporary_directory=temporary,
            log_stream=log_stream,
        )
        configuration: dict[str, Any] = {
            "environment": variables,
            "task_root": str(self._task_root),
            "handler": self.function.handler,
            "path": [str(path) for path in self._search_path[1:]],
            "offset_seconds": platform.clock.offset.total_seconds(),
        }
        # Before the process begins to read: a save in between must count as a change.
        fingerprint = self._tree.fingerprint(fresh=True)
        return ExecutionEnvironment(
            platform.zygotes.for_code(self._search_path),
            configuration,
            log_stream=log_stream,
            temporary_directory=temporary,
            fingerprint=fingerprint,
        )

    def _discard(self, environment: ExecutionEnvironment) -> None:
        if environment.timed_out:
            # Lambda resets the process after a timeout, and keeps its /tmp.
            environment.wait()
            self._orphaned.append(environment.temporary_directory)
        else:
            environment.kill()
            shutil.rmtree(environment.temporary_directory, ignore_errors=True)
        environment.close()


class _Course:
    """The course of one invocation in one environment."""

    def __init__(
        self,
        function: Function,
        platform: Platform,
        invocation: Invocation,
        lease: Lease,
        log: InvocationLog,
    ) -> None:
        self._function = function
        self._platform = platform
        self._invocation = invocation
        self._lease = lease
        self._environment = lease.environment
        self._log = log
        self._max_memory_bytes = 0
        self._init_milliseconds: float | None = None

    def run(self) -> InvocationResult:
        """Run it from INIT_START to REPORT."""
        result = self._initialize() if self._lease.cold else None
        self._log.start()
        started = perf_counter()
        if result is None:
            result = self._answer_or_end(self._handle, self._function.timeout_seconds)
        milliseconds = (perf_counter() - started) * 1000
        self._environment.flush_log(self._log.take)
        self._log.platform(result.log_line)
        self._log.end(
            milliseconds=min(milliseconds, self._function.timeout_seconds * 1000),
            init_milliseconds=self._init_milliseconds,
            max_memory_bytes=self._max_memory_bytes,
            status=result.status,
        )
        self._lease.keep = result.reusable
        return InvocationResult(
            request_id=self._invocation.request_id,
            payload=result.payload,
            function_error="Unhandled" if result.failed else None,
            log=self._log.tail,
        )

    def _initialize(self) -> Outcome | None:
        """Wait until the handler is imported; give the outcome if it cannot be."""
        version = f"python:{sys.version_info.major}.{sys.version_info.minor}"
        self._log.init_start(version, self._platform.region)
        limit = max(_INIT_SECONDS, float(self._function.timeout_seconds))
        failure = self._answer_or_end(self._wait_for_ready, limit)
        milliseconds = (perf_counter() - self._environment.started) * 1000
        if not failure.failed:
            self._init_milliseconds = milliseconds
            return None
        error_type = failure.status.rpartition("Error Type: ")[2]
        self._log.init_report(milliseconds, error_type)
        return failure

    def _answer_or_end(self, receive: Any, limit_seconds: float) -> Outcome:
        try:
            answer: Outcome = receive(limit_seconds)
        except TimedOutError:
            self._environment.timed_out = True
            self._environment.kill()
            now = f"{self._platform.clock.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
            return outcome.timed_out(
                self._invocation.request_id, self._function.timeout_seconds, now
            )
        except ExitedError as end:
            return outcome.exited(self._invocation.request_id, end.code)
        return answer

    def _wait_for_ready(self, limit_seconds: float) -> Outcome:
        answer = self._environment.receive(limit_seconds, self._log.take)
        self._max_memory_bytes = answer.max_memory_bytes
        if answer.kind == "init-error":
            return outcome.failed_initialization(answer.body, answer.error_type or "")
        return Outcome(payload=b"", failed=False)

    def _handle(self, limit_seconds: float) -> Outcome:
        clock = self._platform.clock
        deadline = clock.now().timestamp() + limit_seconds
        invocation = self._invocation
        arn = function_arn(
            self._platform.region, self._platform.account_id, invocation.function_name
        )
        if invocation.qualifier != "$LATEST":
            arn = f"{arn}:{invocation.qualifier}"
        headers: dict[str, Any] = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": int(
                deadline * 1000
            ),  # a number, as libcurl's client gives it
            "Lambda-Runtime-Invoked-Function-Arn": arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id or "",
            "Content-Type": "application/json",
        }
        if invocation.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        header = {"runtime_headers": headers, "offset_seconds": clock.offset.total_seconds()}
        self._environment.send(header, invocation.payload)
        answer = self._environment.receive(limit_seconds, self._log.take)
        self._max_memory_bytes = answer.max_memory_bytes
        return outcome.answered(answer.body, failed=answer.kind == "error")


def _task_root(function: Function, directory: Path) -> Path:
    if function.code_root is not None:
        return function.code_root.resolve()
    root = directory / "inline" / function.logical_id
    root.mkdir(parents=True, exist_ok=True)
    (root / "index.py").write_text(function.inline_code or "")
    return root.resolve()


def _layer_paths(function: Function) -> list[Path]:
    """Give what ``/opt/python`` would be; a later layer overrides an earlier one."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = ("python", f"python/lib/{version}/site-packages")
    return [layer / place for layer in reversed(function.layers) for place in places]
