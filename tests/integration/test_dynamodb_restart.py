"""What DynamoDB keeps: over a restart, over a kill, over a changed template."""

import dataclasses
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service, order

from emulator.application import KeySchema
from emulator.dynamodb import drop_table
from emulator.errors import StartupError

WRITER = Path(__file__).parent.parent / "dynamodb_writer.py"


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


@pytest.mark.parametrize("round_number", range(5))
def test_killed_at_any_moment_nothing_answered_is_lost(tmp_path, round_number):
    """After kill -9 every write that was answered is there, and every transaction whole."""
    writer = subprocess.Popen([sys.executable, WRITER, tmp_path], stdout=subprocess.PIPE, text=True)
    answered = [writer.stdout.readline() for _ in range(50 * (round_number + 1))]
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate(timeout=30)
    answered += [line for line in rest.splitlines() if line.endswith("]")]

    client = started(tmp_path, FILES, ORDERS)
    items = {item["id"]["S"]: item for item in client("Scan", TableName="Files")["Items"]}
    for thread, number in map(json.loads, answered):
        assert f"{thread}-{number}" in items
    for name in items:
        side, _, pair = name.partition(" ")
        if side == "left":
            assert f"right {pair}" in items
    assert client("DescribeTable", TableName="Files")["Table"]["ItemCount"] == len(items)
    client.service.stop()
