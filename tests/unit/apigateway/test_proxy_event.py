"""A request and its event say the same."""

import base64
import json

from hypothesis import given
from hypothesis import strategies as st
from unit.apigateway.gateway_fakes import context_of, request_to, rest_api

from emulator.apigateway.proxy_event import to_event

pairs = st.tuples(st.sampled_from(["a", "b", "c"]), st.text(max_size=5))
header_value = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=8)


def event_of(request, **fields):
    return json.loads(to_event(context_of(request, rest_api(**fields))))


def by_name(sent):
    """All values of each name, in order."""
    return {name: [value for other, value in sent if other == name] for name, _ in sent}


@given(st.lists(pairs))
def test_every_query_parameter_survives(query):
    """What a client encodes, the function reads: each value, in its order."""
    escaped = "&".join(f"{name}={escape(value)}" for name, value in query)

    event = event_of(request_to(query_string=escaped))

    assert event["multiValueQueryStringParameters"] == (by_name(query) or None)
    assert event["queryStringParameters"] == (dict(query) or None)


def escape(text):
    """Every byte percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace"))


@given(st.lists(st.tuples(st.sampled_from(["X-A", "X-B"]), header_value)))
def test_every_header_survives(headers):
    """Each value in its order; the plain member has the last."""
    event = event_of(request_to(headers=tuple(headers)))

    own = {name: values for name, values in event["multiValueHeaders"].items() if len(name) == 3}
    assert own == by_name(headers)
    assert event["headers"] == {name: all_[-1] for name, all_ in event["multiValueHeaders"].items()}


@given(st.text(min_size=1))
def test_a_text_body_survives(text):
    """UTF-8 arrives as it was sent."""
    body = text.encode("utf-8", "replace")

    event = event_of(request_to(body=body))

    assert (event["body"].encode(), event["isBase64Encoded"]) == (body, False)


@given(st.binary(min_size=1))
def test_a_binary_body_survives(body):
    """Any bytes of a binary media type can be decoded again."""
    request = request_to(body=body, headers=(("Content-Type", "image/png"),))

    event = event_of(request, binary_media_types=("image/*",))

    assert base64.b64decode(event["body"]) == body
    assert event["isBase64Encoded"] is True


def test_an_empty_body_is_null_even_if_binary():
    """No body is ``null``, never an empty string."""
    event = event_of(request_to(), binary_media_types=("*/*",))

    assert (event["body"], event["isBase64Encoded"]) == (None, False)


def test_a_forwarded_client_is_named_first():
    """Our client is appended to the addresses that it forwards; port and scheme are ours."""
    headers = (("x-forwarded-for", "198.51.100.1"), ("X-Forwarded-Proto", "ftp"))

    event = event_of(request_to(headers=headers, source_ip="127.0.0.1", scheme="http"))

    assert event["headers"]["X-Forwarded-For"] == "198.51.100.1, 127.0.0.1"
    assert event["multiValueHeaders"]["X-Forwarded-Proto"] == ["http"]
