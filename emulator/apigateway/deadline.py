"""The time limit of an integration: the client gets 504, the function goes on, as on AWS.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from emulator.apigateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.invocation import InvocationResult


def run_within(seconds: float, invoke: Callable[[], InvocationResult]) -> InvocationResult:
    """Wait for an invocation, but not longer than the integration may take.

    Raises:
        GatewayError: 504, and the invocation is left to its end.
    """
    future: Future[InvocationResult] = Future()
    # Nobody waits for it after the limit: it ends when the function does, or is killed with it.
    threading.Thread(target=_settle, args=(future, invoke), name="integration", daemon=True).start()
    try:
        return future.result(timeout=seconds)
    except TimeoutError as error:
        reason = f"the integration took longer than {seconds:g} s"
        raise GatewayError("INTEGRATION_TIMEOUT", reason) from error


def _settle(future: Future[InvocationResult], invoke: Callable[[], InvocationResult]) -> None:
    try:
        future.set_result(invoke())
    except Exception as error:  # noqa: BLE001 -- raised again in the thread that waits
        future.set_exception(error)
