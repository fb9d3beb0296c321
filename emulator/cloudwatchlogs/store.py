"""Keeps what functions log: takes events from many threads, gives them back in order.

Writing is done by a thread, in batches; whoever reads sees everything that was written before.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from emulator.awslambda import LogBatches
from emulator.cloudwatchlogs.database import LogDatabase

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from emulator.awslambda import LogEvent
    from emulator.clock import Clock

LARGEST_BYTES = 256 * 2**20
_KNOWN_STREAMS = 1000
_COLUMNS = """events.number, events.timestamp, events.ingested, events.function_name,
    events.request_id, events.level, events.message,
    (SELECT name FROM log_groups WHERE id = events.group_id),
    (SELECT name FROM log_streams WHERE id = events.stream_id)"""
_INSERT = """INSERT INTO events
    (group_id, stream_id, timestamp, ingested, function_name, request_id, level, message)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event with its number; times are in milliseconds since 1970."""

    number: int
    timestamp: int
    ingested: int
    function_name: str
    request_id: str
    level: str | None
    message: str
    log_group: str | None
    log_stream: str | None


class LogStore:
    """The log of an application; a ``LogSink``.

    Args:
        file: of the database; made if it is not there.
        largest_bytes: how much is kept.
    """

    def __init__(self, file: Path, clock: Clock, *, largest_bytes: int = LARGEST_BYTES) -> None:
        self._clock = clock
        self.database = LogDatabase(file, largest_bytes=largest_bytes)
        self._streams: dict[tuple[str, str], tuple[int, int]] = {}
        self._batches = LogBatches("log store", self._keep)
        self._arrival = threading.Condition()
        self._stopped = False

    def write(self, event: LogEvent) -> None:
        """Take one event."""
        self._batches.write(event)

    def flush(self) -> None:
        """Wait until everything that was written before can be read."""
        self._batches.flush()

    def stop(self) -> None:
        """Keep the rest and close; twice does no harm."""
        self._batches.stop()
        with self._arrival:
            self._stopped = True
            self._arrival.notify_all()
        self.database.close()

    def clear(self) -> None:
        """Forget everything; numbers go on, so that whoever follows the log still does."""
        self.flush()
        with self.database.transaction() as connection:
            self._streams.clear()
            for table in ("events", "log_streams", "log_groups"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 -- the three names above

    def read(
        self, *, after: int, function_name: str | None, since: datetime | None, limit: int
    ) -> list[StoredEvent]:
        """Read events in the order in which they came, a page at a time."""
        conditions, values = ["number > ?"], [after]
        if function_name is not None:
            conditions.append("function_name = ?")
            values.append(function_name)  # type: ignore[arg-type]  # a mixed list of values
        if since is not None:
            conditions.append("timestamp >= ?")
            values.append(milliseconds(since))
        with self.database.reading() as connection:
            return self.select(
                connection, f"WHERE {' AND '.join(conditions)} ORDER BY number", values, limit
            )

    def first_since(self, since: datetime) -> int:
        """Give the number before the first event of that time or later, by way of the index."""
        with self.database.reading() as connection:
            groups = connection.execute("SELECT id FROM log_groups").fetchall()
            found = [
                connection.execute(
                    "SELECT min(number) FROM (SELECT number FROM events"
                    " WHERE group_id IS ? AND timestamp >= ?)",
                    (group, milliseconds(since)),
                ).fetchone()[0]
                for group in (None, *(row[0] for row in groups))
            ]
        return min((number for number in found if number is not None), default=1) - 1

    def wait_for(
        self, *, after: int, function_name: str | None, limit: int, seconds: float
    ) -> list[StoredEvent]:
        """Read what came after, and wait for it if there is nothing yet."""
        deadline = monotonic() + seconds
        with self._arrival:
            while not self._stopped:
                found = self.read(after=after, function_name=function_name, since=None, limit=limit)
                left = deadline - monotonic()
                if found or left <= 0:
                    return found
                self._arrival.wait(left)
        return []

    def has_logged(self, function_name: str) -> bool:
        """Tell whether anything of a function is kept."""
        return bool(self.read(after=0, function_name=function_name, since=None, limit=1))

    def select(
        self, connection: sqlite3.Connection, rest: str, values: Iterable[object], limit: int
    ) -> list[StoredEvent]:
        """Read events; ``rest`` is what follows ``FROM events``."""
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM events {rest} LIMIT ?",  # noqa: S608 -- of this package only
            (*values, limit),
        )
        return [
            StoredEvent(
                number=number,
                timestamp=timestamp,
                ingested=ingested,
                function_name=function_name,
                request_id=request_id,
                level=level,
                message=message,
                log_group=log_group,
                log_stream=log_stream,
            )
            for (
                number,
                timestamp,
                ingested,
                function_name,
                request_id,
                level,
                message,
                log_group,
                log_stream,
            ) in rows
        ]

    def _keep(self, batch: Sequence[LogEvent]) -> None:
        now = milliseconds(self._clock.now())
        with self.database.transaction() as connection:
            for event in batch:
                ids = self._stream_of(connection, event, now)
                connection.execute(
                    _INSERT,
                    (
                        *ids,
                        milliseconds(event.timestamp),
                        now,
                        event.function_name,
                        event.request_id,
                        event.level,
                        event.message,
                    ),
                )
            _note_latest(connection, len(batch))
        if self.database.forget_oldest():
            self.forget_streams()
        with self._arrival:
            self._arrival.notify_all()

    def _stream_of(
        self, connection: sqlite3.Connection, event: LogEvent, now: int
    ) -> tuple[int | None, int | None]:
        """Give the group and stream of an event, made when it is the first one."""
        if event.log_group is None or event.log_stream is None:
            return None, None  # the emulator's own words; AWS's log has no such thing
        key = (event.log_group, event.log_stream)
        if key not in self._streams:
            if len(self._streams) > _KNOWN_STREAMS:
                self._streams.clear()
            self._streams[key] = make_stream(connection, *key, now)
        return self._streams[key]

    def forget_streams(self) -> None:
        """Look streams up again; to be called when some were deleted."""
        self._streams.clear()


def make_stream(
    connection: sqlite3.Connection, group: str, stream: str, now: int
) -> tuple[int, int]:
    """Give the ids of a group and a stream, making what is not there."""
    connection.execute(
        "INSERT OR IGNORE INTO log_groups (name, created) VALUES (?, ?)", (group, now)
    )
    (group_id,) = connection.execute(
        "SELECT id FROM log_groups WHERE name = ?", (group,)
    ).fetchone()
    connection.execute(
        "INSERT OR IGNORE INTO log_streams (group_id, name, created) VALUES (?, ?, ?)",
        (group_id, stream, now),
    )
    (stream_id,) = connection.execute(
        "SELECT id FROM log_streams WHERE group_id = ? AND name = ?", (group_id, stream)
    ).fetchone()
    return group_id, stream_id


def milliseconds(moment: datetime) -> int:
    """Write a time as CloudWatch Logs does."""
    return round(moment.timestamp() * 1000)


def _note_latest(connection: sqlite3.Connection, count: int) -> None:
    """Bring the streams of the last ``count`` events up to date."""
    (last,) = connection.execute("SELECT max(number) FROM events").fetchone()
    connection.execute(
        """UPDATE log_streams SET
            first_event = min(coalesce(first_event, new.earliest), new.earliest),
            last_event = max(coalesce(last_event, new.latest), new.latest),
            last_ingestion = new.ingested, last_number = new.number
        FROM (SELECT stream_id, min(timestamp) AS earliest, max(timestamp) AS latest,
                max(ingested) AS ingested, max(number) AS number
            FROM events WHERE number > ? GROUP BY stream_id) AS new
        WHERE log_streams.id = new.stream_id""",
        (last - count,),
    )
