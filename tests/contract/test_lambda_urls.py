"""Function URLs: event, response, CORS, authentication.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html, and recorded from AWS
(LocalStack's validated tests, ``TestLambdaURL``).
"""

import base64
import json

import pytest
from local_lambda import LocalLambda, call

from emulator.application import CorsConfiguration, FunctionUrl
from emulator.awslambda import create_urls
from emulator.credentials import CredentialStore

SOURCE = """
    import json

    def echo(event, context):
        return event

    def answers(event, context):
        return json.loads(event["body"])

    def fails(event, context):
        raise ValueError
"""
CORS = CorsConfiguration(
    allow_origins=("https://a.example",),
    allow_methods=("GET", "PUT"),
    allow_headers=("x-mine",),
    expose_headers=("x-yours",),
    allow_credentials=True,
    max_age_seconds=60,
)
FUNCTIONS = {
    "echo": {"urls": (FunctionUrl(url_id="echoid"),)},
    "answers": {"urls": (FunctionUrl(url_id="answersid"),)},
    "fails": {"urls": (FunctionUrl(url_id="failsid"),)},
    "cors": {"handler": "app.echo", "urls": (FunctionUrl(url_id="corsid", cors=CORS),)},
    "open": {
        "handler": "app.echo",
        "urls": (FunctionUrl(url_id="openid", cors=CorsConfiguration(allow_origins=("*",))),),
    },
    "iam": {"handler": "app.echo", "urls": (FunctionUrl(url_id="iamid", auth_type="AWS_IAM"),)},
}


@pytest.fixture(scope="module")
def lambda_(tmp_path_factory):
    with LocalLambda(tmp_path_factory.mktemp("urls"), SOURCE, FUNCTIONS) as made:
        yield made


@pytest.fixture
def fetch(lambda_):
    """Call a function URL; give status, headers and body."""
    app = create_urls(lambda_.service, clock=lambda_.clock, credentials=CredentialStore())

    def fetch(path, *, method="GET", body=b"", headers=()):
        def with_headers(environ, start_response):
            environ["emulator.raw_headers"] = tuple(headers)
            environ["SERVER_PORT"] = "4566"
            environ |= {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in headers}
            return app(environ, start_response)

        return call(with_headers, path, body, method)

    return fetch


def test_event(fetch):
    """The whole event of payload format 2.0."""
    status, headers, body = fetch(
        "/_lambda-url/echoid/my%20path?a=1&a=2&b=x%2By&c",
        method="POST",
        body=b'{"k": 1}',
        headers=[
            ("Host", "127.0.0.1:4566"),
            ("Header1", "value1"),
            ("header2", "a"),
            ("HEADER2", "b"),
            ("Cookie", "one=1; two=2"),
            ("Content-Type", "application/json"),
            ("User-Agent", "test"),
            ("Connection", "keep-alive"),
        ],
    )
    event = json.loads(body)
    trace_id = event["headers"]["x-amzn-trace-id"]

    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert trace_id.startswith("Root=1-")
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/my%20path",
        "rawQueryString": "a=1&a=2&b=x%2By&c",
        "cookies": ["one=1", "two=2"],
        "headers": {
            "host": "127.0.0.1:4566",
            "header1": "value1",
            "header2": "a,b",
            "cookie": "one=1; two=2",
            "content-type": "application/json",
            "user-agent": "test",
            "x-amzn-trace-id": trace_id,
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "4566",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"a": "1,2", "b": "x+y", "c": ""},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "echoid",
            "domainName": "echoid.lambda-url.us-east-1.on.aws",
            "domainPrefix": "echoid",
            "http": {
                "method": "POST",
                "path": "/my%20path",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test",
            },
            "requestId": headers["x-amzn-RequestId"],
            "routeKey": "$default",
            "stage": "$default",
            "time": "15/May/2024:10:00:00 +0000",
            "timeEpoch": 1715767200000,
        },
        "isBase64Encoded": False,
        "body": '{"k": 1}',
    }


def test_least_event(fetch):
    """What the request does not have is not there; the host name leads to the function, too."""
    _, _, body = fetch("/", headers=[("Host", "echoid.lambda-url.us-east-1.localhost:4566")])
    event = json.loads(body)

    assert event["rawPath"] == "/"
    assert not {"body", "cookies", "queryStringParameters"} & set(event)


