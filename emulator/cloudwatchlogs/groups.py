"""Log groups and log streams: made, described and deleted.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
A function's group and streams are there once it has logged, as on AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emulator.cloudwatchlogs.errors import already_exists, invalid_parameter, not_found
from emulator.cloudwatchlogs.request import (
    Body,
    flag,
    group_name,
    integer,
    limit,
    stream_name,
    string,
)
from emulator.cloudwatchlogs.store import LogStore, make_stream, milliseconds

if TYPE_CHECKING:
    from emulator.clock import Clock

_PAGE = 50
_RETENTIONS = frozenset(
    (
        *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
        *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """What every call needs."""

    store: LogStore
    clock: Clock
    region: str
    account_id: str

    def group_arn(self, name: str) -> str:
        """Name a group."""
        return f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A log group that is there."""

    id: int
    name: str
    retention_days: int | None


def find(calling: Calling, name: str) -> Group:
    """Find a group.

    Raises:
        ServiceError: ``ResourceNotFoundException``.
    """
    calling.store.flush()
    with calling.store.database.reading() as connection:
        row = connection.execute(
            "SELECT id, retention_days FROM log_groups WHERE name = ?", (name,)
        ).fetchone()
    if row is None:
        raise not_found("log group")
    return Group(id=row[0], name=name, retention_days=row[1])


def find_stream(calling: Calling, group: Group, name: str) -> int:
    """Find a stream; give its id.

    Raises:
        ServiceError: ``ResourceNotFoundException``.
    """
    with calling.store.database.reading() as connection:
        row = connection.execute(
            "SELECT id FROM log_streams WHERE group_id = ? AND name = ?", (group.id, name)
        ).fetchone()
    if row is None:
        raise not_found("log stream")
    return int(row[0])


def kept_since(calling: Calling, group: Group) -> int:
    """Tell from when on events are there: older ones have expired by the group's retention."""
    if group.retention_days is None:
        return 0
    return milliseconds(calling.clock.now() - timedelta(days=group.retention_days))


def describe_log_groups(calling: Calling, body: Body) -> Body:
    """List groups by name, a page at a time."""
    prefix, pattern = string(body, "logGroupNamePrefix"), string(body, "logGroupNamePattern")
    if prefix and pattern:
        raise invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        )
    page = limit(body, most=_PAGE)
    calling.store.flush()
    with calling.store.database.reading() as connection:
        rows = connection.execute(
            "SELECT name, created, retention_days FROM log_groups WHERE name > ?"
            " AND substr(name, 1, ?) = ? AND instr(lower(name), lower(?)) ORDER BY name LIMIT ?",
            (
                string(body, "nextToken") or "",
                len(prefix or ""),
                prefix or "",
                pattern or "",
                page + 1,
            ),
        ).fetchall()
    answer: Body = {"logGroups": [_describe_group(calling, *row) for row in rows[:page]]}
    if len(rows) > page:
        answer["nextToken"] = rows[page - 1][0]
    return answer


def describe_log_streams(calling: Calling, body: Body) -> Body:
    """List the streams of a group, by name or by their latest event, a page at a time."""
    name, by_time = group_name(body), _is_by_time(body)
    group = find(calling, name)
    prefix = string(body, "logStreamNamePrefix") or ""
    if by_time and prefix:
        raise invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
    page = limit(body, most=_PAGE)
    descending = flag(body, "descending")
    order, sign = ("DESC", "<") if descending else ("ASC", ">")
    key = "coalesce(last_event, 0), name" if by_time else "name"
    values: list[Any] = [group.id, len(prefix), prefix]
    beyond = ""
    if token := string(body, "nextToken"):
        beyond = f" AND ({key}) {sign} ({'?, ?' if by_time else '?'})"
        values += _place(token) if by_time else [token]
    ordering = ", ".join(f"{part} {order}" for part in key.rsplit(", ", 1))
    with calling.store.database.reading() as connection:
        rows = connection.execute(
            "SELECT name, created, first_event, last_event, last_ingestion"  # noqa: S608 -- ours
            " FROM log_streams WHERE group_id = ? AND substr(name, 1, ?) = ?"
            f"{beyond} ORDER BY {ordering} LIMIT ?",
            (*values, page + 1),
        ).fetchall()
    streams = [_describe_stream(calling, group, *row) for row in rows[:page]]
    answer: Body = {"logStreams": streams}
    if len(rows) > page:
        last_name, _, _, last_event, _ = rows[page - 1]
        answer["nextToken"] = f"{last_event or 0}:{last_name}" if by_time else last_name
    return answer


