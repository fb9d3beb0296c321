"""DynamoDB Streams: the changes of a table in the order of their commits, for a day.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
A stream has one shard here, which is never split or closed; AWS promises order by item only, so a
reader that is right there is right here.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

from emulator.dynamodb.errors import resource_not_found, validation_error
from emulator.dynamodb.request import Body, integer, string
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.tables import StoredTable

RETENTION = timedelta(hours=24)
# Sequence numbers have at least 21 digits.
_FIRST_NUMBER = 100_000_000_000_000_000_000
_MAXIMUM_RECORDS = 1000
_MAXIMUM_STREAMS = 100
_ITERATOR_VALID_FOR = timedelta(minutes=15)
_STREAM_ARN = re.compile(r"arn:[^:]+:dynamodb:[^:]+:[0-9]+:table/[^/]+/stream/.+")
_RECORDS = """
SELECT sequence, record FROM stream_records
WHERE stream_arn = ? AND sequence > ? AND created_at > ? ORDER BY sequence LIMIT ?"""
# Also of records that are gone.
_LAST_ISSUED = "SELECT seq FROM sqlite_sequence WHERE name = 'stream_records'"
_LATEST = "SELECT coalesce(max(sequence), 0) FROM stream_records WHERE stream_arn = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Iterator:
    """Where a reader stands in a stream; it is the whole shard iterator."""

    stream_arn: str
    after: int
    created_at: float

    def __str__(self) -> str:
        content = json.dumps([self.after, self.created_at])
        return f"{self.stream_arn}|1|{base64.b64encode(content.encode()).decode()}"


def list_streams(engine: Engine, body: Body) -> Body:
    """List the streams, of one table or of all."""
    name = string(body, "TableName")
    limit = integer(body, "Limit") or _MAXIMUM_STREAMS
    start = string(body, "ExclusiveStartStreamArn") or ""
    tables = [
        table
        for table in sorted(engine.catalog.tables, key=lambda table: table.stream_arn)
        if table.stream_label and name in (None, table.name) and table.stream_arn > start
    ]
    answer: Body = {
        "Streams": [
            {
                "StreamArn": table.stream_arn,
                "TableName": table.name,
                "StreamLabel": table.stream_label,
            }
            for table in tables[:limit]
        ]
    }
    if len(tables) > limit:
        answer["LastEvaluatedStreamArn"] = tables[limit - 1].stream_arn
    return answer


def describe_stream(engine: Engine, body: Body) -> Body:
    """Describe a stream and its shard."""
    table = _find_stream(engine, body)
    shard = {
        "ShardId": _shard_id(table),
        "SequenceNumberRange": {"StartingSequenceNumber": str(_FIRST_NUMBER)},
    }
    started = string(body, "ExclusiveStartShardId")
    return {
        "StreamDescription": {
            "StreamArn": table.stream_arn,
            "StreamLabel": table.stream_label,
            "StreamStatus": "ENABLED" if table.stream_view_type else "DISABLED",
            "StreamViewType": table.stream_view_type or "NEW_AND_OLD_IMAGES",
            "CreationRequestDateTime": _switched_on(table).timestamp(),
            "TableName": table.name,
            "KeySchema": table.definition["KeySchema"],
            "Shards": [shard] if started is None else [],
        }
    }


def get_shard_iterator(engine: Engine, body: Body) -> Body:
    """Give a place in a shard to read from."""
    table = _find_stream(engine, body)
    if string(body, "ShardId") != _shard_id(table):
        raise resource_not_found("Requested resource not found: Shard does not exist")
    iterator_type: str = body["ShardIteratorType"]
    by_number = iterator_type.endswith("SEQUENCE_NUMBER")
    if not by_number and string(body, "SequenceNumber") is not None:
        raise validation_error(
            f"SequenceNumber cannot be specified when the ShardIteratorType is {iterator_type}"
        )
    after = 0
    if iterator_type == "LATEST":
        with engine.reading() as reader:
            [(after,)] = reader.connection.execute(_LATEST, (table.stream_arn,)).fetchall()
    elif by_number:
        after = _sequence(engine, body) - (iterator_type == "AT_SEQUENCE_NUMBER")
    iterator = _Iterator(
        stream_arn=table.stream_arn, after=after, created_at=engine.clock.now().timestamp()
    )
    return {"ShardIterator": str(iterator)}


def get_records(engine: Engine, body: Body) -> Body:
    """Read the records that follow a shard iterator."""
    iterator = _parse_iterator(body["ShardIterator"])
    limit = integer(body, "Limit") or _MAXIMUM_RECORDS
    now = engine.clock.now()
    if datetime.fromtimestamp(iterator.created_at, UTC) < now - _ITERATOR_VALID_FOR:
        raise ServiceError(
            "ExpiredIteratorException",
            "Iterator expired. The iterator was created more than 15 minutes ago",
        )
    oldest = (now - RETENTION).timestamp()
    with engine.reading() as reader:
        rows = reader.connection.execute(
            _RECORDS, (iterator.stream_arn, iterator.after, oldest, limit)
        ).fetchall()
    region = iterator.stream_arn.split(":")[3]
    last = rows[-1][0] if rows else iterator.after
    following = _Iterator(stream_arn=iterator.stream_arn, after=last, created_at=now.timestamp())
    return {
        "Records": [_record(sequence, json.loads(text), region) for sequence, text in rows],
        "NextShardIterator": str(following),
    }


def _record(sequence: int, record: dict[str, Any], region: str) -> dict[str, Any]:
    change = {**record.pop("dynamodb"), "SequenceNumber": str(_FIRST_NUMBER + sequence)}
    return {
        "eventID": f"{sequence:032x}",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        **record,
        "dynamodb": change,
    }


def _find_stream(engine: Engine, body: Body) -> StoredTable:
    arn: str = body["StreamArn"]
    if not _STREAM_ARN.fullmatch(arn):
        raise validation_error("Invalid StreamArn")
    table = engine.catalog.get(arn.partition("/stream/")[0])
    if table is None or table.stream_label is None or table.stream_arn != arn:
        raise resource_not_found(f"Requested resource not found: Stream: {arn} not found")
    return table


def _switched_on(table: StoredTable) -> datetime:
    return datetime.fromisoformat(f"{table.stream_label}+00:00")


def _shard_id(table: StoredTable) -> str:
    milliseconds = int(_switched_on(table).timestamp() * 1000)
    return f"shardId-{milliseconds:020d}-{crc32(table.table_id.encode()):08x}"


def _sequence(engine: Engine, body: Body) -> int:
    text = string(body, "SequenceNumber")
    if text is None or not text.isascii() or not text.isdigit():
        raise validation_error(
            "The SequenceNumber parameter is required and must be a sequence number when the "
            "ShardIteratorType is AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER"
        )
    number = int(text) - _FIRST_NUMBER
    with engine.reading() as reader:
        issued = reader.connection.execute(_LAST_ISSUED).fetchone()
    if not 0 <= number <= (0 if issued is None else issued[0]):
        raise validation_error(f"Invalid SequenceNumber: {text}")
    return number


def _parse_iterator(text: str) -> _Iterator:
    arn, _, content = text.partition("|1|")
    try:
        after, created_at = json.loads(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise validation_error("Invalid ShardIterator") from error
    return _Iterator(stream_arn=arn, after=int(after), created_at=float(created_at))
