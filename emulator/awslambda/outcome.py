"""How an invocation that did not simply answer is told: the payloads and log lines of AWS.

Recorded from AWS in November 2025; https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
and the runtime interface emulator, https://github.com/aws/aws-lambda-runtime-interface-emulator.
"""

from __future__ import annotations

import json
import re
import signal
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.awslambda.platform_log import Status

LARGEST_RESPONSE_BYTES = 6_291_556
_PLATFORM_ERROR_TYPE = re.compile(r"(?:Runtime|Function)\.[A-Z]\w+")
_SIGNALS = {
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "aborted",
    signal.SIGTERM: "terminated",
    signal.SIGINT: "interrupt",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGILL: "illegal instruction",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an invocation.

    Args:
        status: and ``error_type``: what the REPORT line says, in the platform's words.
        log_line: what the platform logs before END, if anything.
        reusable: whether the environment can take another event.
    """

    payload: bytes
    failed: bool
    status: Status = "success"
    error_type: str | None = None
    log_line: str = ""
    reusable: bool = True


def answered(payload: bytes, *, failed: bool) -> Outcome:
    """Take what the runtime client sent, unless it is larger than Lambda takes."""
    if failed or len(payload) <= LARGEST_RESPONSE_BYTES:
        return Outcome(payload=payload, failed=failed)
    message = (
        "Response payload size exceeded maximum allowed payload size"
        f" ({LARGEST_RESPONSE_BYTES} bytes)."
    )
    document = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
    return Outcome(payload=json.dumps(document).encode(), failed=True)


def failed_initialization(payload: bytes, error_type: str) -> Outcome:
    """Tell of an error at import: the runtime client's own object."""
    return Outcome(
        payload=payload,
        failed=True,
        status="error",
        error_type=platform_error_type(error_type),
        reusable=False,
    )


def timed_out(request_id: str, timeout_seconds: int, now: str) -> Outcome:
    """Tell of a timeout; ``now`` is ISO 8601."""
    message = f"Task timed out after {timeout_seconds:.2f} seconds"
    return Outcome(
        payload=_error("Sandbox.Timedout", f"RequestId: {request_id} Error: {message}"),
        failed=True,
        status="timeout",
        log_line=f"{now} {request_id} {message}\n",
        reusable=False,
    )


def exited(request_id: str, code: int) -> Outcome:
    """Tell of a process that ended before it answered; ``code`` is negative for a signal."""
    return _ended(request_id, "Runtime.ExitError", f"Runtime {_reason(code)}")


def out_of_memory(request_id: str) -> Outcome:
    """Tell of a process that was killed because it took more memory than the function has."""
    return replace(exited(request_id, -signal.SIGKILL), error_type="Runtime.OutOfMemory")


def invalid_entrypoint(request_id: str, problem: str) -> Outcome:
    """Tell of a package that has no program to start."""
    return _ended(request_id, "Runtime.InvalidEntrypoint", problem)


def _ended(request_id: str, error_type: str, reason: str) -> Outcome:
    message = f"RequestId: {request_id} Error: {reason}"
    return Outcome(
        payload=_error(error_type, message),
        failed=True,
        status="error",
        error_type=error_type,
        log_line=f"{message}\n{error_type}\n",
        reusable=False,
    )


def platform_error_type(error_type: str) -> str:
    """Name an error as the REPORT line does, which knows the platform's own types only."""
    return error_type if _PLATFORM_ERROR_TYPE.fullmatch(error_type) else "Runtime.Unknown"


def _reason(code: int) -> str:
    if code == 0:
        return "exited without providing a reason"
    if code > 0:
        return f"exited with error: exit status {code}"
    return f"exited with error: signal: {_SIGNALS.get(signal.Signals(-code), str(-code))}"


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
