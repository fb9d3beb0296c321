"""DynamoDB on the wire: targets, headers, errors that no operation raises.

https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

import gzip
import json
import re
import zlib

import pytest
from dynamodb_calls import FILES, Client, make_service

TARGET = "DynamoDB_20120810."


def deep(opening, inner):
    """An expression in many parentheses."""
    return opening * 600 + inner + ")" * 600


def repr_start(content):
    """A short name for a body."""
    return repr(content[:20])


@pytest.fixture
def client(tmp_path):
    service = make_service(tmp_path, FILES)
    service.start()
    yield Client(service)
    service.stop()


def test_headers(client):
    """An answer bears its request's id, 52 capital letters and digits, and its checksum."""
    _, content = client.post(TARGET + "ListTables", b"{}")

    assert re.fullmatch(r"[A-Z0-9]{52}", client.headers.pop("x-amzn-RequestId"))
    assert client.headers == {
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": str(len(content)),
        "x-amz-crc32": str(zlib.crc32(content)),
    }


@pytest.mark.parametrize("target", [TARGET + "Nonsense", "ListTables.", "", "X.GetItems"])
def test_unknown_operation(client, target):
    """What DynamoDB does not have is refused."""
    status, content = client.post(target, b"{}")

    assert status == 400
    assert json.loads(content) == {"__type": "com.amazon.coral.service#UnknownOperationException"}


@pytest.mark.parametrize(
    "content",
    [
        *(b"{", b"[]", b"1", b'"text"', b"\xff", b'{"Limit":NaN}'),
        b'{"TableName":"\xed\xa0\x80"}',
        b'{"a":' * 100_000,
    ],
    ids=repr_start,
)
def test_unreadable_body(client, content):
    """A body that is no JSON object is a serialization error."""
    status, answer = client.post(TARGET + "ListTables", content)

    assert status == 400
    assert json.loads(answer) == {"__type": "com.amazon.coral.service#SerializationException"}


def test_a_number_without_end(client):
    """What no machine can hold is no whole number, and a serialization error too."""
    status, answer = client.post(TARGET + "ListTables", b'{"Limit":1e400}')

    assert status == 400
    assert json.loads(answer)["__type"] == "com.amazon.coral.service#SerializationException"


INCOMPLETE = (
    "Authorization header requires 'Credential' parameter. "
    "Authorization header requires 'Signature' parameter. "
    "Authorization header requires 'SignedHeaders' parameter. "
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
    "Authorization=AWS4-"
)


@pytest.mark.parametrize(
    ("authorization", "code", "message"),
    [
        ("", "MissingAuthenticationToken", "Request is missing Authentication Token"),
        ("AWS4", "MissingAuthenticationToken", "Request is missing Authentication Token"),
        ("AWS4-", "IncompleteSignature", INCOMPLETE),
    ],
)
def test_unsigned_request(client, authorization, code, message):
    """A request must be signed, though nobody looks whether the signature is right.

    Recorded by https://github.com/architect/dynalite (``test/connection.js``).
    """
    status, answer = client.post(TARGET + "ListTables", b"{}", authorization=authorization)

    assert status == 400
    assert json.loads(answer) == {
        "__type": f"com.amazon.coral.service#{code}Exception",
        "message": message,
    }


def test_unsigned_request_for_nothing(client):
    """What DynamoDB does not have is refused first."""
    _, answer = client.post(TARGET + "ListTable", b"{}", authorization="")

    assert json.loads(answer) == {"__type": "com.amazon.coral.service#UnknownOperationException"}


LIST = b'{"Limit": 1}'


