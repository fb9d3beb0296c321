"""The trace as the control API tells it: a page of records, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.tracing.trace import Trace, TraceRecord


def trace_page(
    trace: Trace, trace_id: str | None, after: int, limit: int, wait_seconds: float
) -> dict[str, Any]:
    """Give the latest records, and where the next page begins.

    Args:
        trace: where they are.
        trace_id: the one trace to give whole, in the order of its beginnings; a request id names
            its trace, too.
        after: ``next`` of the page before; 0 begins.
        limit: how many of the latest records to give.
        wait_seconds: how long to wait for a record if there is none.
    """
    if trace_id is not None:
        found = trace.of(trace_id)
    else:
        found = trace.latest(after=after, seconds=wait_seconds)
    shown = found[-limit:] if limit else []
    return {
        "records": [_to_json(record) for record in shown],
        "next": max((record.number for record in found), default=after),
    }


def _to_json(record: TraceRecord) -> dict[str, Any]:
    return {
        "number": record.number,
        "time": record.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "traceId": record.trace_id,
        "source": record.source,
        "subject": record.subject,
        "outcome": record.outcome,
        "durationMs": round(record.duration_ms, 3),
        "reason": record.reason,
        "requestId": record.request_id,
    }
