"""Reading and writing events: GetLogEvents, FilterLogEvents, PutLogEvents.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
A page holds at most 10,000 events and 1 MB; FilterLogEvents looks at 10,000 events a call, so that
a page can be empty and have a token, as on AWS.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.awslambda import LogEvent
from emulator.cloudwatchlogs import groups
from emulator.cloudwatchlogs.batch import accepted
from emulator.cloudwatchlogs.errors import invalid_parameter
from emulator.cloudwatchlogs.filter_pattern import parse_filter_pattern
from emulator.cloudwatchlogs.request import (
    Body,
    Position,
    event_id,
    flag,
    group_name,
    integer,
    limit,
    position_of,
    stream_name,
    string,
    strings,
)
from emulator.cloudwatchlogs.store import milliseconds

if TYPE_CHECKING:
    from emulator.cloudwatchlogs.groups import Calling
    from emulator.cloudwatchlogs.store import StoredEvent

_PAGE = 10_000
_PAGE_BYTES = 1 << 20
_EVENT_OVERHEAD = 26
_LATEST = 2**62


def get_log_events(calling: Calling, body: Body) -> Body:
    """Give a page of one stream; without a token the latest one, or the first one."""
    group = groups.find(calling, group_name(body))
    stream_id = groups.find_stream(calling, group, stream_name(body))
    start, end = _period(calling, group, body)
    forward, position = _direction(body)
    page = limit(body, most=_PAGE)
    condition = "stream_id = ? AND timestamp >= ? AND timestamp < ?"
    order = "ASC" if forward else "DESC"
    beyond, values = "", [stream_id, start, end]
    if position is not None:
        sign = ">" if forward else "<"
        beyond = f" AND timestamp {sign}= ? AND (timestamp, number) {sign} (?, ?)"
        values += [position[0], *position]
    with calling.store.database.reading() as connection:
        found = calling.store.select(
            connection,
            f"WHERE {condition}{beyond} ORDER BY timestamp {order}, number {order}",
            values,
            page,
        )
    found = _within_bytes(found)
    if not forward:
        found.reverse()
    first, last = _ends(found, position)
    return {
        "events": [_output(event) for event in found],
        "nextForwardToken": f"f/{event_id(last)}/s",
        "nextBackwardToken": f"b/{event_id(first)}/s",
    }


def filter_log_events(calling: Calling, body: Body) -> Body:
    """Give a page of a group, in the order of time, of the events that match."""
    matches = parse_filter_pattern(string(body, "filterPattern") or "")
    group = groups.find(calling, group_name(body))
    start, end = _period(calling, group, body)
    condition, values = _streams(calling, group, body)
    token = string(body, "nextToken")
    position = (start, -1) if token is None else position_of(token)
    page = limit(body, most=_PAGE)
    # The end is part of the period here, other than in GetLogEvents.
    end = end + 1 if "endTime" in body else end
    with calling.store.database.reading() as connection:
        looked_at = calling.store.select(
            connection,
            f"WHERE {condition} AND timestamp >= ? AND timestamp < ?"
            " AND (timestamp, number) > (?, ?) ORDER BY timestamp, number",
            [*values, max(start, position[0]), end, *position],
            _PAGE,
        )
    found, last = _matching(looked_at, matches, page)
    answer: Body = {
        "events": [
            {
                "logStreamName": event.log_stream,
                **_output(event),
                "eventId": event_id((event.timestamp, event.number)),
            }
            for event in found
        ],
        "searchedLogStreams": [],
    }
    if last is not None and (len(looked_at) == _PAGE or last is not looked_at[-1]):
        answer["nextToken"] = event_id((last.timestamp, last.number))
    return answer


def put_log_events(calling: Calling, body: Body) -> Body:
    """Take events from outside; numbers of a sequence are ignored, as on AWS since 2023."""
    group = groups.find(calling, group_name(body))
    name = stream_name(body)
    groups.find_stream(calling, group, name)
    events = body.get("logEvents")
    if not isinstance(events, list) or not events:
        raise invalid_parameter(
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint:"
            " Member must have length greater than or equal to 1"
        )
    read = [_input(event) for event in events]
    now, kept_since = milliseconds(calling.clock.now()), groups.kept_since(calling, group)
    taken, rejected = accepted(read, now=now, kept_since=kept_since)
    for timestamp, message in taken:
        calling.store.write(
            LogEvent(
                function_name=group.name.removeprefix("/aws/lambda/"),
                request_id="",
                timestamp=datetime.fromtimestamp(timestamp / 1000, UTC),
                level=None,
                message=message,
                log_group=group.name,
                log_stream=name,
            )
        )
    answer: Body = {"nextSequenceToken": event_id((read[-1][0], 0))}
    return {**answer, "rejectedLogEventsInfo": rejected} if rejected else answer


def _input(event: Any) -> tuple[int, str]:
    if not isinstance(event, dict):
        raise invalid_parameter("logEvents must be objects")
    timestamp, message = integer(event, "timestamp"), string(event, "message")
    if timestamp is None or not 0 <= timestamp < 2**47 or not message:
        raise invalid_parameter(
            "an event needs a timestamp and a message of at least one character"
        )
    return timestamp, message


def _period(calling: Calling, group: groups.Group, body: Body) -> tuple[int, int]:
    start = integer(body, "startTime") or 0
    end = integer(body, "endTime")
    if start < 0 or (end is not None and end < 0):
        raise invalid_parameter("startTime and endTime must not be negative")
    return max(start, groups.kept_since(calling, group)), _LATEST if end is None else min(
        end, _LATEST
    )


def _direction(body: Body) -> tuple[bool, Position | None]:
    token = string(body, "nextToken")
    if token is None:
        return flag(body, "startFromHead"), None
    kind, _, rest = token.partition("/")
    if kind not in {"f", "b"}:
        raise invalid_parameter("The specified nextToken is invalid.")
    return kind == "f", position_of(rest.removesuffix("/s"))


def _ends(found: list[StoredEvent], position: Position | None) -> tuple[Position, Position]:
    """Give the places before and after a page: at the end, the place where one already was."""
    if not found:
        place = position or (0, 0)
        return place, place
    first, last = found[0], found[-1]
    return (first.timestamp, first.number), (last.timestamp, last.number)


def _streams(calling: Calling, group: groups.Group, body: Body) -> tuple[str, list[Any]]:
    """Give the condition that selects the streams."""
    names, prefix = strings(body, "logStreamNames"), string(body, "logStreamNamePrefix")
    if names and prefix is not None:
        raise invalid_parameter(
            "logStreamNames and logStreamNamePrefix cannot be specified at the same time"
        )
    if names:
        ids = [groups.find_stream(calling, group, name) for name in names]
        return f"group_id = ? AND stream_id IN ({', '.join('?' * len(ids))})", [group.id, *ids]
    if prefix:
        inner = "SELECT id FROM log_streams WHERE group_id = ? AND substr(name, 1, ?) = ?"
        return f"group_id = ? AND stream_id IN ({inner})", [
            *(group.id, group.id, len(prefix), prefix)
        ]
    return "group_id = ?", [group.id]


def _within_bytes(events: list[StoredEvent]) -> list[StoredEvent]:
    left = _PAGE_BYTES
    for count, event in enumerate(events):
        left -= len(event.message.encode("utf-8", "replace")) + _EVENT_OVERHEAD
        if left < 0 and count:
            return events[:count]
    return events


def _matching(
    looked_at: list[StoredEvent], matches: Any, page: int
) -> tuple[list[StoredEvent], StoredEvent | None]:
    """Give the events that match and fit on a page, and the last event that was looked at."""
    found: list[StoredEvent] = []
    last: StoredEvent | None = None
    left = _PAGE_BYTES
    for event in looked_at:
        if len(found) == page:
            break
        if matches(event.message):
            left -= len(event.message.encode("utf-8", "replace")) + _EVENT_OVERHEAD
            if left < 0 and found:
                break
            found.append(event)
        last = event
    return found, last


def _output(event: StoredEvent) -> Body:
    return {
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingested,
    }
