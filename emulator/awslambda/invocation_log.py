"""The log of one invocation: the function's own events between START, END and REPORT.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emulator.awslambda.logs import LogEvent

if TYPE_CHECKING:
    from emulator.application import Function
    from emulator.awslambda.logs import LogSink
    from emulator.awslambda.telemetry import LoggedText
    from emulator.clock import Clock

_TAIL_BYTES = 64 * 1024


class InvocationLog:
    """Passes events on as they come, and keeps the last of them for ``LogType=Tail``."""

    def __init__(self, function: Function, request_id: str, sink: LogSink, clock: Clock) -> None:
        self._function = function
        self._request_id = request_id
        self._sink = sink
        self._clock = clock
        self._kept = bytearray()

    @property
    def tail(self) -> bytes:
        """What was logged from START on, the last 64 kB of it."""
        return bytes(self._kept)

    def take(self, event: LoggedText) -> None:
        """Take an event of the function."""
        self._write(event.text, event.level)

    def init_start(self, version: str, region: str) -> None:
        """Tell of a cold start; AWS leaves it out of ``LogType=Tail``."""
        arn = f"arn:aws:lambda:{region}::runtime:emulated"
        self._send(f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {arn}\n", None)

    def init_report(self, milliseconds: float, error_type: str) -> None:
        """Tell of an initialization that failed."""
        self._send(
            f"INIT_REPORT Init Duration: {milliseconds:.2f} ms\tPhase: init"
            f"\tStatus: error\tError Type: {error_type}\n",
            None,
        )

    def start(self) -> None:
        """Tell of the beginning."""
        self._write(f"START RequestId: {self._request_id} Version: $LATEST\n")

    def platform(self, line: str) -> None:
        """Tell something that is Lambda's own."""
        if line:
            self._write(line)

    def end(
        self,
        *,
        milliseconds: float,
        init_milliseconds: float | None,
        max_memory_bytes: int,
        status: str,
    ) -> None:
        """Tell of the end, with what it took; the trailing tabs are AWS's."""
        memory_mb = self._function.memory_size_mb
        used_mb = min(math.ceil(max_memory_bytes / 2**20), memory_mb)
        # Since August 2025 a cold start is billed.
        billed = math.ceil(milliseconds + (init_milliseconds or 0))
        cold = "" if init_milliseconds is None else f"Init Duration: {init_milliseconds:.2f} ms\t"
        self._write(f"END RequestId: {self._request_id}\n")
        self._write(
            f"REPORT RequestId: {self._request_id}\tDuration: {milliseconds:.2f} ms"
            f"\tBilled Duration: {billed} ms\tMemory Size: {memory_mb} MB"
            f"\tMax Memory Used: {used_mb} MB\t{cold}{status}\n"
        )

    def _write(self, text: str, level: str | None = None) -> None:
        self._kept += (text if text.endswith("\n") else f"{text}\n").encode("utf-8", "replace")
        del self._kept[:-_TAIL_BYTES]
        self._send(text, level)

    def _send(self, text: str, level: str | None) -> None:
        self._sink.write(
            LogEvent(
                function_name=self._function.name,
                request_id=self._request_id,
                timestamp=self._clock.now(),
                level=level,
                message=text,
            )
        )
