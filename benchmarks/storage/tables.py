"""DynamoDB: calls by key and by index at 100 and at 100,000 items, a whole scan, transactions.

boto3 is most of what a call by it costs; the rows without boto3 send the same bytes over a raw
socket.
"""

from __future__ import annotations

import socket
import threading
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.figures import rate_of, rate_row, row, times_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.storage.peers import Target

COUNT = 300
CLIENTS = 8
SMALL, LARGE = 100, 100_000
# Calls of stock moto that take seconds at 100,000 items are timed a few times only.
PATIENCE_SECONDS = 8.0
_BATCH = 25
_PER_GROUP = 10


def run(targets: list[Target]) -> None:
    """Print the rows."""
    for size in (SMALL, LARGE):
        _calls(targets, size)
    for name in ("get_item", "put_item"):
        for target in targets:
            _rate(target, name)
    for measure in (_raw, _raw_rate, _scan):
        for target in targets:
            measure(target)


def _calls(targets: list[Target], size: int) -> None:
    for target in targets:
        _fill(target, size)
    for name, make in _CALLS.items():
        for target in targets:
            call = make(target.client("dynamodb"), f"t{size}")
            row(f"{target.name}: {name}, {size} items", _times(call))


def _times(call: Callable[[], object]) -> list[float]:
    started = perf_counter()
    call()
    once = perf_counter() - started
    return times_of(call, max(2, min(COUNT, int(PATIENCE_SECONDS / once))))


def _fill(target: Target, size: int) -> None:
    client = target.client("dynamodb")
    attributes = [("id", "S"), ("group", "S"), ("n", "N")]
    client.create_table(
        TableName=f"t{size}",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in attributes
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_group",
                "KeySchema": [
                    {"AttributeName": "group", "KeyType": "HASH"},
                    {"AttributeName": "n", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    writers = [
        threading.Thread(target=_fill_part, args=(target, size, part)) for part in range(CLIENTS)
    ]
    started = perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    rate_row(f"{target.name}: items filled in by batches", size, perf_counter() - started)


def _fill_part(target: Target, size: int, part: int) -> None:
    client = target.client("dynamodb")
    numbers = range(part, size, CLIENTS)
    for start in range(0, len(numbers), _BATCH):
        puts = [{"PutRequest": {"Item": _item(n)}} for n in numbers[start : start + _BATCH]]
        client.batch_write_item(RequestItems={f"t{size}": puts})


def _item(number: int) -> dict[str, Any]:
    return {
        "id": {"S": f"item-{number:06}"},
        "group": {"S": f"group-{number // _PER_GROUP}"},
        "n": {"N": str(number)},
        "text": {"S": "x" * 100},
    }


def _get(client: Any, table: str) -> Callable[[], object]:
    return lambda: client.get_item(TableName=table, Key={"id": {"S": "item-000042"}})


def _put(client: Any, table: str) -> Callable[[], object]:
    return lambda: client.put_item(TableName=table, Item=_item(42))


def _update(client: Any, table: str) -> Callable[[], object]:
    return lambda: client.update_item(
        TableName=table,
        Key={"id": {"S": "item-000043"}},
        UpdateExpression="SET m = if_not_exists(m, :zero) + :one",
        ConditionExpression="attribute_exists(id)",
        ExpressionAttributeValues={":zero": {"N": "0"}, ":one": {"N": "1"}},
    )


def _query(client: Any, table: str) -> Callable[[], object]:
    return lambda: client.query(
        TableName=table,
        KeyConditionExpression="id = :id",
        ExpressionAttributeValues={":id": {"S": "item-000044"}},
    )


def _query_index(client: Any, table: str) -> Callable[[], object]:
    return lambda: client.query(
        TableName=table,
        IndexName="by_group",
        KeyConditionExpression="#g = :g",
        ExpressionAttributeNames={"#g": "group"},
        ExpressionAttributeValues={":g": {"S": "group-4"}},
    )


def _transact(client: Any, table: str) -> Callable[[], object]:
    parts = [{"Put": {"TableName": table, "Item": _item(number)}} for number in (45, 46)]
    return lambda: client.transact_write_items(TransactItems=parts)


def _first_page(client: Any, table: str) -> Callable[[], object]:
    return lambda: client.scan(TableName=table, Limit=50)


_CALLS = {
    "get_item": _get,
    "put_item": _put,
    "update_item with a condition": _update,
    "query by key, 1 item": _query,
    "query of an index, 10 items": _query_index,
    "transact_write_items, 2 puts": _transact,
    "scan, a page of 50": _first_page,
}


def _rate(target: Target, name: str) -> None:
    each = COUNT

    def make() -> Callable[[], object]:
        call = _CALLS[name](target.client("dynamodb"), f"t{LARGE}")
        call()
        return call

    rate_row(
        f"{target.name}: {name}, {CLIENTS} clients", CLIENTS * each, rate_of(make, CLIENTS, each)
    )


def _raw(target: Target) -> None:
    call = _raw_call(target)
    row(f"{target.name}: get_item, raw socket", times_of(call, COUNT * 3))


def _raw_rate(target: Target) -> None:
    seconds = rate_of(lambda: _raw_call(target), CLIENTS, COUNT)
    rate_row(f"{target.name}: get_item, raw socket, {CLIENTS} clients", CLIENTS * COUNT, seconds)


def _raw_call(target: Target) -> Callable[[], object]:
    """Make a call over a kept-alive socket, or one that connects anew where it is closed."""
    parts = urlsplit(target.url)
    body = b'{"TableName": "t%d", "Key": {"id": {"S": "item-000042"}}}' % LARGE
    head = (
        "POST / HTTP/1.1\r\n"
        f"Host: {parts.netloc}\r\n"
        "X-Amz-Target: DynamoDB_20120810.GetItem\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/dynamodb/aws4_request,"
        " SignedHeaders=host, Signature=0\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body
    kept: list[socket.socket] = []

    def call() -> None:
        connection = kept.pop() if kept else _connect(parts.hostname, parts.port)
        connection.sendall(request)
        answer = b""
        while b'"item-000042"' not in answer or not answer.endswith(b"}"):
            more = connection.recv(65_536)
            if not more:
                raise ConnectionError(answer)
            answer += more
        if answer.startswith(b"HTTP/1.1") and b"onnection: close" not in answer:
            kept.append(connection)
        else:
            connection.close()

    return call


def _connect(host: str | None, port: int | None) -> socket.socket:
    return socket.create_connection((str(host), port or 80), timeout=60)


def _scan(target: Target) -> None:
    client = target.client("dynamodb")
    started = perf_counter()
    count = sum(
        page["Count"] for page in client.get_paginator("scan").paginate(TableName=f"t{LARGE}")
    )
    if count != LARGE:
        raise RuntimeError(f"{target.name} has {count} items")
    print(f"{target.name + ': scan of everything':<58} {perf_counter() - started:8.2f} s")
    started = perf_counter()
    pages = client.get_paginator("scan").paginate(
        TableName=f"t{LARGE}",
        FilterExpression="n = :n",
        ExpressionAttributeValues={":n": {"N": "77"}},
    )
    found = sum(page["Count"] for page in pages)
    print(
        f"{target.name + ': scan of everything, filtered to ' + str(found):<58}"
        f" {perf_counter() - started:8.2f} s"
    )
