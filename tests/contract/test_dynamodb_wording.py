"""One mistake, worded by the request checker that an operation has.

Texts were recorded against AWS by https://github.com/paritysuite/dynamodb-conformance
(``tests/tier3``: ``error-messages/valueLayers.test.ts``, ``limits/nestingDepth.test.ts``,
``validation-ordering``) and by https://github.com/scylladb/scylladb (``test/alternator``).
"""

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service

COUNTED = "1 validation error detected: "
INVALID = "One or more parameter values were invalid: "
TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: "
    "Attributes in the item have nested levels beyond supported limit"
)
KEY = {"id": {"S": "a"}}
REPEATED = {
    "SS": (
        {"SS": ["b", "a", "b"]},
        INVALID + 'Input collection ["a", "b", "b"] contains duplicates.',
        INVALID + "Input collection [b, a, b] contains duplicates.",
    ),
    "BS": (
        {"BS": ["/w==", "AA==", "AA=="]},
        INVALID + 'Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.',
        INVALID + "Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
    ),
    "NS": (
        {"NS": ["2", "1", "2"]},
        INVALID + "Input collection contains duplicates.",
        "Input collection contains duplicates",
    ),
    "no number": (
        {"N": ""},
        "The parameter cannot be converted to a numeric value: ",
        "The parameter cannot be converted to a numeric value",
    ),
}
EMPTY_KEY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
    "contain an empty string value. Key: id"
)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    service = make_service(tmp_path_factory.mktemp("dynamodb"), FILES, ORDERS)
    service.start()
    yield Client(service)
    service.stop()


def refusal(client, operation, **members):
    with pytest.raises(Refused) as refused:
        client(operation, **members)
    return refused.value.body


def nested(levels):
    value = {"S": "leaf"}
    for _ in range(levels):
        value = {"M": {"n": value}}
    return value


@pytest.mark.parametrize(("value", "newer", "older"), REPEATED.values(), ids=REPEATED)
def test_values(client, value, newer, older):
    """A value is refused in newer words, counted if it is written, or in older words."""
    condition = {"ConditionExpression": "s = :t", "ExpressionAttributeValues": {":t": value}}
    put = {"TableName": "Files", "Item": KEY | {"s": value}}
    check = {"TableName": "Files", "Key": KEY, **condition}
    query = {
        "KeyConditionExpression": "id = :t",
        "ExpressionAttributeValues": {":t": value},
    }

    assert [
        refusal(client, operation, **members)["message"]
        for operation, members in (
            ("PutItem", put),
            ("DeleteItem", check),
            ("GetItem", {"TableName": "Files", "Key": {"id": value}}),
            ("Query", {"TableName": "Files", **query}),
            (
                "BatchWriteItem",
                {"RequestItems": {"Files": [{"PutRequest": {"Item": put["Item"]}}]}},
            ),
            ("TransactWriteItems", {"TransactItems": [{"ConditionCheck": check}]}),
            ("Scan", {"TableName": "Files", "ExclusiveStartKey": {"id": value}}),
        )
    ] == [
        COUNTED + newer,
        COUNTED + newer,
        newer,
        newer,
        older,
        f"ExpressionAttributeValues contains invalid value: {older} for key :t",
        f"The provided starting key is invalid: {older}",
    ]


def test_nesting(client):
    """A document has 32 levels, that of the attribute is the first; 33 are refused."""
    client("PutItem", TableName="Files", Item=KEY | {"d": nested(31)})

    assert refusal(client, "PutItem", TableName="Files", Item=KEY | {"d": nested(32)}) == {
        "__type": "com.amazon.coral.validate#ValidationException",
        "message": COUNTED + TOO_DEEP,
    }


def test_empty_attribute_name(client):
    """An attribute has a name; that it has none is said before anything of its value."""
    put = {"Put": {"TableName": "Files", "Item": KEY | {"d": nested(40), "": {"S": "x"}}}}

    assert refusal(client, "TransactWriteItems", TransactItems=[put])["message"] == (
        "Empty attribute name"
    )


@pytest.mark.parametrize(
    ("member", "expression"),
    [
        ("ConditionExpression", " or ".join(["a = :v"] * 151)),
        ("UpdateExpression", "SET " + ",".join(f"a{n}=:v+:v" for n in range(301))),
    ],
    ids=lambda part: part[:20],
)
def test_operators(client, member, expression):
    """An expression has 300 operators and functions at most."""
    operation = "UpdateItem" if member == "UpdateExpression" else "DeleteItem"
    members = {"TableName": "Files", "Key": KEY, "ExpressionAttributeValues": {":v": {"N": "1"}}}

    assert refusal(client, operation, **members, **{member: expression})["message"] == (
        f"{COUNTED}Invalid {member}: The expression contains too many operators; "
        "operator count: 301"
    )


