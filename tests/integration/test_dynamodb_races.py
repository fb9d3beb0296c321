"""DynamoDB under load: many threads, switched as often as the interpreter can."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from dynamodb_calls import FILES, ORDERS, Client, HttpClient, Refused, make_service, order

from emulator.wsgi import Server

THREADS = 8


@pytest.fixture(autouse=True)
def nervous_interpreter():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(params=["in process", "over HTTP"])
def client(tmp_path, request):
    service = make_service(tmp_path, FILES, ORDERS)
    service.start()
    if request.param == "in process":
        yield Client(service)
    else:
        server = Server("test", 0)
        server.start(service)
        client = HttpClient(service, server.port)
        yield client
        client.close()
        server.stop()
    service.stop()


def in_threads(work, arguments):
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, arguments))


def count(client, name):
    item = client("GetItem", TableName="Files", Key={"id": {"S": name}})["Item"]
    return int(item["n"]["N"])


@pytest.mark.parametrize("expression", ["ADD n :one", "SET n = if_not_exists(n, :zero) + :one"])
def test_no_update_is_lost(client, expression):
    """Every increment counts."""
    values = {":one": {"N": "1"}}
    if ":zero" in expression:
        values[":zero"] = {"N": "0"}

    def increment(_):
        client(
            "UpdateItem",
            TableName="Files",
            Key={"id": {"S": "counter"}},
            UpdateExpression=expression,
            ExpressionAttributeValues=values,
        )

    in_threads(increment, range(600))

    assert count(client, "counter") == 600


def test_conditional_put_has_one_winner(client):
    """Of eight who put a new item with the same key, one succeeds."""

    def put(number):
        try:
            client(
                "PutItem",
                TableName="Files",
                Item={"id": {"S": f"file {number // THREADS}"}},
                ConditionExpression="attribute_not_exists(id)",
            )
        except Refused as refused:
            return refused.code
        return "won"

    answers = in_threads(put, range(60 * THREADS))

    assert answers.count("won") == 60
    assert answers.count("ConditionalCheckFailedException") == 60 * (THREADS - 1)


def test_optimistic_lock_counts_its_winners(client):
    """A version moves on once for each update that was accepted."""
    client("PutItem", TableName="Files", Item={"id": {"S": "v"}, "n": {"N": "0"}})

    def update(_):
        seen = count(client, "v")
        try:
            client(
                "UpdateItem",
                TableName="Files",
                Key={"id": {"S": "v"}},
                UpdateExpression="SET n = :next",
                ConditionExpression="n = :seen",
                ExpressionAttributeValues={
                    ":next": {"N": str(seen + 1)},
                    ":seen": {"N": str(seen)},
                },
            )
        except Refused:
            return 0
        return 1

    accepted = sum(in_threads(update, range(300)))

    assert count(client, "v") == accepted


def test_cancelled_transaction_leaves_nothing(client):
    """Increments beside transactions that are cancelled: all of the first, none of the second."""
    client("PutItem", TableName="Files", Item={"id": {"S": "plain"}, "n": {"N": "0"}})
    client("PutItem", TableName="Files", Item={"id": {"S": "never"}, "n": {"N": "0"}})

    def increment(name):
        return {
            "TableName": "Files",
            "Key": {"id": {"S": name}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }

    check = {
        "TableName": "Files",
        "Key": {"id": {"S": "nobody"}},
        "ConditionExpression": "attribute_exists(id)",
    }

    def work(number):
        if number % 4:
            client("UpdateItem", **increment("plain"))
            return
        with pytest.raises(Refused, match="TransactionCanceledException"):
            client(
                "TransactWriteItems",
                TransactItems=[{"Update": increment("never")}, {"ConditionCheck": check}],
            )

    in_threads(work, range(400))

    assert count(client, "plain") == 300
    assert count(client, "never") == 0


def test_transactions_move_money_without_losing_any(client):
    """While transfers run, every transactional read sees the same sum."""
    for name in ("a", "b"):
        client("PutItem", TableName="Files", Item={"id": {"S": name}, "n": {"N": "100"}})

    def change(name, amount):
        return {
            "Update": {
                "TableName": "Files",
                "Key": {"id": {"S": name}},
                "UpdateExpression": "ADD n :amount",
                "ExpressionAttributeValues": {":amount": {"N": str(amount)}},
            }
        }

    def work(number):
        if number % 2:
            client("TransactWriteItems", TransactItems=[change("a", 1), change("b", -1)])
            return 200
        answer = client(
            "TransactGetItems",
            TransactItems=[
                {"Get": {"TableName": "Files", "Key": {"id": {"S": name}}}} for name in ("a", "b")
            ],
        )
        return sum(int(part["Item"]["n"]["N"]) for part in answer["Responses"])

    assert set(in_threads(work, range(400))) == {200}
    assert count(client, "a") == 300


def test_reads_never_fail_during_writes(client):
    """Scans and queries of a table and its indexes during puts and deletions answer all along."""
    stop = threading.Event()

    def read():
        answers = 0
        while not stop.is_set():
            client("Scan", TableName="Orders")
            client("Scan", TableName="Orders", IndexName="by_day")
            found = client(
                "Query",
                TableName="Orders",
                IndexName="by_state",
                KeyConditionExpression="#s = :s",
                ExpressionAttributeNames={"#s": "state"},
                ExpressionAttributeValues={":s": {"S": "open"}},
            )["Items"]
            assert all(item["state"] == {"S": "open"} for item in found)
            answers += 1
        return answers

    def write(number):
        key = order(f"c{number % 5}", number % 40)
        state = "open" if number % 3 else "done"
        item = key | {"state": {"S": state}, "day": {"S": str(number % 7)}}
        if number % 4:
            client("PutItem", TableName="Orders", Item=item)
        else:
            client("DeleteItem", TableName="Orders", Key=key)

    with ThreadPoolExecutor(3) as readers:
        reading = [readers.submit(read) for _ in range(3)]
        try:
            in_threads(write, range(1200))
        finally:
            stop.set()
        assert all(future.result() > 0 for future in reading)


def test_paging_through_a_table_in_motion_shows_what_stays(client):
    """Items that are there all the time are found once by pages, whatever comes and goes."""
    for number in range(100):
        client("PutItem", TableName="Files", Item={"id": {"S": f"stays {number}"}})
    stop = threading.Event()

    def churn():
        number = 0
        while not stop.is_set():
            key = {"id": {"S": f"goes {number % 50}"}}
            client("PutItem", TableName="Files", Item=key)
            client("DeleteItem", TableName="Files", Key={"id": {"S": f"goes {(number + 7) % 50}"}})
            number += 1

    with ThreadPoolExecutor(2) as pool:
        churning = [pool.submit(churn) for _ in range(2)]
        try:
            pages = [all_pages(client) for _ in range(5)]
        finally:
            stop.set()
        for future in churning:
            future.result()

    for found in pages:
        stayed = [name for name in found if name.startswith("stays")]
        assert sorted(stayed) == sorted(f"stays {number}" for number in range(100))


def all_pages(client):
    names, start = [], {}
    while True:
        answer = client("Scan", TableName="Files", Limit=7, **start)
        names += [item["id"]["S"] for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return names
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
