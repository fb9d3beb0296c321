"""Mapping expressions and placeholders."""

import pytest
from unit.apigateway.gateway_fakes import context_of, proxy_route, request_to, rest_api

from emulator.apigateway.mapping import (
    INTEGRATION_RESPONSE,
    METHOD_REQUEST,
    check_mapping,
    fill_placeholders,
    read_mapping,
)
from emulator.apigateway.routing import RouteTree
from emulator.errors import TemplateError

API = rest_api(proxy_route("GET", "/x/{id}"), stage_variables=(("env", "test"),))
REQUEST = request_to(
    path="/x/7", headers=(("X-A", "1"), ("x-a", "2")), query_string="q=1&q=2&e=%C3%A9"
)
CONTEXT = context_of(REQUEST, API, match=RouteTree(API.routes).match("GET", "/x/7"))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'constant'", "constant"),
        ("''", ""),
        ("method.request.header.X-A", "2"),
        ("method.request.multivalueheader.X-A", "1,2"),
        ("method.request.querystring.q", "2"),
        ("method.request.querystring.e", "é"),
        ("method.request.multivaluequerystring.q", "1,2"),
        ("method.request.path.id", "7"),
        ("context.identity.sourceIp", "127.0.0.1"),
        ("context.requestTimeEpoch", "1720614516500"),
        ("stageVariables.env", "test"),
        ("method.request.header.none", None),
        ("method.request.multivalueheader.none", None),
        ("method.request.multivaluequerystring.none", None),
        ("context.stage.none", None),
        ("stageVariables.none", None),
        ("integration.response.header.x", None),
        ("nonsense", None),
    ],
)
def test_values(expression, value):
    """Each source, and nothing where the request has nothing."""
    assert read_mapping(expression, CONTEXT) == value


def test_a_request_without_a_route_has_no_path_parameters():
    """An error before routing can be mapped, too."""
    assert read_mapping("method.request.path.id", context_of(REQUEST, API)) is None


@pytest.mark.parametrize(
    ("expression", "own_source"),
    [
        ("*", METHOD_REQUEST),
        ("'", METHOD_REQUEST),
        ("context.", METHOD_REQUEST),
        ("method.request.body", METHOD_REQUEST),
        ("method.request.header.x", INTEGRATION_RESPONSE),
        ("integration.response.header.x", METHOD_REQUEST),
    ],
)
def test_refused_expressions(expression, own_source):
    """In the words of API Gateway, with place and remedy."""
    with pytest.raises(TemplateError, match=r"Api\.X: Invalid mapping expression specified: .* \("):
        check_mapping(expression, "Api.X", own_source)


def test_placeholders():
    """Plain and in braces; what has no value leaves nothing, anything else stays."""
    text = "{$context.stage} ${context.error.message}s $stageVariables.env $context.no $other ${x}"

    filled = fill_placeholders(text, CONTEXT, {"error": {"message": "oop"}})

    assert filled == "{dev} oops test  $other ${x}"
