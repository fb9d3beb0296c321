"""Errors that the gateway makes are AWS's: status, body, ``x-amzn-ErrorType``, identifiers.

Recorded: https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_common.py
"""

import pytest
from unit.apigateway.gateway_fakes import (
    API_KEY,
    RecordingInvoker,
    client,
    gateway_app,
    proxy_route,
    rest_api,
)
from werkzeug.test import Client

from emulator.application import GatewayResponse, UsagePlan
from emulator.errors import TemplateError

CONFIGURED = rest_api(
    proxy_route("GET", "/open"),
    proxy_route("PUT", "/keyed", api_key_required=True),
)


def shape(response):
    """The parts of an error that a client may rely on."""
    return (
        response.status_code,
        response.data,
        response.content_type,
        response.headers.get("x-amzn-ErrorType"),
        {"x-amzn-RequestId", "x-amz-apigw-id"} <= set(response.headers.keys()),
        "X-Amzn-Trace-Id" in response.headers,
    )


def error(status_code, message, error_type):
    body = f'{{"message":"{message}"}}'.encode()
    return (status_code, body, "application/json", error_type, True, False)


FORBIDDEN = error(403, "Forbidden", "ForbiddenException")
NO_ROUTE = error(403, "Missing Authentication Token", "MissingAuthenticationTokenException")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/dev/unknown", NO_ROUTE),
        ("DELETE", "/dev/open", NO_ROUTE),
        ("HEAD", "/dev/open", NO_ROUTE),
        ("GET", "/dev", NO_ROUTE),
        ("GET", "/dev/open/more", NO_ROUTE),
        ("GET", "/prod/open", FORBIDDEN),
        ("GET", "/", FORBIDDEN),
        ("PUT", "/dev/keyed", FORBIDDEN),
    ],
)
def test_refused_requests(method, path, expected):
    """Unknown stage, unknown path, undefined method and missing key."""
    response = client(CONFIGURED).open(path, method=method)

    if method == "HEAD":
        expected = (expected[0], b"", *expected[2:])
    assert shape(response) == expected


def test_wrong_key():
    """An unknown key is refused like none; the function is not invoked."""
    invoker = RecordingInvoker()

    response = client(CONFIGURED, invoker=invoker).put("/dev/keyed", headers={"x-api-key": "no"})

    assert shape(response) == FORBIDDEN
    assert invoker.invocations == []


def test_right_key():
    """The key opens the method, whatever the case of its header."""
    invoker = RecordingInvoker()

    response = client(CONFIGURED, invoker=invoker).put("/dev/keyed", headers={"X-API-KEY": API_KEY})

    assert response.status_code == 200
    assert invoker.event["requestContext"]["identity"]["apiKey"] == API_KEY


@pytest.mark.parametrize(("key", "status_code"), [("planned", 200), ("other", 403), (API_KEY, 200)])
def test_keys_of_the_template_open_the_apis_of_their_plans(key, status_code):
    """A key of a usage plan is taken where the plan is; the emulator's own is taken everywhere."""
    plans = (
        UsagePlan(logical_id="P", name="p", api_logical_ids=("Api",), api_keys=("planned",)),
        UsagePlan(logical_id="Q", name="q", api_logical_ids=("Else",), api_keys=("other",)),
    )
    app = gateway_app(CONFIGURED, usage_plans=plans)
    response = Client(app).put("/dev/keyed", headers={"x-api-key": key})

    assert response.status_code == status_code


def test_an_unasked_key_is_not_told():
    """A method without ``api_key_required`` does not look at the key."""
    invoker = RecordingInvoker()

    client(CONFIGURED, invoker=invoker).get("/dev/open", headers={"x-api-key": API_KEY})

    assert "apiKey" not in invoker.event["requestContext"]["identity"]


def test_payload_over_ten_megabytes():
    """The body is refused by its length, before a byte of it is read.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    response = client(CONFIGURED).get(
        "/dev/open", environ_overrides={"CONTENT_LENGTH": str(10 * 1024 * 1024 + 1)}
    )

    expected = b"HTTP content length exceeded 10485760 bytes."
    assert (response.status_code, response.data) == (413, expected)


def test_headers_over_ten_kilobytes():
    """Request line and header values have 10,240 bytes in all; beyond, the body's words and status.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    fitting = client(CONFIGURED).get("/dev/open", headers={"x-large": "x" * 10_000})
    response = client(CONFIGURED).get("/dev/open", headers={"x-large": "x" * 10_240})

    expected = b"HTTP header is larger than 10240 bytes."
    assert fitting.status_code == 200
    assert (response.status_code, response.data) == (413, expected)


def test_event_over_six_megabytes():
    """What API Gateway takes and Lambda does not is 413, too.

    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """
    response = client(CONFIGURED).get("/dev/open", data=b"x" * 7 * 1024 * 1024)

    assert shape(response) == error(413, "Request Too Long", "RequestTooLargeException")


def test_default_4xx_is_customised():
    """Headers of ``DEFAULT_4XX`` are on every 4xx that has no response of its own.

    https://github.com/aws/serverless-application-model/blob/7000d0a/integration/combination/test_api_with_gateway_responses.py
    """
    cors = GatewayResponse(
        response_type="DEFAULT_4XX",
        headers=(("Access-Control-Allow-Origin", "'*'"), ("X-Request", "context.requestId")),
    )

    response = client(rest_api(gateway_responses=(cors,))).get("/dev/unknown")

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["X-Request"] == response.headers["x-amzn-RequestId"]
    assert shape(response) == NO_ROUTE


def test_a_response_of_its_own_beats_the_default():
    """Status, type and body of one error type, with placeholders.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    """
    template = (
        "<e t=${context.error.responseType} q='$method.request.querystring.q'>"
        "$context.error.message $stageVariables.env $context.nothing</e>"
    )
    responses = (
        GatewayResponse(response_type="DEFAULT_4XX", status_code=400),
        GatewayResponse(
            response_type="MISSING_AUTHENTICATION_TOKEN",
            status_code=404,
            headers=(("X-Who", "method.request.header.who"), ("X-None", "context.none")),
            templates=(("text/xml", template),),
        ),
    )
    api = rest_api(gateway_responses=responses, stage_variables=(("env", "E"),))

    response = client(api).get("/dev/unknown?q=1", headers={"Who": "me"})

    assert (response.status_code, response.content_type) == (404, "text/xml")
    assert response.data == (
        b"<e t=MISSING_AUTHENTICATION_TOKEN q='1'>Missing Authentication Token E </e>"
    )
    assert response.headers["X-Who"] == "me"
    assert "X-None" not in response.headers


def test_default_5xx_is_on_the_502_of_a_function():
    """CORS headers of ``DEFAULT_5XX`` let a browser see that a function failed."""
    cors = GatewayResponse(
        response_type="DEFAULT_5XX", headers=(("Access-Control-Allow-Origin", "'*'"),)
    )
    api = rest_api(proxy_route("GET", "/x"), gateway_responses=(cors,))

    response = client(api, invoker=RecordingInvoker("no response")).get("/dev/x")

    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (502, "*")


def test_a_mapping_that_cannot_be_read_is_refused_at_start():
    """The place and the remedy are named; nothing is ignored."""
    wrong = GatewayResponse(response_type="DEFAULT_4XX", headers=(("X-A", "*"),))

    with pytest.raises(TemplateError, match=r"Api.*DEFAULT_4XX.*X-A.*Invalid mapping expression"):
        client(rest_api(gateway_responses=(wrong,)))
