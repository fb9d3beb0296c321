"""Everything that happens is an ``Invocation``, answered by an ``InvocationResult``.

API Gateway, S3 notifications, schedules and the Invoke API only translate to and from these two.
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

FunctionError = Literal["Unhandled", "Handled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One event on its way to one function.

    Args:
        function_name: name of the function as the Invoke API knows it, without qualifier.
        payload: the event, UTF-8 JSON.
        request_id: UUID that the handler sees as ``context.aws_request_id``.
        source: who invokes, for logs and traces: ``api``, ``s3``, ``schedule``, ``invoke``.
        qualifier: a version or alias, as the caller wrote it; ``None`` without one.
        client_context: the decoded ``X-Amz-Client-Context``, JSON; ``None`` without one.
        trace_id: value of ``X-Amzn-Trace-Id``, for example ``Root=1-…;Sampled=0``.
    """

    function_name: str
    payload: bytes
    request_id: str
    source: str
    qualifier: str | None = None
    client_context: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationResult:
    """What the function answered.

    Args:
        payload: the response, or the error object when ``function_error`` is set; UTF-8 JSON.
        function_error: ``Unhandled`` when the function failed, else ``None``.
        log: everything that this invocation logged, START to REPORT, UTF-8.
        executed_version: ``$LATEST`` or the number of a version.
    """

    request_id: str
    payload: bytes
    function_error: FunctionError | None
    log: bytes
    executed_version: str = "$LATEST"


class Invoker(Protocol):
    """Runs functions; implemented by ``awslambda.LambdaService``, faked in tests."""

    def invoke(self, invocation: Invocation) -> InvocationResult:
        """Run the function and wait for its answer.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404) for an unknown function,
                ``TooManyRequestsException`` (429) when its reserved concurrency is used up.
        """

    def invoke_async(self, invocation: Invocation) -> None:
        """Accept an event: it is on disk when this returns, and is delivered at least once.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404) for an unknown function.
        """
