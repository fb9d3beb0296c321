"""Requests that do not fit DynamoDB's model, refused in its words.

Texts were recorded against AWS by https://github.com/architect/dynalite (``test/``); the model is
https://github.com/boto/botocore/tree/develop/botocore/data/dynamodb/2012-08-10
"""

import pytest
from dynamodb_calls import FILES, Client, Refused, make_service

VALIDATION = "com.amazon.coral.validate#ValidationException"
SERIALIZATION = "com.amazon.coral.service#SerializationException"
NULL = "Value null at '{}' failed to satisfy constraint: Member must not be null"
KEY = {"id": {"S": "a"}}
MAP_OF_VALUES = (
    "Unrecognized collection type java.util.Map<java.lang.String, "
    "com.amazonaws.dynamodb.v20120810.AttributeValue>"
)
STUMBLED = (
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
    "java.lang.Class are in module java.base of loader 'bootstrap')"
)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    service = make_service(tmp_path_factory.mktemp("dynamodb"), FILES)
    service.start()
    yield Client(service)
    service.stop()


def refusal(client, operation, members):
    with pytest.raises(Refused) as refused:
        client(operation, **members)
    assert refused.value.status == 400
    return refused.value.body


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("GetItem", {"TableName": 1.5}, "DECIMAL_VALUE cannot be converted to String"),
        ("GetItem", {"TableName": False}, "FALSE_VALUE cannot be converted to String"),
        ("GetItem", {"TableName": []}, "Unrecognized collection type class java.lang.String"),
        ("GetItem", {"Key": "a"}, "Unexpected field type"),
        ("GetItem", {"Key": []}, MAP_OF_VALUES),
        ("GetItem", {"Key": {"id": "a"}}, "Unexpected value type in payload"),
        (
            "GetItem",
            {"Key": {"id": []}},
            ("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
        ),
        ("GetItem", {"ConsistentRead": 1}, "NUMBER_VALUE cannot be converted to Boolean"),
        ("GetItem", {"ConsistentRead": "a"}, "Unexpected token received from parser"),
        ("GetItem", {"AttributesToGet": "a"}, "Unexpected field type"),
        (
            "GetItem",
            {"AttributesToGet": {}},
            "Start of structure or map found where not expected",
        ),
        ("Query", {"Limit": "1"}, "STRING_VALUE cannot be converted to Integer"),
        ("Query", {"Limit": True}, "TRUE_VALUE cannot be converted to Integer"),
        ("BatchWriteItem", {"RequestItems": {"Files": 1}}, STUMBLED),
        ("BatchGetItem", {"RequestItems": {"Files": {"Keys": ["a"]}}}, STUMBLED),
        ("PutItem", {"Item": {"id": {"B": 1}}}, "only base-64-encoded strings are convertible to"),
        ("PutItem", {"Item": {"id": {"B": "a"}}}, "Base64 encoded length is expected a multiple"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_types(client, operation, members, message):
    """A wrong JSON type is a serialization error, before anything else is looked at."""
    body = refusal(client, operation, {"TableName": "Files"} | members)

    assert body["__type"] == SERIALIZATION
    assert body["Message"].startswith(message)


@pytest.mark.parametrize(
    ("operation", "members", "errors"),
    [
        ("PutItem", {}, [NULL.format("tableName"), NULL.format("item")]),
        (
            "PutItem",
            {"TableName": "", "Item": {}, "ReturnValues": "x"},
            [
                (
                    "Value '' at 'tableName' failed to satisfy constraint: "
                    "Member must have length greater than or equal to 1"
                ),
                (
                    "Value 'x' at 'returnValues' failed to satisfy constraint: Member must "
                    "satisfy enum value set: "
                    "[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
                ),
            ],
        ),
        (
            "Query",
            {"TableName": "Files", "Limit": 0, "IndexName": "ab"},
            [
                (
                    "Value 'ab' at 'indexName' failed to satisfy constraint: "
                    "Member must have length greater than or equal to 3"
                ),
                (
                    "Value at 'Limit' failed to satisfy constraint: "
                    "Member must have value greater than or equal to 1"
                ),
            ],
        ),
        (
            "Scan",
            {"TableName": "Files", "ScanFilter": {"a": {}}},
            [NULL.format("scanFilter.a.member.comparisonOperator")],
        ),
        (
            "BatchGetItem",
            {"RequestItems": {"Files": {"Keys": []}}},
            [
                (
                    "Value at 'RequestItems.Files.member.Keys' failed to satisfy constraint: "
                    "Member must have length greater than or equal to 1"
                )
            ],
        ),
        (
            "BatchWriteItem",
            {"RequestItems": {"Fi": [{}]}},
            [
                (
                    "Value '{Fi=[WriteRequest(putRequest=null, deleteRequest=null)]}' "
                    "at 'requestItems' failed to satisfy constraint: "
                    "Map keys must satisfy constraint: [Member must have length less than or equal "
                    "to 255, Member must have length greater than or equal to 3, "
                    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
                )
            ],
        ),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "Files"}}]},
            [NULL.format("transactItems.1.member.put.item")],
        ),
    ],
    ids=lambda part: str(part)[:40],
)
def test_bounds(client, operation, members, errors):
    """Everything that is missing or out of bounds is named in one validation error."""
    plural = "s" if len(errors) > 1 else ""

    assert refusal(client, operation, members) == {
        "__type": VALIDATION,
        "message": f"{len(errors)} validation error{plural} detected: {'; '.join(errors)}",
    }


def test_at_most_ten_errors(client):
    """Of more than ten mistakes ten are named."""
    schema = [{} for _ in range(12)]
    members = {"TableName": "Many", "AttributeDefinitions": [], "KeySchema": schema}

    assert refusal(client, "CreateTable", members)["message"].startswith("10 validation errors")


def test_what_is_unknown_or_null_is_ignored(client):
    """Members that DynamoDB does not have, and null ones, are as if they were not there."""
    members = {"Nonsense": 1, "ConsistentRead": None, "ExpressionAttributeValues": {}}

    assert client("GetItem", TableName="Files", Key=KEY, **members) == {}
    nulls = {"id": {"S": "nulls", "N": None, "L": None}}
    assert client("PutItem", TableName="Files", Item=nulls) == {}


@pytest.mark.parametrize("operation", ["CreateTable", "DeleteTable", "DescribeTable"])
def test_names_of_tables(client, operation):
    """Operations on tables have words of their own for a name that is missing."""
    assert refusal(client, operation, {})["message"] == (
        "The parameter 'TableName' is required but was not present in the request"
    )
    assert (
        "Value 'ab' at 'tableName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 3"
    ) in refusal(client, operation, {"TableName": "ab"})["message"]


def test_table_may_be_named_by_its_arn(client):
    """The bounds of a name are not those of an ARN."""
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/Files"

    assert client("GetItem", TableName=arn, Key=KEY) == {}
