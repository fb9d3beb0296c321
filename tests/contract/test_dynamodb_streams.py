"""DynamoDB Streams: records, iterators and what is not recorded.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
"""

import dataclasses
import json
from datetime import timedelta

import pytest
from dynamodb_calls import FILES, Client, Refused, make_service
from fakes import FakeClock

OLD = {"id": {"S": "a"}, "n": {"N": "1"}}
NEW = {"id": {"S": "a"}, "n": {"N": "2"}}


class Streams(Client):
    """A client that calls DynamoDB Streams too."""

    def streams(self, operation, **members):
        status, content = self.post(
            f"DynamoDBStreams_20120810.{operation}", json.dumps(members).encode()
        )
        if status != 200:
            raise Refused(status, json.loads(content))
        return json.loads(content)

    def shard(self):
        [stream] = self.streams("ListStreams", TableName="Files")["Streams"]
        described = self.streams("DescribeStream", StreamArn=stream["StreamArn"])
        [shard] = described["StreamDescription"]["Shards"]
        return {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"]}

    def iterator(self, kind="TRIM_HORIZON", **members):
        answer = self.streams("GetShardIterator", **self.shard(), ShardIteratorType=kind, **members)
        return answer["ShardIterator"]

    def records(self, kind="TRIM_HORIZON", **members):
        iterator = self.iterator(kind, **members)
        return self.streams("GetRecords", ShardIterator=iterator)["Records"]


def started(directory, view_type="NEW_AND_OLD_IMAGES", clock=None, **table):
    streamed = dataclasses.replace(FILES, stream_view_type=view_type, **table)
    service = make_service(directory, streamed, clock=clock)
    service.start()
    return Streams(service)


@pytest.fixture
def client(tmp_path):
    client = started(tmp_path)
    yield client
    client.service.stop()


def write_and_remove(client):
    client("PutItem", TableName="Files", Item=OLD)
    client("PutItem", TableName="Files", Item=NEW)
    client("DeleteItem", TableName="Files", Key={"id": {"S": "a"}})


@pytest.mark.parametrize(
    ("view_type", "images"),
    [
        ("KEYS_ONLY", [{}, {}, {}]),
        ("NEW_IMAGE", [{"NewImage": OLD}, {"NewImage": NEW}, {}]),
        ("OLD_IMAGE", [{}, {"OldImage": OLD}, {"OldImage": NEW}]),
        (
            "NEW_AND_OLD_IMAGES",
            [{"NewImage": OLD}, {"OldImage": OLD, "NewImage": NEW}, {"OldImage": NEW}],
        ),
    ],
)
def test_view_types(tmp_path, view_type, images):
    """Each view type shows the images that its name says, beside the keys."""
    client = started(tmp_path, view_type)
    write_and_remove(client)

    records = client.records()

    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    for record, shown in zip(records, images, strict=True):
        change = record["dynamodb"]
        assert {name: change[name] for name in change if name.endswith("Image")} == shown
        assert change["Keys"] == {"id": {"S": "a"}}
        assert change["StreamViewType"] == view_type
    client.service.stop()


def test_record(client):
    """A record is whole: identity, time, keys, images, size and number."""
    client("PutItem", TableName="Files", Item=OLD)

    [record] = client.records()

    assert len(record.pop("eventID")) == 32
    assert record["dynamodb"].pop("SequenceNumber").isdigit()
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1715767200,
            "Keys": {"id": {"S": "a"}},
            "NewImage": OLD,
            "SizeBytes": 9,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def test_nothing_changed_nothing_recorded(client):
    """A put of the same item, an update to the same value and a deletion of nothing are silent."""
    client("PutItem", TableName="Files", Item=OLD)
    client("PutItem", TableName="Files", Item=OLD)
    client(
        "UpdateItem",
        TableName="Files",
        Key={"id": {"S": "a"}},
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    client("DeleteItem", TableName="Files", Key={"id": {"S": "nobody"}})

    assert len(client.records()) == 1


def test_iterators(client):
    """Each kind of iterator begins where its name says."""
    client("PutItem", TableName="Files", Item=OLD)
    latest = client.iterator("LATEST")
    client("PutItem", TableName="Files", Item=NEW)
    first, second = (
        record["dynamodb"]["SequenceNumber"] for record in client.records("TRIM_HORIZON")
    )

    def found(kind, number):
        records = client.records(kind, SequenceNumber=number)
        return [record["dynamodb"]["SequenceNumber"] for record in records]

    assert int(first) < int(second)
    assert found("AT_SEQUENCE_NUMBER", first) == [first, second]
    assert found("AFTER_SEQUENCE_NUMBER", first) == [second]
    after = client.streams("GetRecords", ShardIterator=latest)
    assert [record["dynamodb"]["SequenceNumber"] for record in after["Records"]] == [second]
    following = client.streams("GetRecords", ShardIterator=after["NextShardIterator"])
    assert following["Records"] == []


def test_pages(client):
    """``Limit`` records are given at a time; the next iterator goes on behind them."""
    for number in range(5):
        client("PutItem", TableName="Files", Item={"id": {"S": str(number)}})
    iterator, seen = client.iterator(), []
    for _ in range(3):
        answer = client.streams("GetRecords", ShardIterator=iterator, Limit=2)
        seen.append([record["dynamodb"]["Keys"]["id"]["S"] for record in answer["Records"]])
        iterator = answer["NextShardIterator"]

    assert seen == [["0", "1"], ["2", "3"], ["4"]]


def test_position_outlives_a_restart(tmp_path):
    """An iterator, and the numbers behind it, mean the same after a restart."""
    client = started(tmp_path)
    client("PutItem", TableName="Files", Item=OLD)
    iterator = client.iterator("LATEST")
    client("PutItem", TableName="Files", Item=NEW)
    before = client.records()
    client.service.stop()

    client = started(tmp_path)
    client("DeleteItem", TableName="Files", Key={"id": {"S": "a"}})
    after = client.records()
    rest = client.streams("GetRecords", ShardIterator=iterator)["Records"]

    assert after[:2] == before
    assert rest == after[1:]
    assert int(after[2]["dynamodb"]["SequenceNumber"]) > int(
        before[1]["dynamodb"]["SequenceNumber"]
    )
    client.service.stop()


def test_expired_item(tmp_path):
    """An item whose time has come is deleted by DynamoDB itself, and its record says so."""
    clock = FakeClock()
    client = started(tmp_path, clock=clock, ttl_attribute="n")
    due = int(clock.now().timestamp()) + 60
    for name, moment in (("due", due), ("later", due + 3600), ("ancient", due - 6 * 31_536_000)):
        item = {"id": {"S": name}, "n": {"N": str(moment)}}
        client("PutItem", TableName="Files", Item=item)
    clock.advance(timedelta(minutes=2))

    names = sorted(item["id"]["S"] for item in client("Scan", TableName="Files")["Items"])
    last = client.records()[-1]

    assert names == ["ancient", "later"]
    assert last["eventName"] == "REMOVE"
    assert last["dynamodb"]["OldImage"]["id"] == {"S": "due"}
    assert last["userIdentity"] == {
        "PrincipalId": "dynamodb.amazonaws.com",
        "Type": "Service",
    }
    client.service.stop()


def test_clock_that_moves_deletes_at_once(tmp_path):
    """Where the clock tells the service that it has moved, no request is needed."""
    clock = FakeClock()
    client = started(tmp_path, clock=clock, ttl_attribute="n")
    due = str(int(clock.now().timestamp()) + 60)
    client("PutItem", TableName="Files", Item={"id": {"S": "due"}, "n": {"N": due}})
    clock.on_move(client.service.delete_expired)

    clock.advance(timedelta(minutes=2))

    with client.service._running.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM items").fetchone() == (0,)
    client.service.stop()


def test_records_are_kept_for_a_day(tmp_path):
    """A record a day old is gone, and an iterator a quarter of an hour old has expired."""
    clock = FakeClock()
    client = started(tmp_path, clock=clock)
    client("PutItem", TableName="Files", Item=OLD)
    iterator = client.iterator()
    clock.advance(timedelta(minutes=16))
    with pytest.raises(Refused, match="ExpiredIteratorException"):
        client.streams("GetRecords", ShardIterator=iterator)
    clock.advance(timedelta(hours=24))

    assert client.records() == []
    client.service.stop()


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("DescribeStream", {"StreamArn": "arn:aws:dynamodb:us-east-1:1:table/None/stream/x"}, None),
        ("GetRecords", {"ShardIterator": "nonsense"}, "ValidationException"),
        ("GetRecords", {}, "ValidationException"),
        ("GetShardIterator", {}, "ValidationException"),
        ("DescribeStream", {"StreamArn": "x" * 40}, "ValidationException"),
        ("ListStreams", {"Limit": 101}, "ValidationException"),
    ],
    ids=str,
)
def test_refused(client, operation, members, code):
    """What is no stream, shard or iterator is refused."""
    with pytest.raises(Refused) as refused:
        client.streams(operation, **members)

    assert refused.value.code == (code or "ResourceNotFoundException")