@pytest.mark.parametrize(
    "content",
    [gzip.compress(LIST), gzip.compress(LIST[:5]) + gzip.compress(LIST[5:])],
    ids=["one", "two"],
)
def test_compressed_request(client, content):
    """A request may be packed, also in several pieces.

    Recorded by https://github.com/scylladb/scylladb (``test_compressed_request.py``), as is below.
    """
    status, answer = client.post(TARGET + "ListTables", content, content_encoding="gzip")

    assert (status, json.loads(answer)) == (200, {"TableNames": [FILES.name]})


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (LIST, "garbage"),
        (LIST, "gzip"),
        (gzip.compress(LIST)[:-1], "gzip"),
        (gzip.compress(LIST)[:-12] + b"123456789012", "gzip"),
        (b"", "gzip"),
    ],
    ids=["unknown", "plain", "cut", "damaged", "empty"],
)
def test_badly_compressed_request(client, content, encoding):
    """What cannot be unpacked is an error of the service, says AWS."""
    status, answer = client.post(TARGET + "ListTables", content, content_encoding=encoding)

    assert status == 500
    assert json.loads(answer)["__type"].endswith("#InternalServerError")


def test_large_compressed_request(client):
    """A small request does not become a large one."""
    content = gzip.compress(b'{"TableName":"' + b" " * (17 * 1024 * 1024))

    status, _ = client.post(TARGET + "ListTables", content, content_encoding="gzip")

    assert status == 413


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8"])
def test_plain_json(client, content_type):
    """A request in plain JSON is answered in plain JSON."""
    status, _ = client.post(TARGET + "ListTables", b"{}", content_type)

    assert status == 200
    assert client.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-amz-json-1.1"])
def test_other_content_types(client, content_type):
    """What is not sent as JSON is not found, in the words of something like XML."""
    status, answer = client.post(TARGET + "ListTables", b"{}", content_type)

    assert (status, answer) == (404, b"<UnknownOperationException/>\n")
    assert client.headers["x-amz-crc32"] == "3552371480"


def test_text_outside_ascii_comes_back(client):
    """Any text is stored and sent as it was."""
    item = {"id": {"S": "ä\U0001f600\u0000"}, "ключ": {"L": [{"S": "值"}]}}
    client("PutItem", TableName="Files", Item=item)

    found = client("GetItem", TableName="Files", Key={"id": item["id"]})

    assert found == {"Item": item}


def test_half_surrogate_pair(client):
    """Half of a surrogate pair becomes a question mark, so that every client can read the item."""
    client.post(
        TARGET + "PutItem", rb'{"TableName":"Files","Item":{"id":{"S":"\uD83D \ud83d\ude00"}}}'
    )

    _, content = client.post(TARGET + "Scan", b'{"TableName":"Files"}')

    assert json.loads(content.decode())["Items"] == [{"id": {"S": "? \U0001f600"}}]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("PutItem", {"Item": {"id": {"S": "a"}}, "ConditionExpression": deep("NOT (", "id = :v")}),
        ("Query", {"KeyConditionExpression": deep("(", "id = :v")}),
        (
            "UpdateItem",
            {"Key": {"id": {"S": "a"}}, "UpdateExpression": "SET a = " + deep("(", ":v")},
        ),
    ],
)
def test_deep_expression(client, operation, members):
    """An expression that nests too deep is a validation error, not the end of the request."""
    members |= {"TableName": "Files", "ExpressionAttributeValues": {":v": {"S": "a"}}}

    status, content = client.post(TARGET + operation, json.dumps(members).encode())

    assert status == 400
    assert json.loads(content)["__type"] == "com.amazon.coral.validate#ValidationException"


@pytest.mark.parametrize(
    "condition", ["NOT " * 3000 + "id = 'a'", deep("(", "id = 'a'")], ids=["not", "parentheses"]
)
def test_deep_statement(client, condition):
    """A statement that nests too deep is a validation error."""
    statement = f"SELECT * FROM Files WHERE {condition}"  # noqa: S608 -- PartiQL of a test

    status, content = client.post(
        TARGET + "ExecuteStatement", json.dumps({"Statement": statement}).encode()
    )

    assert status == 400
    assert json.loads(content)["__type"] == "com.amazon.coral.validate#ValidationException"