def _is_by_time(body: Body) -> bool:
    order = string(body, "orderBy")
    if order not in {None, "LogStreamName", "LastEventTime"}:
        raise invalid_parameter(
            f"1 validation error detected: Value '{order}' at 'orderBy' failed to satisfy"
            " constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]"
        )
    return order == "LastEventTime"


def create_log_group(calling: Calling, body: Body) -> Body:
    """Make a group."""
    name = group_name(body)
    calling.store.flush()
    with calling.store.database.transaction() as connection:
        made = connection.execute(
            "INSERT OR IGNORE INTO log_groups (name, created) VALUES (?, ?)",
            (name, milliseconds(calling.clock.now())),
        )
        if made.rowcount == 0:
            raise already_exists("log group")
    return {}


def create_log_stream(calling: Calling, body: Body) -> Body:
    """Make a stream."""
    group, name = find(calling, group_name(body)), stream_name(body)
    with calling.store.database.transaction() as connection:
        if connection.execute(
            "SELECT 1 FROM log_streams WHERE group_id = ? AND name = ?", (group.id, name)
        ).fetchone():
            raise already_exists("log stream")
        make_stream(connection, group.name, name, milliseconds(calling.clock.now()))
    return {}


def delete_log_group(calling: Calling, body: Body) -> Body:
    """Delete a group and everything in it; a function's comes back when it logs again."""
    group = find(calling, group_name(body))
    with calling.store.database.transaction() as connection:
        connection.execute("DELETE FROM events WHERE group_id = ?", (group.id,))
        connection.execute("DELETE FROM log_streams WHERE group_id = ?", (group.id,))
        connection.execute("DELETE FROM log_groups WHERE id = ?", (group.id,))
        calling.store.forget_streams()
    return {}


def delete_log_stream(calling: Calling, body: Body) -> Body:
    """Delete a stream and everything in it."""
    group = find(calling, group_name(body))
    stream_id = find_stream(calling, group, stream_name(body))
    with calling.store.database.transaction() as connection:
        connection.execute("DELETE FROM events WHERE stream_id = ?", (stream_id,))
        connection.execute("DELETE FROM log_streams WHERE id = ?", (stream_id,))
        calling.store.forget_streams()
    return {}


def put_retention_policy(calling: Calling, body: Body) -> Body:
    """Let events of a group expire."""
    days = integer(body, "retentionInDays")
    if days not in _RETENTIONS:
        allowed = ", ".join(map(str, sorted(_RETENTIONS)))
        raise invalid_parameter(
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy"
            f" constraint: Member must satisfy enum value set: [{allowed}]"
        )
    return _set_retention(calling, body, days)


def delete_retention_policy(calling: Calling, body: Body) -> Body:
    """Let events of a group stay."""
    return _set_retention(calling, body, None)


def _set_retention(calling: Calling, body: Body, days: int | None) -> Body:
    group = find(calling, group_name(body))
    with calling.store.database.transaction() as connection:
        connection.execute(
            "UPDATE log_groups SET retention_days = ? WHERE id = ?", (days, group.id)
        )
    return {}


def _place(token: str) -> list[Any]:
    moment, _, name = token.partition(":")
    if not moment.isdecimal():
        raise invalid_parameter("The specified nextToken is invalid.")
    return [int(moment), name]


def _describe_group(calling: Calling, name: str, created: int, retention: int | None) -> Body:
    arn = calling.group_arn(name)
    description: Body = {
        "logGroupName": name,
        "creationTime": created,
        "metricFilterCount": 0,
        "arn": f"{arn}:*",
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
        "logGroupArn": arn,
    }
    return description if retention is None else {**description, "retentionInDays": retention}


def _describe_stream(calling: Calling, group: Group, name: str, created: int, *times: Any) -> Body:
    names = ("firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime")
    told = {key: value for key, value in zip(names, times, strict=True) if value is not None}
    return {
        "logStreamName": name,
        "creationTime": created,
        **told,
        "arn": f"{calling.group_arn(group.name)}:log-stream:{name}",
        "storedBytes": 0,
    }
