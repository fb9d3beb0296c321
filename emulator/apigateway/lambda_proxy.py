"""The Lambda proxy integration: invokes a function with the request and reads its response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.apigateway.deadline import run_within
from emulator.apigateway.errors import GatewayError
from emulator.apigateway.proxy_event import to_event
from emulator.apigateway.proxy_result import to_response
from emulator.errors import ServiceError
from emulator.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.apigateway.context import RequestContext
    from emulator.apigateway.method import MethodResponse
    from emulator.application import LambdaProxyIntegration
    from emulator.invocation import InvocationResult, Invoker
    from emulator.stopwatch import Stopwatch

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB and 100 bytes.
EVENT_LIMIT_BYTES = 6 * 1024 * 1024 + 100
# A cold start may take ten seconds before the function's own timeout begins.
_INIT_SECONDS = 10

_FAILURES = {
    # Lambda's 429 becomes 500: https://repost.aws/questions/QUfI6bsdd0SOiPeyimzxSkfQ
    "TooManyRequestsException": ("INTEGRATION_FAILURE", 500),
    # The function cannot run on this machine: the terminal says why.
    "InvalidRuntimeException": ("INTEGRATION_FAILURE", 502),
    "RequestEntityTooLargeException": ("REQUEST_TOO_LARGE", None),
}


class LambdaProxy:
    """Runs the functions of Lambda proxy integrations.

    Args:
        timeouts: ``Timeout`` of each function by name, in seconds.
        stopwatch: what time limits go by.
    """

    def __init__(self, invoker: Invoker, timeouts: Mapping[str, int], stopwatch: Stopwatch) -> None:
        self._invoker = invoker
        self._stopwatch = stopwatch
        self._timeouts = timeouts

    def run(self, integration: LambdaProxyIntegration, context: RequestContext) -> MethodResponse:
        """Answer a request by its function.

        Raises:
            GatewayError: the function failed, took too long or returned no response.
        """
        invocation = Invocation(
            function_name=integration.function_name,
            qualifier=integration.qualifier,
            payload=to_event(context),
            request_id=context.ids.invocation_id,
            source="api",
            trace_id=context.segment_trace_id,
        )
        if len(invocation.payload) > EVENT_LIMIT_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE", "the event is larger than Lambda takes")
        result = self._invoke(invocation, integration.timeout_milliseconds / 1000)
        return to_response(result, context)

    def _invoke(self, invocation: Invocation, limit_seconds: float) -> InvocationResult:
        timeout = self._timeouts.get(invocation.function_name, 0)
        try:
            if timeout + _INIT_SECONDS <= limit_seconds:
                # Lambda ends it before the limit does: the request's own thread can wait.
                return self._invoker.invoke(invocation)
            return run_within(
                limit_seconds, lambda: self._invoker.invoke(invocation), self._stopwatch
            )
        except ServiceError as error:
            # A function that is not there, or may not be invoked, is a mistake in the definition.
            kind, status_code = _FAILURES.get(error.code, ("API_CONFIGURATION_ERROR", None))
            raise GatewayError(kind, error.message, status_code=status_code) from error
