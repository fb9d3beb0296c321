"""What Lambda itself writes into a function's log: INIT_START, START, END, REPORT, INIT_REPORT.

As text lines, or as records of JSON where ``LoggingConfig`` asks for it and its system log level
lets them through.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
Left out are spans, and the records of extensions.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from emulator.tracing.ids import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

Phase = Literal["init", "invoke"]
Status = Literal["success", "error", "timeout"]

_LEVELS = ("DEBUG", "INFO", "WARN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an invocation took.

    Args:
        init_milliseconds: of a cold start whose initialization went well.
        error_type: in the platform's words, for example ``Runtime.ExitError``.
        produced_bytes: size of the response.
        trace_id: ``Root=…;Parent=…;Sampled=1``, if X-Ray samples it.
    """

    request_id: str
    milliseconds: float
    init_milliseconds: float | None
    memory_size_mb: int
    max_memory_used_mb: int
    status: Status
    error_type: str | None
    produced_bytes: int
    trace_id: str | None = None

    @property
    def billed_milliseconds(self) -> int:
        """Round up; since August 2025 a cold start is billed, too."""
        return math.ceil(self.milliseconds + (self.init_milliseconds or 0))


class PlatformLog(Protocol):
    """Writes the platform's events; each method gives the texts to log, if any."""

    def init_start(self, runtime_version: str, arn: str) -> list[str]:
        """Tell of a cold start."""

    def init_report(
        self, milliseconds: float, phase: Phase, status: Status, error_type: str | None
    ) -> list[str]:
        """Tell of an initialization; ``invoke`` is one that is done again in an invocation."""

    def start(self, request_id: str, version: str) -> list[str]:
        """Tell of the beginning of an invocation."""

    def end(self, report: Report) -> list[str]:
        """Tell of its end, and what it took."""


class TextLog:
    """Lines, with the trailing tabs that AWS leaves."""

    def init_start(self, runtime_version: str, arn: str) -> list[str]:
        """Write INIT_START."""
        return [f"INIT_START Runtime Version: {runtime_version}\tRuntime Version ARN: {arn}\n"]

    def init_report(
        self, milliseconds: float, phase: Phase, status: Status, error_type: str | None
    ) -> list[str]:
        """Write INIT_REPORT, which is left out when all went well."""
        if status == "success":
            return []
        ending = _status(status, error_type)
        return [f"INIT_REPORT Init Duration: {milliseconds:.2f} ms\tPhase: {phase}\t{ending}\n"]

    def start(self, request_id: str, version: str) -> list[str]:
        """Write START."""
        return [f"START RequestId: {request_id} Version: {version}\n"]

    def end(self, report: Report) -> list[str]:
        """Write END and REPORT."""
        init = report.init_milliseconds
        cold = "" if init is None else f"Init Duration: {init:.2f} ms\t"
        line = (
            f"REPORT RequestId: {report.request_id}\tDuration: {report.milliseconds:.2f} ms"
            f"\tBilled Duration: {report.billed_milliseconds} ms"
            f"\tMemory Size: {report.memory_size_mb} MB"
            f"\tMax Memory Used: {report.max_memory_used_mb} MB"
            f"\t{cold}{_status(report.status, report.error_type)}\n"
        )
        return [f"END RequestId: {report.request_id}\n", line + _xray(report.trace_id)]


class JsonLog:
    """Records of JSON; those of success that tell little are of level DEBUG.

    Args:
        level: ``SystemLogLevel`` of the function: DEBUG, INFO or WARN.
    """

    def __init__(self, now: Callable[[], datetime], level: str | None) -> None:
        self._now = now
        self._least = _LEVELS.index(level) if level in _LEVELS else 1

    def init_start(self, runtime_version: str, arn: str) -> list[str]:
        """Write ``platform.initStart``."""
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": runtime_version,
            "runtimeVersionArn": arn,
        }
        return self._record("initStart", "INFO", record)

    def init_report(
        self, milliseconds: float, phase: Phase, status: Status, error_type: str | None
    ) -> list[str]:
        """Write ``platform.initRuntimeDone`` and ``platform.initReport``."""
        level = "DEBUG" if status == "success" else "WARN"
        done = {"initializationType": "on-demand", "phase": phase, **_outcome(status, error_type)}
        report = {**done, "metrics": {"durationMs": round(milliseconds, 3)}}
        return [
            *self._record("initRuntimeDone", level, done),
            *self._record("initReport", level, report),
        ]

    def start(self, request_id: str, version: str) -> list[str]:
        """Write ``platform.start``."""
        return self._record("start", "INFO", {"requestId": request_id, "version": version})

    def end(self, report: Report) -> list[str]:
        """Write ``platform.runtimeDone`` and ``platform.report``."""
        failed = report.status != "success"
        outcome = _outcome(report.status, report.error_type)
        metrics = {
            "durationMs": round(report.milliseconds, 3),
            "billedDurationMs": report.billed_milliseconds,
            "memorySizeMB": report.memory_size_mb,
            "maxMemoryUsedMB": report.max_memory_used_mb,
        }
        if report.init_milliseconds is not None:
            metrics["initDurationMs"] = round(report.init_milliseconds, 3)
        if report.trace_id is not None:
            segment = parts_of(report.trace_id)["Parent"]
            tracing = {"spanId": segment, "type": "X-Amzn-Trace-Id", "value": report.trace_id}
            outcome |= {"tracing": tracing}
        done = {"durationMs": metrics["durationMs"], "producedBytes": report.produced_bytes}
        name = {"requestId": report.request_id}
        return [
            *self._record(
                "runtimeDone", "WARN" if failed else "DEBUG", {**name, **outcome, "metrics": done}
            ),
            *self._record(
                "report", "WARN" if failed else "INFO", {**name, "metrics": metrics, **outcome}
            ),
        ]

    def _record(self, kind: str, level: str, record: dict[str, Any]) -> list[str]:
        if _LEVELS.index(level) < self._least:
            return []
        time = f"{self._now():%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        document = {"time": time, "type": f"platform.{kind}", "record": record}
        return [json.dumps(document, separators=(",", ":")) + "\n"]


def _status(status: Status, error_type: str | None) -> str:
    if status == "success":
        return ""
    return f"Status: {status}" + (f"\tError Type: {error_type}" if error_type else "")


def _xray(trace_id: str | None) -> str:
    if trace_id is None:
        return ""
    parts = parts_of(trace_id)
    return f"XRAY TraceId: {parts['Root']}\tSegmentId: {parts['Parent']}\tSampled: true\t\n"


def _outcome(status: Status, error_type: str | None) -> dict[str, Any]:
    return {"status": status, **({"errorType": error_type} if error_type else {})}
