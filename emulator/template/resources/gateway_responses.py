"""Gateway responses, from the definition of an API and from resources of their own.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.application import GatewayResponse

if TYPE_CHECKING:
    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.properties import Properties

_HEADER = "gatewayresponse.header."


def read_gateway_responses(
    api: Resource, body: Properties, resources: CreatedResources
) -> tuple[GatewayResponse, ...]:
    """Make the gateway responses of an API; a resource wins over the definition."""
    defined = body.mapping("x-amazon-apigateway-gateway-responses")
    responses = {
        name: _response(name, defined.mapping(name), "statusCode", "response") for name in defined
    }
    for resource in resources.of_type("AWS::ApiGateway::GatewayResponse"):
        properties = resource.properties
        if properties.text("RestApiId") == api.physical_id:
            name = properties.required_text("ResponseType")
            responses[name] = _response(name, properties, "StatusCode", "Response")
    return tuple(responses.values())


def _response(
    response_type: str, properties: Properties, status_code: str, prefix: str
) -> GatewayResponse:
    parameters = properties.pairs(f"{prefix}Parameters")
    return GatewayResponse(
        response_type=response_type,
        status_code=properties.optional_integer(status_code),
        headers=tuple(
            (target.removeprefix(_HEADER), source)
            for target, source in parameters
            if target.startswith(_HEADER)
        ),
        templates=properties.pairs(f"{prefix}Templates"),
    )
