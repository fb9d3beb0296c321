"""A function's result becomes the response that AWS would send.

Recorded: https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_lambda.py
(``test_aws_proxy_response_payload_format_validation``, ``test_lambda_aws_proxy_response_format``,
``test_aws_proxy_binary_response``)
"""

import base64

import pytest
from unit.apigateway.gateway_fakes import RecordingInvoker, client, proxy_route, rest_api

from emulator.errors import ServiceError

INTERNAL = {"message": "Internal server error"}


def answer_to(result, *, headers=(), binary_media_types=()):
    """What a client gets when the function returns ``result``."""
    api = rest_api(proxy_route("ANY", "/x"), binary_media_types=binary_media_types)
    return client(api, invoker=RecordingInvoker(result)).get("/dev/x", headers=dict(headers))


def test_whole_response():
    """Status, type, identifiers, trace and body of the simplest result, and nothing else."""
    api = rest_api(proxy_route("GET", "/x"))

    response = client(api, invoker=RecordingInvoker({"statusCode": 200})).get("/dev/x")

    names = [name for name, _ in response.headers]
    assert (response.status_code, response.data) == (200, b"")
    assert response.content_type == "application/json"
    assert names == [
        "Content-Type",
        "x-amzn-RequestId",
        "x-amz-apigw-id",
        "X-Amzn-Trace-Id",
        "Content-Length",
    ]


@pytest.mark.parametrize(
    ("result", "status_code", "body"),
    [
        ({}, 200, b""),
        ({"headers": {"test-header": "value"}}, 200, b""),
        ({"statusCode": "201", "body": "made"}, 201, b"made"),
        ({"statusCode": 200, "headers": None}, 200, b""),
        ({"statusCode": None, "body": None, "isBase64Encoded": None}, 200, b""),
        ({"statusCode": 418, "body": "é"}, 418, "é".encode()),
        ({"body": "eA==", "isBase64Encoded": True}, 200, b"eA=="),
    ],
)
def test_accepted_results(result, status_code, body):
    """No member is required, and a status may be a string."""
    response = answer_to(result)

    assert (response.status_code, response.data) == (status_code, body)


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": 200, "wrongValue": "value"},
        {"statusCode": "text"},
        {"statusCode": True},
        {"statusCode": 1000},
        {"statusCode": 99},
        "a string",
        ["a", "list"],
        17,
        {"headers": "text"},
        {"headers": {"name": {"an": "object"}}},
        {"headers": {"name": "two\r\nSet-Cookie: lines"}},
        {"headers": {"na\nme": "value"}},
        {"headers": {"": "value"}},
        {"multiValueHeaders": {"name": "no list"}},
        {"multiValueHeaders": ["name"]},
        {"body": {"an": "object"}},
    ],
)
def test_malformed_results(result):
    """What is no proxy response is 502, whole answer compared."""
    response = answer_to(result)

    assert (response.status_code, response.json) == (502, INTERNAL)
    assert response.headers["x-amzn-ErrorType"] == "InternalServerErrorException"


@pytest.mark.parametrize("payload", [b"null", b"not json", b"\xff", b"[" * 100_000])
def test_results_that_are_no_object(payload):
    """``None``, broken JSON and JSON of any depth are 502."""
    invoker = RecordingInvoker()
    invoker.payload = payload

    response = client(rest_api(proxy_route("GET", "/x")), invoker=invoker).get("/dev/x")

    assert (response.status_code, response.json) == (502, INTERNAL)


def test_failed_function():
    """A function that raised, crashed or timed out is 502, whatever it left behind."""
    invoker = RecordingInvoker({"statusCode": 200})
    invoker.function_error = "Unhandled"

    response = client(rest_api(proxy_route("GET", "/x")), invoker=invoker).get("/dev/x")

    assert (response.status_code, response.json) == (502, INTERNAL)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        # https://repost.aws/questions/QUfI6bsdd0SOiPeyimzxSkfQ
        ("TooManyRequestsException", 429, (500, INTERNAL)),
        # https://repost.aws/knowledge-center/api-gateway-internal-server-error
        ("ResourceNotFoundException", 404, (500, INTERNAL)),
        ("RequestEntityTooLargeException", 413, (413, {"message": "Request Too Long"})),
    ],
)
def test_refused_invocation(code, status, expected):
    """An invocation that Lambda refuses becomes an error of the gateway."""
    invoker = RecordingInvoker()
    invoker.refusal = ServiceError(code, "refused", status=status)

    response = client(rest_api(proxy_route("GET", "/x")), invoker=invoker).get("/dev/x")

    assert (response.status_code, response.json) == expected


def test_header_values():
    """Booleans and numbers are spelled as JSON."""
    response = answer_to({"headers": {"a": True, "b": 5, "c": "text"}})

    assert [response.headers[name] for name in "abc"] == ["true", "5", "text"]


