"""What DynamoDB keeps: over a restart, over a kill, over a changed template."""

import dataclasses
import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service, order

from emulator.application import KeySchema
from emulator.dynamodb import drop_table
from emulator.errors import StartupError

WRITER = Path(__file__).parent.parent / "dynamodb_writer.py"
KILLS = 15


def started(directory, *tables):
    service = make_service(directory, *tables)
    service.start()
    return Client(service)


def test_items_and_tables_come_back(tmp_path):
    """After a restart, items, tables made by API, tags and stream position are there."""
    streamed = dataclasses.replace(FILES, stream_view_type="KEYS_ONLY")
    client = started(tmp_path, streamed)
    client(
        "CreateTable",
        TableName="Mine",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "team", "Value": "files"}],
    )
    client("PutItem", TableName="Files", Item={"id": {"S": "a"}, "n": {"N": "1"}})
    client("PutItem", TableName="Mine", Item={"id": {"S": "b"}})
    before = {name: client("DescribeTable", TableName=name)["Table"] for name in ("Files", "Mine")}
    client.service.stop()

    client = started(tmp_path, streamed)

    after = {name: client("DescribeTable", TableName=name)["Table"] for name in ("Files", "Mine")}
    assert before == after
    assert client("Scan", TableName="Files")["Items"] == [{"id": {"S": "a"}, "n": {"N": "1"}}]
    assert client("Scan", TableName="Mine")["Items"] == [{"id": {"S": "b"}}]
    tags = client("ListTagsOfResource", ResourceArn=after["Mine"]["TableArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "files"}]
    client.service.stop()


def test_changed_key_is_refused_with_a_way_out(tmp_path):
    """Another key in the template stops the start and names the command that drops the table."""
    client = started(tmp_path, FILES)
    client("PutItem", TableName="Files", Item={"id": {"S": "a"}})
    client.service.stop()
    changed = dataclasses.replace(
        FILES, attributes=(("name", "S"),), key_schema=KeySchema(partition_key="name")
    )

    with pytest.raises(StartupError, match="emulator reset --table Files"):
        started(tmp_path, changed)

    assert drop_table(tmp_path, "Files") == ("Files",)
    client = started(tmp_path, changed)
    assert client("Scan", TableName="Files")["Items"] == []
    client.service.stop()


def test_changed_index_is_built_anew(tmp_path):
    """An index that the template has gained holds the items that were there before."""
    bare = dataclasses.replace(
        ORDERS,
        attributes=(("customer", "S"), ("number", "N")),
        global_indexes=(),
        local_indexes=(),
    )
    client = started(tmp_path, bare)
    item = order("ann", 1, state={"S": "open"}, day={"S": "1"})
    client("PutItem", TableName="Orders", Item=item)
    client("PutItem", TableName="Orders", Item=order("bob", 1, state={"N": "1"}, day={"S": "1"}))
    client.service.stop()

    client = started(tmp_path, ORDERS)

    assert client("Scan", TableName="Orders", IndexName="by_state")["Items"] == [item]
    client.service.stop()


def test_reset_empties_the_template_s_tables_and_drops_the_others(tmp_path):
    """After a reset everything is as the template says, and empty."""
    client = started(tmp_path, FILES, ORDERS)
    client("PutItem", TableName="Files", Item={"id": {"S": "a"}})
    client("DeleteTable", TableName="Orders")
    client(
        "CreateTable",
        TableName="Mine",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )

    client.service.reset()

    assert client("ListTables")["TableNames"] == ["Files", "Orders"]
    assert client("Scan", TableName="Files")["Count"] == 0
    with pytest.raises(Refused, match="ResourceNotFoundException"):
        client("Scan", TableName="Mine")
    assert client("DescribeTable", TableName="Orders")["Table"]["ItemCount"] == 0
    client.service.stop()


class Answered:
    """What the writers were told, run after run."""

    def __init__(self):
        self.names = {"put": set(), "pair": set(), "batch": set()}
        self.counts = {}

    def read(self, line):
        kind, name, value = json.loads(line)
        if kind == "count":
            self.counts[name] = max(value, self.counts.get(name, 0))
        else:
            self.names[kind].add(name)


def kill_a_writer(directory, run, after, answered):
    """Let a writer be answered so often, kill it, and take down what it was told."""
    command = [sys.executable, str(WRITER), str(directory), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(after):
            answered.read(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate(timeout=30)
    for line in rest.splitlines():
        if line.endswith("]"):
            answered.read(line)


def check_nothing_is_lost(client, answered):
    files = all_items(client, "Files")
    names = {item["id"]["S"] for item in files}
    orders = all_items(client, "Orders")
    customers = Counter(item["customer"]["S"] for item in orders)

    assert {f"put {name}" for name in answered.names["put"]} <= names
    assert {f"left {name}" for name in answered.names["pair"]} <= names
    assert {name[5:] for name in names if name.startswith("left ")} == {
        name[6:] for name in names if name.startswith("right ")
    }
    assert answered.names["batch"] <= set(customers)
    assert set(customers.values()) <= {5}
    counts = {item["id"]["S"]: int(item["n"]["N"]) for item in files if "n" in item}
    for thread, count in answered.counts.items():
        # At most the update that was under way at each kill was done without an answer.
        assert count <= counts[f"count {thread}"] <= count + KILLS
    table = client("DescribeTable", TableName="Orders")["Table"]
    assert table["ItemCount"] == len(orders)
    assert {index["ItemCount"] for index in table["GlobalSecondaryIndexes"]} == {len(orders)}
    assert client("DescribeTable", TableName="Files")["Table"]["ItemCount"] == len(files)


def all_items(client, name):
    items, start = [], {}
    while True:
        answer = client("Scan", TableName=name, **start)
        items += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return items
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


@pytest.mark.slow
def test_killed_at_any_moment_nothing_answered_is_lost(tmp_path):
    """Killed again and again under mixed load: every answer holds, everything whole is whole."""
    moments = random.Random(20_240_515)  # noqa: S311 -- the same moments in every run
    answered = Answered()
    for run in range(KILLS):
        kill_a_writer(tmp_path, run, moments.randrange(1, 400), answered)
        client = started(tmp_path, FILES, ORDERS)
        check_nothing_is_lost(client, answered)
        client.service.stop()


def test_killed_once(tmp_path):
    """The same, once."""
    answered = Answered()
    kill_a_writer(tmp_path, 0, 150, answered)
    client = started(tmp_path, FILES, ORDERS)
    check_nothing_is_lost(client, answered)
    client.service.stop()


def test_full_disk(tmp_path):
    """A write that finds no room is a server error, and everything that was answered is there."""
    client = started(tmp_path, FILES)
    client("PutItem", TableName="Files", Item={"id": {"S": "before"}})
    connection = client.service._running.database._writer
    [(pages,)] = connection.execute("PRAGMA page_count").fetchall()
    connection.execute(f"PRAGMA max_page_count = {pages + 4}").fetchall()
    stored = ["before"]

    def fill():
        for number in range(100):
            item = {"id": {"S": f"large {number}"}, "text": {"S": "x" * 5000}}
            client("PutItem", TableName="Files", Item=item)
            stored.append(f"large {number}")

    with pytest.raises(Refused) as refused:
        fill()

    assert refused.value.status == 500
    assert refused.value.body == {
        "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
        "message": "The request processing has failed because of an unknown error, exception or "
        "failure.",
    }
    connection.execute("PRAGMA max_page_count = 1000000").fetchall()
    client("PutItem", TableName="Files", Item={"id": {"S": "after"}})
    names = {item["id"]["S"] for item in client("Scan", TableName="Files")["Items"]}
    assert names == {*stored, "after"}
    client.service.stop()
