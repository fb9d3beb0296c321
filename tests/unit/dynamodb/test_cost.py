"""What an operation costs, counted in the steps of SQLite's virtual machine, not in time.

https://www.sqlite.org/c3ref/progress_handler.html
"""

import tracemalloc
from contextlib import contextmanager

import pytest
from dynamodb_calls import ORDERS, Client, make_service, order

SMALL, LARGE = 50, 2000
FEW_MORE = 1.5


@pytest.fixture
def sized(tmp_path):
    """Two services that differ in nothing but how many orders they hold."""
    services = {}
    for size in (SMALL, LARGE):
        services[size] = make_service(tmp_path / str(size), ORDERS)
        services[size].start()
        fill(Client(services[size]), size)
    yield services
    for service in services.values():
        service.stop()


def fill(client, size):
    for start in range(0, size, 25):
        puts = [
            {"PutRequest": {"Item": an_order(number)}}
            for number in range(start, min(start + 25, size))
        ]
        client("BatchWriteItem", RequestItems={"Orders": puts})


def an_order(number):
    return order(
        f"customer {number // 10}",
        number,
        state={"S": f"state {number // 10}"},
        day={"S": f"day {number % 10}"},
    )


@contextmanager
def counted_steps(service):
    """Count the virtual machine's steps on every connection."""
    steps = []
    database = service._running.database
    with database.reading():
        pass
    connections = [database._writer, *database._readers]
    for connection in connections:
        connection.set_progress_handler(lambda: steps.append(1), 1)
    yield steps
    for connection in connections:
        connection.set_progress_handler(None, 1)


KEY = order("customer 2", 22)
OPERATIONS = {
    "get": ("GetItem", {"Key": KEY}),
    "put": ("PutItem", {"Item": an_order(22)}),
    "put of a new item": ("PutItem", {"Item": order("new", 1, state={"S": "x"}, day={"S": "y"})}),
    "delete": ("DeleteItem", {"Key": KEY}),
    "update": (
        "UpdateItem",
        {
            "Key": KEY,
            "UpdateExpression": "SET #s = :s",
            "ExpressionAttributeNames": {"#s": "state"},
            "ExpressionAttributeValues": {":s": {"S": "other"}},
        },
    ),
    "query": (
        "Query",
        {
            "KeyConditionExpression": "customer = :c",
            "ExpressionAttributeValues": {":c": {"S": "customer 2"}},
        },
    ),
    "query of an index": (
        "Query",
        {
            "IndexName": "by_state",
            "KeyConditionExpression": "#s = :s",
            "ExpressionAttributeNames": {"#s": "state"},
            "ExpressionAttributeValues": {":s": {"S": "state 2"}},
            "ScanIndexForward": False,
        },
    ),
    "query of a local index": (
        "Query",
        {
            "IndexName": "by_day",
            "KeyConditionExpression": "customer = :c",
            "ExpressionAttributeValues": {":c": {"S": "customer 2"}},
        },
    ),
    "page in the middle of a scan": ("Scan", {"Limit": 10, "ExclusiveStartKey": KEY}),
    "page of a scan": ("Scan", {"Limit": 10}),
    "page of an index": ("Scan", {"Limit": 10, "IndexName": "keys_by_day"}),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_cost_does_not_grow_with_the_table(sized, name):
    """An operation takes as many steps in a table forty times as large."""
    operation, members = OPERATIONS[name]
    steps = {}
    for size, service in sized.items():
        with counted_steps(service) as counted:
            Client(service)(operation, TableName="Orders", **members)
        steps[size] = len(counted)

    assert steps[SMALL] > 0
    assert steps[LARGE] <= steps[SMALL] * FEW_MORE


STATEMENTS = {
    "statement by key": "SELECT * FROM Orders WHERE customer = 'customer 2' AND \"number\" = 22",
    "statement of an index": "SELECT * FROM Orders.by_state WHERE state = 'state 2'",
    "update by statement": (
        "UPDATE Orders SET total = 1 WHERE customer = 'customer 2' AND \"number\" = 22"
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_costs_its_items(sized, name):
    """A statement with the key takes as many steps in a table forty times as large."""
    steps = {}
    for size, service in sized.items():
        with counted_steps(service) as counted:
            Client(service)("ExecuteStatement", Statement=STATEMENTS[name])
        steps[size] = len(counted)

    assert 0 < steps[LARGE] <= steps[SMALL] * FEW_MORE


def test_memory_is_flat_over_scans(sized):
    """Scanning a table again and again keeps nothing of it."""
    client = Client(sized[LARGE])
    kept = []
    tracemalloc.start()
    try:
        client("Scan", TableName="Orders")
        for _ in range(3):
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(5):
                client("Scan", TableName="Orders")
            after, _ = tracemalloc.get_traced_memory()
            kept.append(after - before)
    finally:
        tracemalloc.stop()

    # What else runs in the process may keep something once; what scans keep, they keep each time.
    assert min(kept) < 64 * 1024


def test_transaction_costs_its_items(sized):
    """A transaction takes as many steps in a table forty times as large."""
    parts = [
        {"Put": {"TableName": "Orders", "Item": an_order(22)}},
        {"Delete": {"TableName": "Orders", "Key": order("customer 3", 33)}},
    ]
    steps = {}
    for size, service in sized.items():
        with counted_steps(service) as counted:
            Client(service)("TransactWriteItems", TransactItems=parts)
        steps[size] = len(counted)

    assert steps[LARGE] <= steps[SMALL] * FEW_MORE


def test_segment_of_a_scan_costs_its_items(sized):
    """The segments of a parallel scan share the steps of a whole one between them."""
    client = Client(sized[LARGE])
    with counted_steps(sized[LARGE]) as whole:
        client("Scan", TableName="Orders")
    with counted_steps(sized[LARGE]) as part:
        client("Scan", TableName="Orders", Segment=0, TotalSegments=10)

    assert len(part) < len(whole) / 5


def test_expiry_costs_what_expires(sized):
    """Looking for expired items touches none that are still good."""
    service = sized[LARGE]
    Client(service)(
        "UpdateTimeToLive",
        TableName="Orders",
        TimeToLiveSpecification={"AttributeName": "number", "Enabled": True},
    )
    service._running.expiry._checked = None
    with counted_steps(service) as steps:
        service._running.expiry.check()

    assert len(steps) < 200
