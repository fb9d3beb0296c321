"""Tables that DynamoDB does not make, refused in its words.

Texts were recorded against AWS by https://github.com/architect/dynalite
(``test/createTable.js``, ``test/updateTable.js``, ``test/tagResource.js``).
"""

import pytest
from dynamodb_calls import Client, Refused, make_service

INVALID = "One or more parameter values were invalid: "
UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    service = make_service(tmp_path_factory.mktemp("dynamodb"))
    service.start()
    client = Client(service)
    client("CreateTable", **request())
    yield client
    service.stop()


def keys(*names):
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]


def index(*names, name="abc", **members):
    projection = {"ProjectionType": "ALL"}
    return {"IndexName": name, "KeySchema": keys(*names), "Projection": projection} | members


def request(*names, **members):
    """A ``CreateTable`` request; ``names`` are its keys."""
    names = names or ("id",)
    used = members.pop("defined", names)
    return {
        "TableName": "Existing",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in dict.fromkeys(used)
        ],
        "KeySchema": keys(*names),
        "ProvisionedThroughput": UNITS,
    } | members


def refusal(client, operation, members):
    with pytest.raises(Refused) as refused:
        client(operation, **members)
    return refused.value.message


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            request(ProvisionedThroughput=None),
            INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
            "BillingMode is PROVISIONED",
        ),
        (
            request(BillingMode="PAY_PER_REQUEST"),
            INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
            "BillingMode is PAY_PER_REQUEST",
        ),
        (
            request(ProvisionedThroughput=UNITS | {"ReadCapacityUnits": 10**13}),
            "Given value 10000000000000 for ReadCapacityUnits is out of bounds",
        ),
        (
            request("a", "b", defined=("a",)),
            "Invalid KeySchema: Some index key attribute have no definition",
        ),
        (
            request("a", defined=("b",)),
            INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [a], AttributeDefinitions: [b]",
        ),
        (
            request("a", defined=("a", "b")),
            INVALID + "Number of attributes in KeySchema does not exactly match number of "
            "attributes defined in AttributeDefinitions",
        ),
        (
            request("a", defined=("a", "b", "c"), GlobalSecondaryIndexes=[index("b")]),
            INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b, c], "
            "keys used: [a, b]",
        ),
        (
            request("a", "a", defined=("a", "b")),
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
        (
            request(KeySchema=[{"AttributeName": "id", "KeyType": "RANGE"}]),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            request(LocalSecondaryIndexes=[]),
            INVALID + "List of LocalSecondaryIndexes is empty",
        ),
        (
            request(LocalSecondaryIndexes=[index("id")]),
            INVALID + "Table KeySchema does not have a range key, which is required when "
            "specifying a LocalSecondaryIndex",
        ),
        (
            request("a", "b", LocalSecondaryIndexes=[index("a")]),
            INVALID + "Index KeySchema does not have a range key for index: abc",
        ),
        (
            request("a", "b", LocalSecondaryIndexes=[index("b", "a")]),
            INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema "
            "for index: abc. index hash key: b, table hash key: a",
        ),
        (
            request(
                "a", "b", LocalSecondaryIndexes=[index("a", "b", name=f"i-{n}") for n in range(6)]
            ),
            INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5",
        ),
        (
            request(GlobalSecondaryIndexes=[index("id", name=f"i-{n}") for n in range(21)]),
            INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20",
        ),
        (
            request(GlobalSecondaryIndexes=[index("id"), index("id")]),
            INVALID + "Duplicate index name: abc",
        ),
        (
            request(GlobalSecondaryIndexes=[index("id", Projection={})]),
            INVALID + "Unknown ProjectionType: null",
        ),
        (
            request(
                GlobalSecondaryIndexes=[
                    index("id", Projection={"ProjectionType": "ALL", "NonKeyAttributes": ["a"]})
                ]
            ),
            INVALID + "ProjectionType is ALL, but NonKeyAttributes is specified",
        ),
        (
            request(GlobalSecondaryIndexes=[index("id", Projection={"ProjectionType": "INCLUDE"})]),
            INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
        ),
        (
            request(StreamSpecification={"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"}),
            INVALID + "StreamEnabled is false, but StreamViewType is specified",
        ),
        (
            # An undefined key, too, but the length is looked at first.
            request("k" * 256, defined=["id"]),
            (
                f"1 validation error detected: Value '{'k' * 256}' at "
                "'keySchema.1.member.attributeName' failed to satisfy constraint: "
                "Member must have length less than or equal to 255"
            ),
        ),
        (request(), "Table already exists: Existing"),
    ],
    ids=lambda part: str(part)[:60],
)
def test_creation(client, members, message):
    """A table with keys, indexes or capacity that make no sense is not made."""
    assert refusal(client, "CreateTable", members) == message


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {},
            (
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required"
            ),
        ),
        (
            {"ProvisionedThroughput": UNITS},
            (
                "The provisioned throughput for the table will not change. The requested value "
                "equals the current value. Current ReadCapacityUnits provisioned for the table: 1. "
                "Requested ReadCapacityUnits: 1. "
                "Current WriteCapacityUnits provisioned for the table: 1. "
                "Requested WriteCapacityUnits: 1. Refer to the Amazon DynamoDB Developer Guide for "
                "current limits and how to request higher limits."
            ),
        ),
        (
            {"BillingMode": "PROVISIONED"},
            INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
        ),
        (
            {"GlobalSecondaryIndexUpdates": [{}]},
            INVALID + "One of GlobalSecondaryIndexUpdate.Update, "
            "GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null",
        ),
        (
            {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "abc"}}] * 2},
            INVALID + "Only one global secondary index update per index is allowed "
            "simultaneously. Index: abc",
        ),
        (
            {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "abc"}}]},
            "Requested resource not found: Index: abc not found",
        ),
        (
            # An index's keys are defined in the request that makes it, those of the table too.
            {"GlobalSecondaryIndexUpdates": [{"Create": index("id")}]},
            INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [id], AttributeDefinitions: []",
        ),
    ],
    ids=lambda part: str(part)[:60],
)
def test_change(client, members, message):
    """A change that changes nothing, or what is not there, is refused."""
    assert refusal(client, "UpdateTable", {"TableName": "Existing"} | members) == message