def test_headers_are_merged():
    """Both members are sent: the multiple values first, under their spelling, no pair twice.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#apigateway-multivalue-headers-and-parameters
    """
    response = answer_to(
        {
            "headers": {"x-solo": "value-solo", "X-both": "value-solo", "X-same": "one"},
            "multiValueHeaders": {"x-Both": ["value-multi"], "X-SAME": ["one", "two"]},
        }
    )

    sent = [pair for pair in response.headers if pair[0].lower() in ("x-solo", "x-both", "x-same")]
    assert sent == [
        ("x-Both", "value-multi"),
        ("x-Both", "value-solo"),
        ("X-SAME", "one"),
        ("X-SAME", "two"),
        ("x-solo", "value-solo"),
    ]


def test_cookies_stay_apart():
    """Several ``Set-Cookie`` are several headers."""
    response = answer_to({"multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}})

    assert response.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_remapped_headers():
    """What belongs to the connection is renamed or dropped.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    own = {
        "Connection": "keep-alive",
        "Content-Length": "791",
        "Date": "yesterday",
        "Server": "gunicorn/19.9.0",
        "WWW-Authenticate": "Basic",
        "Transfer-Encoding": "chunked",
    }

    response = answer_to({"headers": own, "body": "abc"})

    remapped = {name: value for name, value in response.headers if "Remapped" in name}
    assert remapped == {
        "x-amzn-Remapped-Connection": "keep-alive",
        "x-amzn-Remapped-Content-Length": "791",
        "x-amzn-Remapped-Date": "yesterday",
        "x-amzn-Remapped-Server": "gunicorn/19.9.0",
        "x-amzn-Remapped-WWW-Authenticate": "Basic",
    }
    assert response.headers["Content-Length"] == "3"


@pytest.mark.parametrize(
    ("configured", "accept", "decoded"),
    [
        ("image/png", "image/png,image/*,*/*", True),
        ("image/png", "image/webp,image/png,*/*", False),
        ("image/png", "*/*", False),
        ("image/png", "image/*", False),
        ("image/png", "application", False),
        ("image/png", None, False),
        ("application/*", "application/whatever", True),
        ("application/*", "application/*", True),
        ("*/test", "application/test", False),
        ("*/*", None, True),
    ],
)
def test_binary_response(configured, accept, decoded):
    """Base64 is decoded if the first type of ``Accept`` is a binary one; else sent as text."""
    picture = b"\x89PNG\xff"
    text = base64.b64encode(picture)

    response = answer_to(
        {"body": text.decode(), "isBase64Encoded": True, "headers": {"Content-Type": "any/type"}},
        headers=[("Accept", accept)] if accept else (),
        binary_media_types=(configured,),
    )

    assert response.data == (picture if decoded else text)


def test_body_that_is_no_base64():
    """A body that says it is base64 and is not is 500."""
    response = answer_to(
        {"body": "no base64!", "isBase64Encoded": True}, binary_media_types=("*/*",)
    )

    assert (response.status_code, response.json) == (500, INTERNAL)


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        ("Root=1-668e7d34-abc;Parent=cc;Sampled=1", "Root=1-668e7d34-abc;Parent=cc;Sampled=1"),
        ("Root=1-668e7d34-abc", "Root=1-668e7d34-abc;Parent="),
        ("nonsense", "Root=1-"),
    ],
)
def test_trace_id(sent, returned):
    """A client's whole trace id comes back; a bare root gets a parent; anything else is replaced.

    https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_common.py
    (``test_invocation_trace_id``)
    """
    response = answer_to({}, headers=[("X-Amzn-Trace-Id", sent)])

    assert response.headers["X-Amzn-Trace-Id"].startswith(returned)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH", "PROPFIND"])
def test_any_method_reaches_any(method):
    """``ANY`` takes every method; a HEAD has the length of a body that is not sent."""
    invoker = RecordingInvoker({"body": "abc"})
    app = client(rest_api(proxy_route("ANY", "/x")), invoker=invoker)

    response = app.open("/dev/x", method=method)

    assert invoker.event["httpMethod"] == method
    assert response.data == (b"" if method == "HEAD" else b"abc")
    assert response.headers["Content-Length"] == "3"


@pytest.mark.parametrize("status_code", [204, 304])
def test_statuses_without_a_body(status_code):
    """No body and no length where HTTP has none."""
    response = answer_to({"statusCode": status_code, "body": "ignored"})

    assert (response.status_code, response.data) == (status_code, b"")
    assert "Content-Length" not in response.headers


def test_location_is_sent_as_it_is():
    """Nobody resolves or escapes a ``Location``."""
    response = answer_to({"statusCode": 302, "headers": {"Location": "../a b?c=[d]"}})

    assert response.headers["Location"] == "../a b?c=[d]"


def test_header_value_beyond_latin_1():
    """A value that HTTP cannot spell goes out as UTF-8."""
    response = answer_to({"headers": {"X-Name": "Żółw"}})

    assert response.headers["X-Name"].encode("latin-1").decode() == "Żółw"
