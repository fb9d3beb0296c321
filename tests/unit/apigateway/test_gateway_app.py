"""The edge: what Flask and other servers may not change, and that no request breaks the gateway."""

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.apigateway.gateway_fakes import (
    API_KEY,
    RecordingInvoker,
    client,
    gateway_app,
    proxy_route,
    rest_api,
)
from werkzeug.test import EnvironBuilder, run_wsgi_app

from emulator.application import (
    GatewayResponse,
    IntegrationResponse,
    MockIntegration,
    Route,
)


class VanishingStream(io.RawIOBase):
    """The body of a client that went away."""

    def read(self, *_):
        raise ConnectionResetError


def answer(app, **overrides):
    environ = {**EnvironBuilder(path="/dev/x").get_environ(), **overrides}
    chunks, status, headers = run_wsgi_app(app, environ)
    return status, headers, b"".join(chunks)


@pytest.mark.parametrize(
    "overrides",
    [
        {"HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "Upgrade"},
        {"HTTP_HOST": "not a host:x"},
        {"HTTP_HOST": ""},
        {"REQUEST_METHOD": "BREW"},
        {"RAW_URI": "http://localhost:3000/dev/x"},
        {"CONTENT_TYPE": "multipart/form-data"},
    ],
)
def test_flask_refuses_nothing(overrides):
    """Whatever Flask might stumble over reaches the function."""
    app = gateway_app(rest_api(proxy_route("ANY", "/x")))

    status, _, _ = answer(app, **overrides)

    assert status == "200 OK"


def test_a_plain_server_is_enough():
    """Without the raw target and headers of our own listener both are rebuilt."""
    invoker = RecordingInvoker()
    app = gateway_app(rest_api(proxy_route("ANY", "/{proxy+}")), invoker=invoker)
    environ = EnvironBuilder(
        path="/dev/a b", query_string="q=%C3%A9", headers={"x-my-header": "v"}
    ).get_environ()
    del environ["RAW_URI"], environ["REQUEST_URI"]

    run_wsgi_app(app, environ)

    assert invoker.event["path"] == "/a%20b"
    assert invoker.event["queryStringParameters"] == {"q": "é"}
    assert invoker.event["headers"]["X-My-Header"] == "v"


def test_unescaped_bytes_are_utf_8():
    """What a careless client did not escape is read as it was meant."""
    invoker = RecordingInvoker()
    app = gateway_app(rest_api(proxy_route("ANY", "/{proxy+}")), invoker=invoker)

    answer(app, RAW_URI="/dev/é?q=ż".encode().decode("latin-1"))

    assert invoker.event["path"] == "/é"
    assert invoker.event["queryStringParameters"] == {"q": "ż"}


def test_a_body_without_length_is_read_to_its_end():
    """A chunked body, which the listener has put together, arrives whole."""
    invoker = RecordingInvoker()
    app = gateway_app(rest_api(proxy_route("ANY", "/x")), invoker=invoker)
    body = {"wsgi.input": io.BytesIO(b"chunked"), "wsgi.input_terminated": True}

    answer(app, **body)

    assert invoker.event["body"] == "chunked"


def test_a_body_without_length_is_limited_too():
    """Ten megabytes are the limit, however the body is sent."""
    app = gateway_app(rest_api(proxy_route("ANY", "/x")))
    body = {"wsgi.input": io.BytesIO(b"x" * 10_485_761), "wsgi.input_terminated": True}

    status, _, _ = answer(app, **body)

    assert status.startswith("413")


def test_a_vanished_client_invokes_nothing():
    """Half a request is no request."""
    invoker = RecordingInvoker()
    app = gateway_app(rest_api(proxy_route("ANY", "/x")), invoker=invoker)
    body = {"wsgi.input": VanishingStream(), "wsgi.input_terminated": True}

    status, _, _ = answer(app, **body)

    assert (status, invoker.invocations) == ("400 Bad Request", [])


def test_a_bug_of_ours_keeps_its_traceback(caplog):
    """What nobody expected is 500 for the client and a traceback in the log."""
    invoker = RecordingInvoker()
    invoker.refusal = ZeroDivisionError("ours")

    with caplog.at_level(logging.ERROR):
        response = client(rest_api(proxy_route("GET", "/x")), invoker=invoker).get("/dev/x")

    assert (response.status_code, response.json) == (500, {"message": "Internal server error"})
    assert caplog.records[0].exc_info[0] is ZeroDivisionError


def test_two_apis_on_one_stage():
    """They share a URL: the first that has the method answers; the host can name the other."""
    both = proxy_route("GET", "/both")
    first = rest_api(both, proxy_route("GET", "/one"), stage_name="Prod")
    second = rest_api(both, proxy_route("GET", "/two"), stage_name="Prod", api_id="other")
    invoker = RecordingInvoker()
    app = client(first, second, invoker=invoker)

    assert app.get("/Prod/one").status_code == 200
    assert app.get("/Prod/two").status_code == 200
    assert invoker.event["requestContext"]["apiId"] == "other"
    assert app.get("/Prod/both").status_code == 200
    assert invoker.event["requestContext"]["apiId"] == first.api_id
    assert app.get("/Prod/both", headers={"Host": "other.localhost"}).status_code == 200
    assert invoker.event["requestContext"]["apiId"] == "other"
    assert app.get("/Prod/one", headers={"Host": "other.localhost"}).status_code == 403
    assert app.get("/Prod/three").status_code == 403
    assert app.get("/dev/two", headers={"Host": "other.localhost"}).status_code == 403


ROUTES = (
    proxy_route("ANY", "/file/{id}"),
    proxy_route("POST", "/files/", api_key_required=True),
    proxy_route("ANY", "/all/{proxy+}"),
    Route(
        http_method="ANY",
        resource_path="/mock",
        integration=MockIntegration(
            request_templates=(("application/json", '{"statusCode": 200}'),),
            responses=(IntegrationResponse(selection_pattern="default", status_code=200),),
        ),
    ),
)
CUSTOM = GatewayResponse(
    response_type="DEFAULT_4XX",
    headers=(("X-A", "method.request.header.X-B"), ("X-Q", "method.request.querystring.q")),
)
# What the listener lets through: no control characters in a target, none in a header value.
target_text = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), max_size=20)
header_value = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=20)
header_name = st.sampled_from(
    ["Host", "Accept", "Content-Type", "X-B", "x-api-key", "X-Amzn-Trace-Id", "X-Forwarded-For"]
)
prefix = st.sampled_from(["", "/", "/dev", "/dev/file/", "/dev//all/", "//dev/mock", "/dev/files"])


