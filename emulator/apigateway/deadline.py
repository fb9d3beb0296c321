"""The time limit of an integration: the client gets 504, the function goes on, as on AWS.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from emulator.apigateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.invocation import InvocationResult
    from emulator.stopwatch import Stopwatch

_LOOK_AGAIN_SECONDS = 0.2


def run_within(
    seconds: float, invoke: Callable[[], InvocationResult], stopwatch: Stopwatch
) -> InvocationResult:
    """Wait for an invocation, but not longer than the integration may take by the stopwatch.

    Raises:
        GatewayError: 504, and the invocation is left to its end.
    """
    future: Future[InvocationResult] = Future()
    # Nobody waits for it after the limit: it ends when the function does, or is killed with it.
    threading.Thread(target=_settle, args=(future, invoke), name="integration", daemon=True).start()
    deadline = stopwatch.seconds() + seconds
    while not future.done() and (left := deadline - stopwatch.seconds()) > 0:
        wait([future], max(left, _LOOK_AGAIN_SECONDS) if stopwatch.is_held else left)
    if not future.done():
        reason = f"the integration took longer than {seconds:g} s"
        raise GatewayError("INTEGRATION_TIMEOUT", reason)
    return future.result()


def _settle(future: Future[InvocationResult], invoke: Callable[[], InvocationResult]) -> None:
    try:
        future.set_result(invoke())
    except Exception as error:  # noqa: BLE001 -- raised again in the thread that waits
        future.set_exception(error)
