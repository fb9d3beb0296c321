"""The course of one invocation in one environment.

    cold:  INIT_START ─► import the handler, 10 s at most ─► failed? INIT_REPORT, once more below
    START ─► (import again, if that failed) ─► handle the event ─► END, REPORT

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, Any

from emulator.arns import function_arn
from emulator.awslambda import outcome
from emulator.awslambda.environment import ExitedError, TimedOutError
from emulator.awslambda.outcome import Outcome
from emulator.awslambda.platform_log import Report
from emulator.invocation import InvocationResult
from emulator.tracing.ids import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.application import Function
    from emulator.awslambda.environment import ExecutionEnvironment
    from emulator.awslambda.invocation_log import InvocationLog
    from emulator.awslambda.making import Platform
    from emulator.awslambda.platform_log import Phase
    from emulator.awslambda.pool import Lease
    from emulator.invocation import Invocation


class Course:
    """What happens to one invocation, from INIT_START to REPORT.

    Args:
        version: the version that runs: ``$LATEST`` or a number.
    """

    def __init__(
        self,
        function: Function,
        platform: Platform,
        invocation: Invocation,
        *,
        version: str,
        lease: Lease,
        log: InvocationLog,
    ) -> None:
        self._function = function
        self._platform = platform
        self._invocation = invocation
        self._version = version
        self._lease = lease
        self._log = log
        self._max_memory_bytes = 0
        self._init_milliseconds: float | None = None

    @property
    def _environment(self) -> ExecutionEnvironment:
        return self._lease.environment

    def run(self) -> InvocationResult:
        """Run it."""
        initialized = not self._lease.cold or self._initialize()
        started = perf_counter()
        result = None if initialized else self._initialize_again()
        self._log.start(self._version)
        if result is None:
            seconds = self._function.timeout_seconds - (perf_counter() - started)
            result = self._answer_or_end(self._handle, seconds)
        self._environment.flush_log(self._log.take)
        self._log.platform(result.log_line)
        self._log.end(self._report(result, (perf_counter() - started) * 1000))
        self._warn_of_memory()
        self._lease.keep = result.reusable
        return InvocationResult(
            request_id=self._invocation.request_id,
            payload=result.payload,
            function_error="Unhandled" if result.failed else None,
            log=self._log.tail,
            executed_version=self._version,
        )

    def _report(self, result: Outcome, milliseconds: float) -> Report:
        memory_mb = self._function.memory_size_mb
        trace_id = self._invocation.trace_id or ""
        used_mb = math.ceil(self._max_memory_bytes / 2**20)
        return Report(
            request_id=self._invocation.request_id,
            milliseconds=min(milliseconds, self._function.timeout_seconds * 1000),
            init_milliseconds=self._init_milliseconds,
            memory_size_mb=memory_mb,
            max_memory_used_mb=min(used_mb, memory_mb),
            status=result.status,
            error_type=result.error_type,
            produced_bytes=len(result.payload),
            trace_id=trace_id if parts_of(trace_id).get("Sampled") == "1" else None,
        )

    def _initialize(self) -> bool:
        """Import the handler; Lambda gives it ten seconds, whatever the function's timeout."""
        self._log.init_start(self._platform.region)
        result, milliseconds = self._wait_for_import(self._platform.init_seconds, "init")
        if result is None:
            self._init_milliseconds = milliseconds
        return result is None

    def _initialize_again(self) -> Outcome | None:
        """Import the handler as part of the invocation; give the outcome if it cannot be."""
        self._lease.renew()
        return self._wait_for_import(self._function.timeout_seconds, "invoke")[0]

    def _wait_for_import(self, limit_seconds: float, phase: Phase) -> tuple[Outcome | None, float]:
        result = self._answer_or_end(self._ready, limit_seconds)
        milliseconds = (perf_counter() - self._environment.started) * 1000
        if result.failed:
            self._environment.flush_log(self._log.take)
        self._log.init_report(
            min(milliseconds, limit_seconds * 1000), phase, result.status, result.error_type
        )
        return result if result.failed else None, milliseconds

    def _answer_or_end(self, receive: Callable[[float], Outcome], limit_seconds: float) -> Outcome:
        limit_bytes = self._function.memory_size_mb * 2**20
        watch = self._platform.memory
        try:
            with watch.over(self._environment, limit_bytes) if watch else nullcontext():
                return receive(max(limit_seconds, 0.0))
        except TimedOutError:
            return self._timed_out()
        except ExitedError as end:
            self._note_memory(self._environment.max_memory_bytes)
            if self._environment.out_of_memory:
                self._note_memory(limit_bytes)
                return outcome.out_of_memory(self._invocation.request_id)
            return outcome.exited(self._invocation.request_id, end.code)

    def _timed_out(self) -> Outcome:
        """Kill the process: Lambda resets it, and keeps its ``/tmp``."""
        self._environment.keeps_temporary = True
        self._environment.kill()
        self._environment.wait()
        self._note_memory(self._environment.max_memory_bytes)
        now = f"{self._platform.clock.now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        return outcome.timed_out(self._invocation.request_id, self._function.timeout_seconds, now)

    def _ready(self, limit_seconds: float) -> Outcome:
        answer = self._environment.receive(limit_seconds, self._log.take)
        self._note_memory(answer.max_memory_bytes)
        if answer.kind == "init-error":
            return outcome.failed_initialization(answer.body, answer.error_type or "")
        return Outcome(payload=b"", failed=False)

    def _handle(self, limit_seconds: float) -> Outcome:
        clock = self._platform.clock
        deadline = clock.now().timestamp() + limit_seconds
        header = {
            "runtime_headers": self._runtime_headers(int(deadline * 1000)),
            "offset_seconds": clock.offset.total_seconds(),
        }
        self._environment.send(header, self._invocation.payload)
        answer = self._environment.receive(limit_seconds, self._log.take)
        self._note_memory(answer.max_memory_bytes)
        return outcome.answered(answer.body, failed=answer.kind == "error")

    def _runtime_headers(self, deadline_milliseconds: int) -> dict[str, Any]:
        invocation, platform = self._invocation, self._platform
        arn = function_arn(platform.region, platform.account_id, invocation.function_name)
        if invocation.qualifier is not None:
            arn = f"{arn}:{invocation.qualifier}"
        headers: dict[str, Any] = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": deadline_milliseconds,  # as libcurl's client gives it
            "Lambda-Runtime-Invoked-Function-Arn": arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id or "",
            "Content-Type": "application/json",
        }
        if invocation.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        return headers

    def _warn_of_memory(self) -> None:
        """Tell once of each environment that Lambda would have killed it."""
        limit_mb = self._function.memory_size_mb
        if self._max_memory_bytes <= limit_mb * 2**20 or self._environment.out_of_memory:
            return
        if not self._environment.memory_told:
            self._environment.memory_told = True
            used_mb = math.ceil(self._max_memory_bytes / 2**20)
            self._log.warn(
                f"took {used_mb} MB of {limit_mb} MB: Lambda would have killed it, as emulator up"
                " --enforce-memory does\n"
            )

    def _note_memory(self, peak_bytes: int) -> None:
        self._max_memory_bytes = max(self._max_memory_bytes, peak_bytes)