@given(
    method=st.sampled_from(["GET", "POST", "OPTIONS", "HEAD", "X"]),
    target=st.tuples(prefix, target_text, st.sampled_from(["", "?", "?q="]), target_text),
    headers=st.lists(st.tuples(header_name, header_value)),
    body=st.binary(),
)
def test_any_request_has_a_documented_answer(method, target, headers, body):
    """Any bytes in path, query, headers and body: an answer of AWS's, never a bug of ours."""
    invoker = RecordingInvoker()
    api = rest_api(
        *ROUTES, gateway_responses=(CUSTOM,), binary_media_types=("image/*", "application/pdf")
    )
    app = gateway_app(api, invoker=invoker)

    status, sent, content = answer(
        app,
        **{
            "REQUEST_METHOD": method,
            "RAW_URI": "".join(target),
            "emulator.raw_headers": tuple(headers),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        },
    )

    assert int(status.split()[0]) in {200, 403, 415, 500}
    assert not status.startswith("500") or "/mock" in "".join(target)
    assert all(not set(value) & {"\r", "\n"} for _, value in sent)
    assert method == "HEAD" or int(sent["Content-Length"]) == len(content)
    for invocation in invoker.invocations:
        event = json.loads(invocation.payload)
        assert event["requestContext"]["stage"] == "dev"
        assert event["resource"] != "/files" or (("x-api-key", API_KEY) in headers)


@given(payload=st.binary() | st.text().map(str.encode))
def test_any_payload_of_a_function_has_a_documented_answer(payload):
    """Any bytes that a function returns: a response or 502."""
    invoker = RecordingInvoker()
    invoker.payload = payload

    status, _, _ = answer(gateway_app(rest_api(proxy_route("ANY", "/x")), invoker=invoker))

    assert status in {"200 OK", "502 Bad Gateway"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "statusCode": json_values,
            "headers": json_values,
            "multiValueHeaders": st.dictionaries(st.text(), st.lists(json_values)),
            "body": json_values,
            "isBase64Encoded": json_values,
        },
    )
)
def test_any_result_of_a_function_has_a_documented_answer(result):
    """Any JSON in the members of a proxy response: a response or 502, without split headers."""
    invoker = RecordingInvoker(result)

    status, sent, content = answer(gateway_app(rest_api(proxy_route("ANY", "/x")), invoker=invoker))

    assert 200 <= int(status.split()[0]) < 600
    assert all(not set(name + value) & {"\r", "\n", "\0"} for name, value in sent)
    assert status[:3] in {"204", "304"} or int(sent["Content-Length"]) == len(content)
