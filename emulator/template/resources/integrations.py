"""``x-amazon-apigateway-integration``: what answers a method.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
Left out are ``http``, ``http_proxy`` and ``aws``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.application import (
    Integration,
    IntegrationResponse,
    LambdaProxyIntegration,
    MockIntegration,
)
from emulator.template.resources.function_names import invoked_function, invoked_qualifier

if TYPE_CHECKING:
    from emulator.application import Pairs
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


def read_integration(
    operation: Properties, name: str, stage_variables: Pairs, notes: Notes
) -> Integration | None:
    """Make the integration of an operation; ``None``, and a note, if it cannot run here.

    Raises:
        TemplateError: API Gateway would refuse it.
    """
    if name not in operation:
        raise operation.error("No integration defined for method", remedy=f"it needs {name}")
    integration = operation.mapping(name)
    kind = integration.required_text("type").lower()
    if kind == "mock":
        return _mock(integration)
    if kind != "aws_proxy":
        reason = f"integrations of type {kind} are not run: the method is not there"
        notes.unsupported(integration, "type", reason)
        return None
    return _lambda_proxy(integration, stage_variables, notes)


def with_stage_variables(uri: str, stage_variables: Pairs) -> str:
    """Put the values of stage variables into the URI of an integration."""
    values = dict(stage_variables)
    return _STAGE_VARIABLE.sub(lambda found: values.get(found[1], found[0]), uri)


def _lambda_proxy(
    integration: Properties, stage_variables: Pairs, notes: Notes
) -> Integration | None:
    uri = with_stage_variables(integration.required_text("uri"), stage_variables)
    function = invoked_function(uri)
    if function is None:
        reason = f"{uri} is no function of this template: the method is not there"
        notes.unsupported(integration, "uri", reason)
        return None
    if integration.text("httpMethod").upper() != "POST":
        raise integration.error(
            "a function is invoked by POST", "httpMethod", "write httpMethod: POST"
        )
    return LambdaProxyIntegration(
        function_name=function,
        qualifier=invoked_qualifier(uri),
        timeout_milliseconds=integration.integer("timeoutInMillis", 29_000),
    )


def _mock(integration: Properties) -> MockIntegration:
    responses = integration.mapping("responses")
    return MockIntegration(
        request_templates=integration.pairs("requestTemplates"),
        responses=tuple(_response(pattern, responses.mapping(pattern)) for pattern in responses),
        passthrough_behavior=integration.text("passthroughBehavior", "when_no_match").lower(),
    )


def _response(selection_pattern: str, response: Properties) -> IntegrationResponse:
    return IntegrationResponse(
        selection_pattern=selection_pattern,
        status_code=response.integer("statusCode", 200),
        response_parameters=response.pairs("responseParameters"),
        response_templates=response.pairs("responseTemplates"),
    )