@pytest.mark.parametrize(
    ("media_type", "body", "encoded"),
    [
        ("text/plain", b"text", False),
        ("application/vnd.api+json; charset=utf-8", b"{}", False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("multipart/form-data; boundary=x", b"--x", True),
        ("image/png", b"\x89PNG", True),
        ("text/plain", b"\xff", True),
    ],
)
def test_body(fetch, media_type, body, encoded):
    """Text stays text, everything else is base64."""
    headers = [("Content-Type", media_type)]
    event = json.loads(fetch("/_lambda-url/echoid/", method="POST", body=body, headers=headers)[2])
    expected = base64.b64encode(body).decode() if encoded else body.decode()

    assert (event["body"], event["isBase64Encoded"]) == (expected, encoded)


def result_of(fetch, result):
    headers = [("Content-Type", "application/json")]
    body = json.dumps(result).encode()
    return fetch("/_lambda-url/answersid/", method="POST", body=body, headers=headers)


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ({"hello": "world"}, b'{"hello":"world"}'),
        (["hello", 3, True], b'["hello",3,true]'),
        ("hello", b"hello"),
        (3, b"3"),
        (3.1, b"3.1"),
        (True, b"true"),
        (None, b"null"),
        ({"statusCode": 200, "body": "body123"}, b"body123"),
        ({"statusCode": 200, "body": '{"hello": "world"}'}, b'{"hello": "world"}'),
        ({"statusCode": 200}, b""),
        ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, b"hi"),
    ],
)
def test_response(fetch, result, content):
    """What is no response is sent as JSON, a string as it is."""
    status, headers, body = result_of(fetch, result)

    assert (status, headers["Content-Type"], body) == (200, "application/json", content)


def test_response_with_everything(fetch):
    """Status as text, headers, cookies."""
    status, headers, body = result_of(
        fetch,
        {
            "statusCode": "418",
            "headers": {"Content-Type": "text/plain", "My-Header": "mine"},
            "cookies": ["a=1; Secure"],
            "body": "i'm a teapot",
        },
    )

    assert (status, body) == (418, b"i'm a teapot")
    assert (headers["Content-Type"], headers["My-Header"]) == ("text/plain", "mine")
    assert headers["Set-Cookie"] == "a=1; Secure"


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "many"},
        {"statusCode": 1000},
        {"statusCode": 200, "headers": ["x"]},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
    ],
)
def test_malformed_response(fetch, result):
    """It is a bad gateway, as an error of the function is."""
    assert result_of(fetch, result)[::2] == (502, b"Internal Server Error")
    assert fetch("/_lambda-url/failsid/")[::2] == (502, b"Internal Server Error")


def test_unknown_url(fetch):
    """AWS tells nothing of whether there is one."""
    status, headers, body = fetch("/_lambda-url/none/")

    assert (status, headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert body == b'{"Message":null}'


def test_authentication(fetch):
    """An unsigned request is forbidden; a signed one is told to the function."""
    status, headers, body = fetch("/_lambda-url/iamid/")

    assert (status, headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert json.loads(body) == {
        "Message": "Forbidden. For troubleshooting Function URL authorization issues, see:"
        " https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
    }
    scope = "Credential=test/20240515/us-east-1/lambda/aws4_request"
    signed = [("Authorization", f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0")]
    status, _, body = fetch("/_lambda-url/iamid/", headers=signed)
    context = json.loads(body)["requestContext"]
    assert (status, context["accountId"]) == (200, "123456789012")
    assert context["authorizer"]["iam"]["accessKey"] == "test"


def test_preflight(fetch):
    """Lambda answers it; the function does not see it."""
    asked = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT")]
    status, headers, body = fetch("/_lambda-url/corsid/", method="OPTIONS", headers=asked)
    del headers["x-amzn-RequestId"]

    assert (status, body) == (200, b"")
    assert headers == {
        "Access-Control-Allow-Origin": "https://a.example",
        "Vary": "Origin",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET,PUT",
        "Access-Control-Allow-Headers": "x-mine",
        "Access-Control-Max-Age": "60",
    }


def test_cors_of_responses(fetch):
    """An allowed origin is named in every response, another one in none."""
    allowed = fetch("/_lambda-url/corsid/", headers=[("Origin", "https://a.example")])[1]
    other = fetch("/_lambda-url/corsid/", headers=[("Origin", "https://b.example")])[1]
    anyone = fetch("/_lambda-url/openid/", headers=[("Origin", "https://b.example")])[1]

    assert allowed["Access-Control-Allow-Origin"] == "https://a.example"
    assert allowed["Access-Control-Expose-Headers"] == "x-yours"
    assert "Access-Control-Allow-Origin" not in other
    assert anyone["Access-Control-Allow-Origin"] == "*"
    asked = [("Origin", "https://b.example"), ("Access-Control-Request-Method", "PUT")]
    assert fetch("/_lambda-url/echoid/", method="OPTIONS", headers=asked)[2].startswith(b"{")
