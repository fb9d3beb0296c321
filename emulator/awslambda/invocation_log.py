"""The log of one invocation: the function's own events, and what Lambda writes around them.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.awslambda.logs import LogEvent
from emulator.awslambda.platform_log import JsonLog, TextLog

if TYPE_CHECKING:
    from emulator.application import Function
    from emulator.awslambda.logs import LogSink
    from emulator.awslambda.platform_log import Phase, PlatformLog, Report, Status
    from emulator.awslambda.telemetry import LoggedText
    from emulator.clock import Clock

_TAIL_BYTES = 64 * 1024
_RUNTIME = re.compile(r"(?P<name>[a-z]+)\.?(?P<version>[\w.]*?)(?:\.x)?")


class InvocationLog:
    """Passes events on as they come, and keeps the last of them for ``LogType=Tail``."""

    def __init__(
        self, function: Function, request_id: str, log_stream: str, sink: LogSink, clock: Clock
    ) -> None:
        self._function = function
        self._log_group = function.logging.log_group or f"/aws/lambda/{function.name}"
        self._log_stream = log_stream
        self._request_id = request_id
        self._sink = sink
        self._clock = clock
        self._kept = bytearray()
        self._platform: PlatformLog = TextLog()
        if function.logging.log_format == "JSON":
            self._platform = JsonLog(clock.now, function.logging.system_log_level)

    @property
    def tail(self) -> bytes:
        """What was logged from START on, the last 64 kB of it."""
        return bytes(self._kept)

    def take(self, event: LoggedText) -> None:
        """Take an event of the function."""
        self._write(event.text, event.level)

    def init_start(self, region: str) -> None:
        """Tell of a cold start; AWS leaves it out of ``LogType=Tail``."""
        arn = f"arn:aws:lambda:{region}::runtime:emulated"
        for text in self._platform.init_start(_runtime_version(self._function.runtime), arn):
            self._send(text, None)

    def init_report(
        self, milliseconds: float, phase: Phase, status: Status, error_type: str | None
    ) -> None:
        """Tell how an initialization went."""
        for text in self._platform.init_report(milliseconds, phase, status, error_type):
            self._send(text, None)

    def start(self, version: str) -> None:
        """Tell of the beginning."""
        for text in self._platform.start(self._request_id, version):
            self._write(text)

    def platform(self, line: str) -> None:
        """Tell something that is Lambda's own."""
        if line:
            self._write(line)

    def warn(self, message: str) -> None:
        """Tell something that Lambda would not, and that is no part of its log."""
        self._send(message, "WARN")

    def end(self, report: Report) -> None:
        """Tell of the end, with what it took."""
        for text in self._platform.end(report):
            self._write(text)

    def _write(self, text: str, level: str | None = None) -> None:
        # As recorded: an event without a line feed and the next one are in one line.
        self._kept += text.encode("utf-8", "replace")
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
                log_group=self._log_group,
                log_stream=self._log_stream,
            )
        )


def _runtime_version(runtime: str) -> str:
    """Write ``python3.13`` as ``python:3.13``; AWS adds the number of its build."""
    match = _RUNTIME.fullmatch(runtime)
    return f"{match['name']}:{match['version']}" if match and match["version"] else runtime
