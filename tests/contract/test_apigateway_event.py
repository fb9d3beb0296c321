"""The event of a Lambda proxy integration is the one that AWS sends, member for member."""

import base64
import json

from unit.apigateway.gateway_fakes import (
    API_KEY,
    RecordingInvoker,
    context_of,
    gateway_app,
    proxy_route,
    request_to,
    rest_api,
)
from werkzeug.test import EnvironBuilder, run_wsgi_app

from emulator.apigateway.proxy_event import to_event
from emulator.apigateway.routing import RouteTree


def routed(request, api, **fields):
    match = RouteTree(api.routes).match(request.http_method, request.path)
    return context_of(request, api, match=match, **fields)


def test_proxy_event_without_body():
    """The whole recorded event of a GET, without the headers of an edge-optimised endpoint.

    https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json
    (``test_lambda_aws_proxy_integration``: ``invocation-payload-with-trailing-slash``)
    """
    api = rest_api(proxy_route("ANY", "/{proxy+}"), stage_name="test")
    request = request_to(
        path="/test-path/",
        stage_name="test",
        full_path="/test/test-path/",
        headers=(
            ("Host", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"),
            ("User-Agent", "python-requests/testing"),
            ("Accept-Encoding", "gzip, deflate"),
            ("Accept", "*/*"),
            ("Connection", "keep-alive"),
            ("tEsT-HEADeR", "aValUE"),
            ("Authorization", "random-value"),
        ),
        source_ip="203.0.113.7",
        scheme="https",
        port="443",
    )

    event = json.loads(to_event(routed(request, api)))

    assert event == {
        "body": None,
        "headers": {
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": "random-value",
            "Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "User-Agent": "python-requests/testing",
            "X-Amzn-Trace-Id": "Root=1-668e7d34-aaaaaaaaaaaaaaaaaaaaaaaa",
            "X-Forwarded-For": "203.0.113.7",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
            "tEsT-HEADeR": "aValUE",
        },
        "httpMethod": "GET",
        "isBase64Encoded": False,
        "multiValueHeaders": {
            "Accept": ["*/*"],
            "Accept-Encoding": ["gzip, deflate"],
            "Authorization": ["random-value"],
            "Host": ["a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"],
            "User-Agent": ["python-requests/testing"],
            "X-Amzn-Trace-Id": ["Root=1-668e7d34-aaaaaaaaaaaaaaaaaaaaaaaa"],
            "X-Forwarded-For": ["203.0.113.7"],
            "X-Forwarded-Port": ["443"],
            "X-Forwarded-Proto": ["https"],
            "tEsT-HEADeR": ["aValUE"],
        },
        "multiValueQueryStringParameters": None,
        "path": "/test-path/",
        "pathParameters": {"proxy": "test-path"},
        "queryStringParameters": None,
        "requestContext": {
            "accountId": "111111111111",
            "apiId": "a1b2c3d4e5",
            "deploymentId": "wpwp96",
            "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "a1b2c3d4e5",
            "extendedRequestId": "AAAAAAAAAAAAAAA=",
            "httpMethod": "GET",
            "identity": {
                "accessKey": None,
                "accountId": None,
                "caller": None,
                "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None,
                "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None,
                "principalOrgId": None,
                "sourceIp": "203.0.113.7",
                "user": None,
                "userAgent": "python-requests/testing",
                "userArn": None,
            },
            "path": "/test/test-path/",
            "protocol": "HTTP/1.1",
            "requestId": "11111111-1111-4111-8111-111111111111",
            "requestTime": "10/Jul/2024:12:28:36 +0000",
            "requestTimeEpoch": 1720614516500,
            "resourceId": "sn1pxh",
            "resourcePath": "/{proxy+}",
            "stage": "test",
        },
        "resource": "/{proxy+}",
        "stageVariables": None,
    }


def test_repeated_headers_and_parameters_and_a_key():
    """The documented event: last value plain, all values in ``multiValue…``, key in ``identity``.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
    """
    api = rest_api(
        proxy_route("GET", "/my/{name}", api_key_required=True), stage_variables=(("env", "x"),)
    )
    request = request_to(
        path="/my/path",
        headers=(("header1", "value1"), ("header2", "value1"), ("Header2", "value2")),
        query_string="parameter1=value1&parameter1=value2&parameter2=a+b%2Bc&parameter3",
    )

    event = json.loads(to_event(routed(request, api, api_key=API_KEY)))

    assert event["headers"] | {"header1": "value1", "header2": "value2"} == event["headers"]
    assert event["multiValueHeaders"]["header2"] == ["value1", "value2"]
    assert event["queryStringParameters"] == {
        "parameter1": "value2",
        "parameter2": "a b+c",
        "parameter3": "",
    }
    assert event["multiValueQueryStringParameters"] == {
        "parameter1": ["value1", "value2"],
        "parameter2": ["a b+c"],
        "parameter3": [""],
    }
    assert event["pathParameters"] == {"name": "path"}
    assert event["stageVariables"] == {"env": "x"}
    assert event["requestContext"]["identity"]["apiKey"] == API_KEY
    assert event["requestContext"]["identity"]["apiKeyId"] == "atf6ointp6"


def test_headers_that_do_not_reach_a_function():
    """What AWS keeps and drops of a request's headers.

    https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_integrations.snapshot.json
    (``test_apigateway_header_remapping_aws[AWS_PROXY]``: ``no-param-integration``)
    """
    kept = {
        "Accept": "application/json",
        "Accept-Charset": "UTF-8",
        "Accept-Encoding": "br",
        "Age": "request_Age",
        "Authorization": "Unauthorized",
        "Content-Encoding": "deflate",
        "Content-Type": "application/json",
        "Date": "Wed, 17 Jul 2024 18:35:02 GMT",
        "Host": "localhost:3000",
        "Pragma": "cache",
        "Range": "bytes=500-999",
        "Referer": "https://example.com/",
        "User-Agent": "localStack/0.0",
        "Via": "1.1 example",
        "Warn": "299 localStack/0.0",
    }
    dropped = {
        "Connection": "keep-alive",
        "Content-Length": "0",
        "Content-MD5": "x",
        "Expect": "100-continue",
        "Max-Forwards": "2",
        "Proxy-Authenticate": "Basic",
        "Server": "x",
        "TE": "deflate",
        "Transfer-Encoding": "chunked",
        "Trailer": "user-agent",
        "Upgrade": "HTTP/2.0",
        "WWW-Authenticate": "Basic",
    }
    added = {
        "X-Amzn-Trace-Id": "Root=1-668e7d34-aaaaaaaaaaaaaaaaaaaaaaaa",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "80",
        "X-Forwarded-Proto": "http",
    }
    request = request_to(headers=tuple((kept | dropped).items()))

    event = json.loads(to_event(context_of(request)))

    assert event["headers"] == kept | added


def test_binary_body():
    """A body of a binary media type is base64; of any other type, text.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
    """
    api = rest_api(proxy_route("PUT", "/files"), binary_media_types=("image/png",))
    picture = b"\x89PNG\r\n"

    def event_of(content_type):
        headers = (("Content-Type", content_type),)
        request = request_to(http_method="PUT", headers=headers, body=picture)
        return json.loads(to_event(routed(request, api)))

    binary, text = event_of("image/png; x=y"), event_of("text/plain")

    assert (binary["body"], binary["isBase64Encoded"]) == (base64.b64encode(picture).decode(), True)
    assert (text["body"], text["isBase64Encoded"]) == ("\ufffdPNG\r\n", False)


def test_paths_and_headers_come_as_they_were_sent():
    """The listener's raw target and headers reach the event: case, order, escapes, slashes.

    https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json
    (``invocation-payload-with-path-encoded-email`` and double slashes)
    """
    invoker = RecordingInvoker()
    app = gateway_app(rest_api(proxy_route("ANY", "/{proxy+}")), invoker=invoker)
    environ = EnvironBuilder(path="/ignored", method="POST", data=b"x").get_environ()
    environ["RAW_URI"] = "/dev//test%2Balias@gmail.com//test+alias/?q=%C3%A9&q=a%20b"
    environ["emulator.raw_headers"] = (("hOsT", "localhost:3000"), ("X-b", "1"), ("x-B", "2"))

    run_wsgi_app(app, environ)

    event = invoker.event
    assert event["path"] == "/test%2Balias@gmail.com//test+alias/"
    assert event["requestContext"]["path"] == "/dev//test%2Balias@gmail.com//test+alias/"
    assert event["pathParameters"] == {"proxy": "test%2Balias@gmail.com//test+alias"}
    assert event["multiValueQueryStringParameters"] == {"q": ["é", "a b"]}
    assert event["headers"]["hOsT"] == "localhost:3000"
    assert event["multiValueHeaders"]["X-b"] == ["1", "2"]
