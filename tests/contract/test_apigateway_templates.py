"""Mapping templates of mock integrations see and change what API Gateway lets them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
Recorded: https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/apigateway/test_apigateway_integrations.py
"""

import pytest
from unit.apigateway.gateway_fakes import client, rest_api

from emulator.application import IntegrationResponse, MockIntegration, Route
from emulator.errors import TemplateError

OK = '{"statusCode": 200}'


def mock_client(response_template="", request_template=OK, path="/x/{id}", **fields):
    """A mock that is one request template and one response template."""
    templates = (("application/json", response_template),) if response_template else ()
    response = IntegrationResponse(
        selection_pattern="default", status_code=200, response_templates=templates
    )
    mock = MockIntegration(
        request_templates=(("application/json", request_template),), responses=(response,)
    )
    route = Route(http_method="ANY", resource_path=path, integration=mock)
    return client(rest_api(route, **fields))


def rendered(template, **request):
    """What a response template makes of a request to ``/x/a%20b?q=1&q=2&id=query``."""
    app = mock_client(template, stage_variables=(("env", "test"),))
    response = app.open("/dev/x/a%20b?q=1&q=2&id=query", **{"method": "POST", **request})
    return response.data.decode()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$input.params('q')", "2"),
        ("$input.params('id')", "a%20b"),
        ("$input.params('X-Own')", "own"),
        ("$input.params('x-own')", "own"),
        ("$input.params('none')", ""),
        ("$input.params().querystring.get('q')", "2"),
        ("$input.params().path.id", "a%20b"),
        ("$input.params().header['X-Own']", "own"),
        ("$input.body", '{"a": {"b": [1, "x\'y"]}, "c": null}'),
        ("$input.json('$')", '{"a":{"b":[1,"x\'y"]},"c":null}'),
        ("$input.json('$.a.b')", '[1,"x\'y"]'),
        ("$input.json('$.none')", '""'),
        ("$input.path('$.a')", '{b=[1,"x\'y"]}'),
        ("$input.path('$.a.b[1]')", "x'y"),
        ("$input.path('$.none')", ""),
        ("#set($root = $input.path('$'))$root.a.b.size() $root.none", "2 "),
        ("$input.json", ""),
        ("$context.stage $context.httpMethod $context.resourcePath", "dev POST /x/{id}"),
        ("$context.identity.sourceIp $context.none", "127.0.0.1 "),
        ("$stageVariables.env ${stageVariables.none}", "test "),
        ('$util.escapeJavaScript("it\'s \\a/b é")', "it\\'s \\\\a\\/b \\u00E9"),
        ('$util.escapeJavaScript("a\n\t😀")', "a\\n\\t\\uD83D\\uDE00"),
        ("$util.parseJson('{\"k\": [7]}').k[0]", "7"),
        ("$util.urlEncode('a b&c')$util.urlDecode('a+b%26c')", "a+b%26ca b&c"),
        ("$util.base64Encode('abc')$util.base64Decode('YWJj')", "YWJjabc"),
    ],
)
def test_variables(template, expected):
    """Parameters, body, context, stage variables and functions."""
    body = '{"a": {"b": [1, "x\'y"]}, "c": null}'

    found = rendered(template, data=body, headers={"X-Own": "own"}, content_type="application/json")

    assert found == expected


def test_the_body_of_an_empty_request():
    """Recorded: an empty object."""
    assert rendered("$input.body $input.json('$.x')") == '{} ""'


def test_overrides_of_the_request_template():
    """Recorded: status and header that the request template sets are the response's.

    (``test_integration_mock_with_response_override_in_request_template``)
    """
    app = mock_client(
        request_template="#set($context.responseOverride.status = 444)"
        '#set($context.responseOverride.header.foo = "bar"){"statusCode": 200}'
    )

    response = app.get("/dev/x/1")

    assert (response.status_code, response.headers["foo"], response.data) == (444, "bar", b"")


@pytest.mark.parametrize(("path", "word"), [("path1", "one"), ("path2", "two"), ("other", "else")])
def test_overrides_are_seen_by_the_response_template(path, word):
    """Recorded: the response template reads what the request template set.

    (``test_integration_mock_with_request_overrides_in_response_template``)
    """
    app = mock_client(
        request_template="#set($context.requestOverride.path.body = $input.params('id'))" + OK,
        response_template=(
            "#set($inputBody = $context.requestOverride.path.body)\n"
            "#if($inputBody == 'path1')\none\n#elseif($inputBody == 'path2')\ntwo\n"
            "#else\nelse\n#end"
        ),
    )

    assert app.get(f"/dev/x/{path}").data.decode().strip() == word


def test_overrides_of_the_response_template():
    """A header override beats a mapped one; a status that is none is ignored."""
    response = mock_client(
        "#set($context.responseOverride.status = 'no status')"
        '#set($context.responseOverride.header.Content-Type = "text/plain")ok'
    ).get("/dev/x/1")

    assert (response.status_code, response.content_type, response.data) == (
        200,
        "text/plain",
        b"ok",
    )


@pytest.mark.parametrize(
    "variable", ["context", "context.responseOverride", "context.responseOverride.header"]
)
def test_overrides_that_are_no_map_any_more_are_ignored(variable):
    """A template may write anything into its own variables."""
    response = mock_client(f"#set(${variable} = 1)ok").get("/dev/x/1")

    assert (response.status_code, response.data) == (200, b"ok")


def test_a_body_that_is_no_json():
    """Asking for a part of it is the client's fault."""
    app = mock_client("$input.json('$.a')")

    response = app.post("/dev/x/1", data="no json", content_type="application/json")

    assert response.status_code == 400
    assert response.json["message"].startswith("Could not parse request body into json: ")
    assert response.headers["x-amzn-ErrorType"] == "BadRequestException"


@pytest.mark.parametrize(
    "template",
    ["$input.body.substring(99)", "$util.parseJson('no')", "#set($m = {})$!m.put('m', $m)$m"],
)
def test_a_template_that_fails(template):
    """Where API Gateway's own template engine throws, the client gets 500."""
    response = mock_client(template).get("/dev/x/1")

    assert (response.status_code, response.json) == (500, {"message": "Internal server error"})


def test_a_template_is_read_at_start():
    """What is not supported is named with method, path and property."""
    with pytest.raises(TemplateError, match=r"Api ANY /x/\{id\}\.responseTemplates.*#macro"):
        mock_client("#macro(x)#end")
