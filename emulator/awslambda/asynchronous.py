"""Asynchronous invocations: accepted into the outbox, tried again when the function fails.

    invoke_async ─► outbox ─► (pump) ─► attempt ─► answered ─► on-success destination
                                           │─ function error: again after 1 and 2 minutes ─┐
                                           └─ throttled: again after 1 s … 5 min, for 6 h ─┤
                              dead-letter queue, on-failure destination ◄── no more ───────┘

Every attempt bears the same request id.
Due times follow from due times, so that a clock that jumps an hour makes both retries happen.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from emulator.application import EventInvokeConfig
from emulator.awslambda.destinations import dead_letter, destination_message
from emulator.awslambda.logs import warning
from emulator.awslambda.qualifiers import LATEST
from emulator.awslambda.queued_invocation import decode
from emulator.errors import ServiceError
from emulator.outbox import Later
from emulator.tracing.ids import root_of

if TYPE_CHECKING:
    from emulator.application import Function
    from emulator.awslambda.destinations import Condition
    from emulator.awslambda.logs import LogSink
    from emulator.awslambda.queued_invocation import QueuedInvocation
    from emulator.clock import Clock
    from emulator.invocation import Invocation, InvocationResult
    from emulator.message import Message, Sender
    from emulator.tracing.trace import Trace

RECORD_KIND = "invocation"
_RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=2))
_LONGEST_BACKOFF = timedelta(minutes=5)
_LONGEST_AGE = timedelta(hours=6)
_THROTTLED = 429


class Functions(Protocol):
    """What asynchronous invocations need of the Lambda service."""

    def find(self, name: str, qualifier: str | None = None) -> Function:
        """Find a function; raises ``ServiceError`` without one."""

    def arn(self, name: str, qualifier: str | None = None) -> str:
        """Name a function."""

    def invoke(self, invocation: Invocation, *, awaited: bool) -> InvocationResult:
        """Run a function, of whose answer nobody may know, and wait for it."""


class Attempts:
    """Sees to it that each accepted event is handled, or told where it was not.

    Args:
        sender: reaches destinations and dead-letter queues.
        trace: whose current trace becomes that of the event.
    """

    def __init__(
        self,
        functions: Functions,
        *,
        clock: Clock,
        sender: Sender,
        log: LogSink,
        trace: Trace,
    ) -> None:
        self._functions = functions
        self._trace = trace
        self._clock = clock
        self._sender = sender
        self._log = log

    def attempt(self, content: bytes) -> Later | None:
        """Run an accepted event once; give when it is to be tried again, if it is."""
        queued = decode(content)
        with self._trace.following(root_of(queued.invocation.trace_id)):
            return self._attempt(queued)

    def _attempt(self, queued: QueuedInvocation) -> Later | None:
        invocation = queued.invocation
        try:
            function = self._functions.find(invocation.function_name, invocation.qualifier)
        except ServiceError as error:
            self._tell(queued, f"event dropped: {error.message}")
            return None
        if queued.expired:
            self._fail(function, queued, "EventAgeExceeded")
            return None
        if function.reserved_concurrency == 0:
            self._fail(function, queued, "ZeroReservedConcurrency")
            return None
        started = self._clock.now()
        try:
            result = self._functions.invoke(invocation, awaited=False)
        except ServiceError as error:
            return self._after_refusal(function, queued, error)
        if result.function_error is not None:
            took = max(self._clock.now() - started, timedelta())
            return self._after_error(function, queued, result, took)
        self._succeed(function, queued, result)
        return None

    def _after_error(
        self,
        function: Function,
        queued: QueuedInvocation,
        result: InvocationResult,
        took: timedelta,
    ) -> Later | None:
        again = replace(
            queued,
            attempts=queued.attempts + 1,
            last_response=result.payload.decode(errors="replace"),
            last_version=result.executed_version,
        )
        if again.attempts > _config(function, queued).maximum_retry_attempts:
            self._fail(function, again, "RetriesExhausted")
            return None
        delay = _RETRY_DELAYS[min(again.attempts, len(_RETRY_DELAYS)) - 1]
        return self._later(function, again, took + delay)

    def _after_refusal(
        self, function: Function, queued: QueuedInvocation, error: ServiceError
    ) -> Later | None:
        if error.status != _THROTTLED and error.status < 500:  # noqa: PLR2004 -- a server's error
            self._tell(queued, f"event dropped: {error.message}")
            return None
        delay = min(timedelta(seconds=2 ** min(queued.throttles, 20)), _LONGEST_BACKOFF)
        return self._later(function, replace(queued, throttles=queued.throttles + 1), delay)

    def _later(self, function: Function, queued: QueuedInvocation, delay: timedelta) -> Later:
        """Keep an event until its next attempt, or until it is too old for one."""
        age = _config(function, queued).maximum_event_age or _LONGEST_AGE
        due_at, end = queued.due_at + delay, queued.accepted_at + age
        again = replace(queued, due_at=min(due_at, end), expired=due_at > end)
        return Later(at=again.due_at, content=again.encode())

    def _succeed(
        self, function: Function, queued: QueuedInvocation, result: InvocationResult
    ) -> None:
        arn = _config(function, queued).on_success_arn
        if arn is not None:
            answered = replace(
                queued,
                attempts=queued.attempts + 1,
                last_response=result.payload.decode(errors="replace"),
                last_version=result.executed_version,
            )
            self._send_result(arn, answered, "Success")

    def _fail(self, function: Function, queued: QueuedInvocation, condition: Condition) -> None:
        dead_letter_arn = function.dead_letter_target_arn
        on_failure_arn = _config(function, queued).on_failure_arn
        if dead_letter_arn is not None:
            self._send(dead_letter_arn, queued, dead_letter(queued))
        if on_failure_arn is not None:
            self._send_result(on_failure_arn, queued, condition)
        if dead_letter_arn is None and on_failure_arn is None:
            self._tell(queued, f"event dropped after {queued.attempts} attempts: {condition}")

    def _send_result(self, arn: str, queued: QueuedInvocation, condition: Condition) -> None:
        invocation = queued.invocation
        message = destination_message(
            arn,
            queued,
            condition,
            function_arn=self._functions.arn(
                invocation.function_name, invocation.qualifier or LATEST
            ),
            now=self._clock.now(),
            invoke_count=queued.attempts,
        )
        self._send(arn, queued, message)

    def _send(self, arn: str, queued: QueuedInvocation, message: Message) -> None:
        """Deliver; what cannot be is lost, as on AWS, but told."""
        try:
            self._sender.send(arn, message)
        except ServiceError as error:
            self._tell(queued, f"{arn} did not take the event: {error.message}")

    def _tell(self, queued: QueuedInvocation, message: str) -> None:
        invocation = queued.invocation
        self._log.write(
            warning(
                invocation.function_name,
                message,
                self._clock.now(),
                request_id=invocation.request_id,
            )
        )


def record_kind(function_name: str) -> str:
    """Name the records of a function: each has workers of its own, so that none starves another."""
    return f"{RECORD_KIND}-{function_name}"


def _config(function: Function, queued: QueuedInvocation) -> EventInvokeConfig:
    qualifier = queued.invocation.qualifier or LATEST
    configs = {config.qualifier: config for config in function.event_invoke}
    return configs.get(qualifier, EventInvokeConfig())
