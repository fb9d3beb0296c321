"""DynamoDB on the wire: targets, headers, errors that no operation raises.

https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

import json
import re
import zlib

import pytest
from dynamodb_calls import FILES, Client, make_service

TARGET = "DynamoDB_20120810."


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


@pytest.mark.parametrize("content", [b"{", b"[]", b"1", b'"text"', b"\xff"])
def test_unreadable_body(client, content):
    """A body that is no JSON object is a serialization error."""
    status, answer = client.post(TARGET + "ListTables", content)

    assert status == 400
    assert json.loads(answer) == {"__type": "com.amazon.coral.service#SerializationException"}


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
