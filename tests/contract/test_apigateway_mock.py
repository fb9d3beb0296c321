"""Mock integrations answer as API Gateway's do, CORS preflights above all."""

import pytest
from unit.apigateway.gateway_fakes import client, rest_api

from emulator.application import IntegrationResponse, MockIntegration, Route
from emulator.errors import TemplateError

STATUS_200 = (("application/json", '{"statusCode": 200}'),)


def respond(selection_pattern="default", status_code=200, **fields):
    return IntegrationResponse(
        selection_pattern=selection_pattern, status_code=status_code, **fields
    )


def mock_client(*responses, request_templates=STATUS_200, **fields):
    mock = MockIntegration(request_templates=request_templates, responses=responses, **fields)
    return client(rest_api(Route(http_method="ANY", resource_path="/x", integration=mock)))


def test_cors_preflight():
    """The whole answer of a preflight: constants without their quotes, no body, no trace id.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
    """
    preflight = respond(
        response_parameters=(
            ("method.response.header.Access-Control-Allow-Origin", "'*'"),
            ("method.response.header.Access-Control-Allow-Methods", "'OPTIONS,POST'"),
            ("method.response.header.Access-Control-Allow-Headers", "'Content-Type,X-Api-Key'"),
        )
    )

    response = mock_client(preflight).options("/dev/x", headers={"Origin": "http://page"})

    headers = dict(response.headers)
    assert len(headers.pop("x-amzn-RequestId")) == 36
    assert len(headers.pop("x-amz-apigw-id")) == 16
    assert (response.status_code, response.data) == (200, b"")
    assert headers == {
        "Content-Type": "application/json",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "OPTIONS,POST",
        "Access-Control-Allow-Headers": "Content-Type,X-Api-Key",
        "Content-Length": "0",
    }


@pytest.mark.parametrize(
    ("template", "status_code"),
    [
        ('{"statusCode": 200}', 200),
        ("{statusCode: 200}", 200),
        ("{'statusCode':404}", 404),
        ('{"statusCode": 500}', 418),
    ],
)
def test_the_status_selects_the_response(template, status_code):
    """A pattern must match the whole status; ``default`` takes the rest.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
    """
    responses = (
        respond("2\\d{2}"),
        respond("default", 418),
        respond("40", 400),
        respond("404", 404),
    )
    app = mock_client(*responses, request_templates=(("application/json", template),))

    assert app.get("/dev/x").status_code == status_code


def test_a_status_of_a_client_that_is_no_status():
    """A body that passes through may hold a number of any length."""
    app = mock_client(respond(), request_templates=())

    response = app.post("/dev/x", data=b'{"statusCode": ' + b"9" * 5000 + b"}")

    assert (response.status_code, response.json) == (500, {"message": "Internal server error"})


@pytest.mark.parametrize("template", ["", "{}", "no json", '{"statusCode": "200"}', "[200]"])
def test_no_status_is_an_internal_error(template):
    """The request template must yield an integer ``statusCode``."""
    app = mock_client(respond(), request_templates=(("application/json", template),))

    response = app.get("/dev/x")

    assert (response.status_code, response.json) == (500, {"message": "Internal server error"})


def test_no_response_for_a_status_is_an_internal_error():
    """Without a default, an unmatched status is a mistake in the definition."""
    assert mock_client(respond("404", 404)).get("/dev/x").status_code == 500


@pytest.mark.parametrize(
    ("behavior", "templates", "status_code"),
    [
        ("never", (), 415),
        ("NEVER", STATUS_200, 415),
        ("when_no_templates", STATUS_200, 415),
        ("when_no_templates", (), 200),
        ("when_no_match", STATUS_200, 200),
    ],
)
def test_passthrough(behavior, templates, status_code):
    """Without a template for its media type a body passes, or not, as the integration says.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    """
    app = mock_client(respond(), request_templates=templates, passthrough_behavior=behavior)

    response = app.post("/dev/x", data=b'{"statusCode": 200}', content_type="text/plain")

    assert response.status_code == status_code


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("text/plain", "text/plain"),
        ("text/plain;q=0.5, */*", "text/plain"),
        ("image/png", "application/json"),
    ],
)
def test_the_response_template_follows_accept(accept, media_type):
    """The first type of ``Accept``, else JSON."""
    templates = (("text/plain", "text/plain"), ("application/json", "application/json"))
    app = mock_client(respond(response_templates=templates))

    response = app.get("/dev/x", headers={"Accept": accept} if accept else {})

    assert (response.content_type, response.data) == (media_type, media_type.encode())


def test_mapped_parameters():
    """Headers from context and stage variables; one that has no value is left out."""
    mock = MockIntegration(
        request_templates=STATUS_200,
        responses=(
            respond(
                response_parameters=(
                    ("method.response.header.X-Path", "context.resourcePath"),
                    ("method.response.header.X-Env", "stageVariables.env"),
                    ("method.response.header.X-None", "stageVariables.none"),
                    ("method.response.header.Content-Type", "'text/html'"),
                )
            ),
        ),
    )
    route = Route(http_method="GET", resource_path="/x", integration=mock)

    response = client(rest_api(route, stage_variables=(("env", "test"),))).get("/dev/x")

    assert response.headers["X-Path"] == "/x"
    assert response.headers["X-Env"] == "test"
    assert "X-None" not in response.headers
    assert response.content_type == "text/html"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"response_parameters": (("method.response.header.A", "*"),)}, "mapping expression"),
        ({"response_parameters": (("method.response.body", "'x'"),)}, "response parameter"),
        ({"selection_pattern": "("}, "selection pattern"),
    ],
)
def test_what_cannot_be_read_is_refused_at_start(fields, problem):
    """A mistake in the definition is named with its place."""
    with pytest.raises(TemplateError, match=rf"Api ANY /x.*{problem}"):
        mock_client(respond(**fields))
