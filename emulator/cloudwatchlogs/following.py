"""The log as ``emulator logs`` reads it: pages in the order of writing, and a wait for the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import timedelta

    from emulator.clock import Clock
    from emulator.cloudwatchlogs.store import LogStore, StoredEvent

_PAGE = 1000


def log_page(
    store: LogStore,
    clock: Clock,
    function_name: str | None,
    since: timedelta | None,
    after: int | None,
    wait_seconds: float,
) -> dict[str, Any]:
    """Give a page of the log, and where the next one begins.

    Args:
        store: where the log is.
        clock: the emulator's.
        function_name: whose log; ``None`` is everybody's.
        since: how far back, by the emulator's clock; ``None`` is everything that is kept.
        after: ``next`` of the page before; ``None`` begins.
        wait_seconds: how long to wait for something to be logged.
    """
    beginning = None if since is None else clock.now() - since
    if after is None:
        store.flush()
        after = 0 if beginning is None else store.first_since(beginning)
    if wait_seconds:
        events = store.wait_for(
            after=after, function_name=function_name, limit=_PAGE, seconds=wait_seconds
        )
    else:
        events = store.read(after=after, function_name=function_name, since=beginning, limit=_PAGE)
    return {
        "events": [_to_json(event) for event in events],
        "next": events[-1].number if events else after,
        "more": len(events) == _PAGE,
    }


def _to_json(event: StoredEvent) -> dict[str, Any]:
    when = datetime.fromtimestamp(event.timestamp / 1000, UTC)
    return {
        "timestamp": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "function": event.function_name,
        "requestId": event.request_id,
        "level": event.level,
        "message": event.message,
        "logGroup": event.log_group,
        "logStream": event.log_stream,
    }