@pytest.mark.parametrize(
    ("operation", "member", "prefix", "suffix"),
    [
        ("DeleteItem", "ConditionExpression", COUNTED, ""),
        ("Scan", "FilterExpression", "", " expression size: 4109"),
    ],
)
def test_size_of_an_expression(client, operation, member, prefix, suffix):
    """An expression has 4096 bytes at most; only the older checker tells how many it has."""
    expression = " AND ".join(["a = :v"] * 374)
    members = {"TableName": "Files", "ExpressionAttributeValues": {":v": {"N": "1"}}}
    if operation == "DeleteItem":
        members["Key"] = KEY

    assert refusal(client, operation, **members, **{member: expression})["message"] == (
        f"{prefix}Invalid {member}: Expression size has exceeded the maximum allowed size;{suffix}"
    )


@pytest.mark.parametrize(
    "part",
    [
        {"Put": {"TableName": "Files", "Item": {"id": {"S": ""}}}},
        {"Delete": {"TableName": "Files", "Key": {"id": {"S": ""}}}},
    ],
    ids=str,
)
def test_empty_key_in_a_transaction(client, part):
    """A transaction with an empty key is refused, not cancelled."""
    failing = {
        "ConditionCheck": {
            "TableName": "Files",
            "Key": {"id": {"S": "nobody"}},
            "ConditionExpression": "attribute_exists(id)",
        }
    }

    assert refusal(client, "TransactWriteItems", TransactItems=[failing, part]) == {
        "__type": "com.amazon.coral.validate#ValidationException",
        "message": EMPTY_KEY,
    }


def test_batch_mixes_old_and_new_parameters(client):
    """Legacy parameters do not go with expressions, even if each table has its own."""
    requests = {
        "Files": {"Keys": [KEY], "ProjectionExpression": "id"},
        "Orders": {
            "Keys": [{"customer": {"S": "a"}, "number": {"N": "1"}}],
            "AttributesToGet": ["number"],
        },
    }

    assert refusal(client, "BatchGetItem", RequestItems=requests)["message"] == (
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"
    )


def test_members_as_java_writes_them(client):
    """A list of a request is shown as the service's own language shows it."""
    schema = [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in (("pk", "HASH"), ("sk", "RANGE"), ("extra", "RANGE"))
    ]
    attributes = [{"AttributeName": one["AttributeName"], "AttributeType": "S"} for one in schema]

    assert refusal(
        client,
        "CreateTable",
        TableName="Three",
        KeySchema=schema,
        AttributeDefinitions=attributes,
        BillingMode="PAY_PER_REQUEST",
    )["message"] == (
        f"{COUNTED}Value '[KeySchemaElement(attributeName=pk, keyType=HASH), "
        "KeySchemaElement(attributeName=sk, keyType=RANGE), "
        "KeySchemaElement(attributeName=extra, keyType=RANGE)]' at 'keySchema' failed to satisfy "
        "constraint: Member must have length less than or equal to 2"
    )


def test_size_of_an_item(client):
    """An item that is too large is refused before its table is looked for, and never cancelled."""
    item = KEY | {"d": {"S": "x" * 400 * 1024}}
    put = {"TableName": "Absent", "Item": item}

    assert [
        refusal(client, "PutItem", **put)["message"],
        refusal(client, "TransactWriteItems", TransactItems=[{"Put": put}])["message"],
    ] == ["Item size has exceeded the maximum allowed size"] * 2


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("PutItem", lambda name: {"Item": KEY | {name: {"N": "1"}}}),
        ("GetItem", lambda name: {"Key": KEY, "AttributesToGet": [name]}),
        ("UpdateItem", lambda name: {"Key": KEY, "AttributeUpdates": {name: {"Action": "DELETE"}}}),
        (
            "GetItem",
            lambda name: {
                "Key": KEY,
                "ProjectionExpression": "#n",
                "ExpressionAttributeNames": {"#n": name},
            },
        ),
    ],
    ids=["item", "attributes", "updates", "placeholder"],
)
@pytest.mark.parametrize("filler", ["x", "\N{EURO SIGN}"])
def test_length_of_attribute_names(client, operation, members, filler):
    """A name of 64 KB is too long by one byte.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    name = filler * (65535 // len(filler.encode()))

    client(operation, TableName="Files", **members(name))
    refused = refusal(client, operation, TableName="Files", **members(name + "x"))

    assert refused["message"].removeprefix(COUNTED) == (
        "Attribute name is too large, must be less than 65536 bytes"
    )
