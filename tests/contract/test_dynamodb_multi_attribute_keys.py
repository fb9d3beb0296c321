"""Global indexes whose keys consist of several attributes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
What is refused was recorded by https://github.com/paritysuite/dynamodb-conformance
(``tests/tier1/query/multiAttributeGsiKey.test.ts``) and by https://github.com/scylladb/scylladb
(``test/alternator/test_gsi_composite_keys.py``).
"""

import pytest
from dynamodb_calls import Client, Refused, make_service

S, N = "S", "N"
KEYS = (("h1", "HASH", S), ("h2", "HASH", S), ("a", "RANGE", S), ("b", "RANGE", N))
ROWS = {
    "p1": ("x", "y", "live", 10),
    "p2": ("x", "y", "live", 9),
    "p3": ("x", "y", "draft", 300),
    "p4": ("x", "y", "lively", -1),
    "p5": ("xy", "", "live", 1),
    "p6": ("x", "y", "live", None),
}


def definition(keys=KEYS, **members):
    attributes = dict.fromkeys((("pk", S), *((name, kind) for name, _, kind in keys)))
    return {
        "TableName": "Multi",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in attributes
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "multi",
                "KeySchema": [{"AttributeName": name, "KeyType": role} for name, role, _ in keys],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        **members,
    }


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    service = make_service(tmp_path_factory.mktemp("dynamodb"))
    service.start()
    client = Client(service)
    client("CreateTable", **definition())
    for key, (h1, h2, a, b) in ROWS.items():
        item = {"pk": {S: key}, "h1": {S: h1}, "h2": {S: h2 or "-"}, "a": {S: a}}
        client("PutItem", TableName="Multi", Item=item if b is None else item | {"b": {N: str(b)}})
    yield client
    service.stop()


def query(client, condition, **members):
    values = {":x": {S: "x"}, ":y": {S: "y"}, ":l": {S: "live"}, ":n": {N: "9"}}
    answer = client(
        "Query",
        TableName="Multi",
        IndexName="multi",
        KeyConditionExpression=condition,
        ExpressionAttributeValues={key: one for key, one in values.items() if key in condition},
        **members,
    )
    return [item["pk"][S] for item in answer["Items"]], answer.get("LastEvaluatedKey")


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("h1 = :x AND h2 = :y", ["p3", "p2", "p1", "p4"]),
        ("a = :l AND h2 = :y AND h1 = :x", ["p2", "p1"]),
        ("h1 = :x AND h2 = :y AND a = :l AND b > :n", ["p1"]),
        ("h1 = :x AND h2 = :y AND a = :l AND b <= :n", ["p2"]),
        ("h1 = :x AND h2 = :y AND a > :l", ["p4"]),
        ("h1 = :x AND h2 = :y AND a < :l", ["p3"]),
        ("h1 = :x AND h2 = :y AND begins_with(a, :l)", ["p2", "p1", "p4"]),
        ("h1 = :x AND h2 = :y AND a BETWEEN :l AND :y", ["p2", "p1", "p4"]),
    ],
)
def test_query(client, condition, found):
    """Items lie in the order of the sort key's attributes, each compared by its own type."""
    assert query(client, condition) == (found, None)
    assert query(client, condition, ScanIndexForward=False) == (found[::-1], None)


def test_pages(client):
    """A page ends at the table's key and every attribute of the index's key."""
    found, start = query(client, "h1 = :x AND h2 = :y", Limit=2)

    assert found == ["p3", "p2"]
    assert start is not None
    assert sorted(start) == ["a", "b", "h1", "h2", "pk"]
    assert query(client, "h1 = :x AND h2 = :y", ExclusiveStartKey=start)[0] == ["p1", "p4"]


def test_key_conditions(client):
    """The legacy parameter takes all attributes too."""
    conditions = {
        name: {"ComparisonOperator": "EQ", "AttributeValueList": [{S: value}]}
        for name, value in (("h1", "x"), ("h2", "y"), ("a", "live"))
    }
    answer = client("Query", TableName="Multi", IndexName="multi", KeyConditions=conditions)

    assert answer["Count"] == 2


def test_statement(client):
    """PartiQL reads the same partition."""
    statement = """SELECT pk FROM Multi.multi WHERE h1 = 'x' AND h2 = 'y' AND a = 'live'"""

    assert client("ExecuteStatement", Statement=statement)["Items"] == [
        {"pk": {S: "p2"}},
        {"pk": {S: "p1"}},
    ]


GAP = (
    "RANGE key attributes a must have equality conditions specified in the query because a "
    "condition is present on key attribute b"
)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("h1 = :x", "Query condition missed key schema element: h2"),
        ("h1 = :x AND h2 > :y", "Query key condition not supported"),
        ("h1 = :x AND h2 = :y AND b = :n", GAP),
        ("h1 = :x AND h2 = :y AND a > :l AND b = :n", GAP),
    ],
)
def test_refused_conditions(client, condition, message):
    """Every partition key has ``=``; sort keys come in their order, and only the last has more."""
    with pytest.raises(Refused) as refused:
        query(client, condition)

    assert refused.value.message == message


@pytest.mark.parametrize(
    "roles",
    [
        ["HASH"] * 5,
        ["HASH", *["RANGE"] * 5],
        ["HASH", "RANGE", "HASH"],
        ["RANGE", "RANGE"],
    ],
    ids=" ".join,
)
def test_refused_schemas(client, roles):
    """An index has one to four partition keys, then up to four sort keys."""
    keys = [(f"k{number}", role, S) for number, role in enumerate(roles)]
    with pytest.raises(Refused) as refused:
        client("CreateTable", **definition(keys, TableName="Refused"))

    assert refused.value.code == "ValidationException"


def test_index_that_is_made_later(client):
    """Items that are there are in a new index too, if they have its whole key."""
    client(
        "CreateTable",
        **definition(
            TableName="Later",
            GlobalSecondaryIndexes=None,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": S}],
        ),
    )
    client("PutItem", TableName="Later", Item={"pk": {S: "a"}, "h1": {S: "x"}, "h2": {S: "y"}})
    client("PutItem", TableName="Later", Item={"pk": {S: "b"}, "h1": {S: "x"}})
    made = definition(KEYS[:2])
    client(
        "UpdateTable",
        TableName="Later",
        AttributeDefinitions=made["AttributeDefinitions"],
        GlobalSecondaryIndexUpdates=[{"Create": made["GlobalSecondaryIndexes"][0]}],
    )

    assert client("Scan", TableName="Later", IndexName="multi")["Count"] == 1