def test_status_while_it_is_made(client):
    """The answers say that the table is being made, changed or deleted; it is done at once."""
    made = client("CreateTable", **request(TableName="Short", GlobalSecondaryIndexes=[index("id")]))
    described = client("DescribeTable", TableName="Short")
    changed = client("UpdateTable", TableName="Short", BillingMode="PAY_PER_REQUEST")
    deleted = client("DeleteTable", TableName="Short")

    assert made["TableDescription"]["TableStatus"] == "CREATING"
    assert made["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    assert described["Table"]["TableStatus"] == "ACTIVE"
    assert changed["TableDescription"]["TableStatus"] == "UPDATING"
    assert changed["TableDescription"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert deleted["TableDescription"]["TableStatus"] == "DELETING"


def test_tags_of_nothing(client):
    """A tag needs a table, and a change of tags a tag."""
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/"
    tags = [{"Key": "a", "Value": "b"}]

    assert refusal(client, "TagResource", {"ResourceArn": arn + "Existing", "Tags": []}) == (
        "Atleast one Tag needs to be provided as Input."
    )
    assert refusal(client, "TagResource", {"ResourceArn": arn + "None", "Tags": tags}) == (
        f"Requested resource not found: ResourcArn: {arn}None not found"
    )


def test_tags_of_what_is_no_table_here(client):
    """Tags belong to a table of this account."""
    foreign = "arn:aws:dynamodb:us-east-1:000000000000:table/Existing"

    assert refusal(client, "ListTagsOfResource", {"ResourceArn": "abcd"}) == (
        "Invalid TableArn: Invalid ResourceArn provided as input abcd"
    )
    assert refusal(client, "ListTagsOfResource", {"ResourceArn": foreign}) == (
        "User: arn:aws:iam::123456789012:root is not authorized to perform: "
        f"dynamodb:ListTagsOfResource on resource: {foreign}"
    )


def test_tags_are_listed_by_pages(client):
    """Tags come ten at a time."""
    client("CreateTable", **request(TableName="Tagged"))
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Tagged"
    tags = [{"Key": f"k{number}", "Value": "v"} for number in range(11)]
    client("TagResource", ResourceArn=arn, Tags=tags)

    first = client("ListTagsOfResource", ResourceArn=arn)
    second = client("ListTagsOfResource", ResourceArn=arn, NextToken=first["NextToken"])

    assert (first["Tags"], second) == (tags[:10], {"Tags": tags[10:]})


def test_settings_that_cost(client):
    """The class of a table and the bounds of its requests are described as they were set."""
    bounds = {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 5}
    client(
        "CreateTable",
        **request(TableName="Rare", BillingMode="PAY_PER_REQUEST", ProvisionedThroughput=None),
        TableClass="STANDARD_INFREQUENT_ACCESS",
        OnDemandThroughput=bounds,
    )

    made = client("DescribeTable", TableName="Rare")["Table"]
    client("UpdateTable", TableName="Rare", TableClass="STANDARD")
    changed = client("DescribeTable", TableName="Rare")["Table"]

    assert made["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert made["OnDemandThroughput"] == bounds
    assert changed["TableClassSummary"] == {"TableClass": "STANDARD"}
