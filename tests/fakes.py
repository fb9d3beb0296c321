"""Named fakes that the tests of several packages share."""

import threading
import time
from datetime import UTC, datetime, timedelta

from emulator.errors import ServiceError
from emulator.invocation import InvocationResult


class RecordingInvoker:
    """Records every invocation; ``unknown`` functions are refused as Lambda does."""

    def __init__(self, *, unknown=(), payload=b"null"):
        self.invocations = []
        self.unknown = set(unknown)
        self._payload = payload

    def invoke(self, invocation):
        self.invoke_async(invocation)
        return InvocationResult(
            request_id=invocation.request_id, payload=self._payload, function_error=None, log=b""
        )

    def invoke_async(self, invocation):
        if invocation.function_name in self.unknown:
            raise ServiceError(
                "ResourceNotFoundException",
                f"Function not found: {invocation.function_name}",
                status=404,
            )
        self.invocations.append(invocation)


class FakeClock:
    """Stands still until it is moved; tells its listeners, as ``ProcessClock`` does."""

    def __init__(self, now=datetime(2024, 5, 15, 10, tzinfo=UTC)):
        self._start = now
        self._listeners = []
        self.offset = timedelta()

    def now(self):
        return self._start + self.offset

    def on_move(self, listener):
        self._listeners.append(listener)

    def advance(self, delta):
        self.offset += delta
        for listener in self._listeners:
            listener()


def eventually(condition, timeout_seconds=10.0):
    """Wait until ``condition()`` is true and give what it returned; fail after the timeout."""
    deadline = time.monotonic() + timeout_seconds
    pause = threading.Event()
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {timeout_seconds} s: {condition}"
        pause.wait(0.005)
    return found