def test_shard_that_is_not_there(client):
    """An iterator needs a shard of the stream."""
    shard = client.shard() | {"ShardId": "shardId-00000000000000000000-00000000"}

    with pytest.raises(Refused, match="ResourceNotFoundException"):
        client.streams("GetShardIterator", **shard, ShardIteratorType="LATEST")


def test_limit_of_records(client):
    """One call reads 1000 records at most."""
    with pytest.raises(Refused) as refused:
        client.streams("GetRecords", ShardIterator=client.iterator(), Limit=1001)

    assert refused.value.message == (
        "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 1000"
    )


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("AT_SEQUENCE_NUMBER", "1"),
        ("AFTER_SEQUENCE_NUMBER", "100000000000000000009"),
        ("TRIM_HORIZON", "100000000000000000001"),
        ("LATEST", "nonsense" * 4),
    ],
)
def test_sequence_numbers_that_are_refused(client, kind, number):
    """A number was given out with a record, and goes with the types that begin at a number.

    https://github.com/scylladb/scylladb (``test/alternator/test_streams.py``).
    """
    client("PutItem", TableName="Files", Item=OLD)

    with pytest.raises(Refused, match="ValidationException"):
        client.iterator(kind, SequenceNumber=number.zfill(21))


def test_numbers_that_begin_a_shard_or_are_gone(tmp_path):
    """A shard's first number is one, and so is that of a record that is kept no longer."""
    clock = FakeClock()
    client = started(tmp_path, clock=clock)
    client("PutItem", TableName="Files", Item=OLD)
    [record] = client.records()
    clock.advance(timedelta(hours=25))

    assert client.records("AT_SEQUENCE_NUMBER", SequenceNumber="100000000000000000000") == []
    number = record["dynamodb"]["SequenceNumber"]
    assert client.records("AFTER_SEQUENCE_NUMBER", SequenceNumber=number) == []
    client.service.stop()


def test_shards_after_a_shard(client):
    """No shard follows the only one, nor one that there is not."""
    shard = client.shard()
    after = [
        client.streams(
            "DescribeStream", StreamArn=shard["StreamArn"], ExclusiveStartShardId=started
        )["StreamDescription"]["Shards"]
        for started in (shard["ShardId"], "z" * 40)
    ]

    assert after == [[], []]
