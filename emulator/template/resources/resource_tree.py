"""REST APIs without a definition: resources and methods, one CloudFormation resource each.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.application import (
    Integration,
    IntegrationResponse,
    LambdaProxyIntegration,
    MockIntegration,
    Route,
)
from emulator.template.resources.function_names import invoked_function, invoked_qualifier
from emulator.template.resources.integrations import with_stage_variables
from emulator.template.resources.resource_paths import ResourcePaths

if TYPE_CHECKING:
    from emulator.application import Pairs
    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties


def read_methods(
    api: Resource, stage_variables: Pairs, resources: CreatedResources, notes: Notes
) -> tuple[Route, ...]:
    """Make the routes of an API of its methods.

    Raises:
        TemplateError: API Gateway would refuse a method.
    """
    paths = _paths(api, resources)
    routes = []
    for resource in resources.of_type("AWS::ApiGateway::Method"):
        method = resource.properties
        if method.text("RestApiId") != api.physical_id:
            continue
        resource_path = paths.get(method.text("ResourceId"))
        if resource_path is None:
            raise method.error("the resource of this method is not in its API", "ResourceId")
        if method.text("AuthorizationType", "NONE") != "NONE":
            reason = "authorizers are not run: the method is open to all"
            notes.unsupported(method, "AuthorizationType", reason)
        integration = _integration(method.mapping("Integration"), stage_variables, notes)
        if integration is not None:
            route = Route(
                http_method=method.required_text("HttpMethod"),
                resource_path=resource_path,
                integration=integration,
                api_key_required=method.boolean("ApiKeyRequired"),
            )
            routes.append(route)
    return tuple(routes)


def _paths(api: Resource, resources: CreatedResources) -> dict[str, str]:
    """Find the path of each resource of an API, by the ID of the resource."""
    parents = {
        resource.physical_id: resource.properties
        for resource in resources.of_type("AWS::ApiGateway::Resource")
        if resource.properties.text("RestApiId") == api.physical_id
    }
    paths = {api.physical_id: "/"}  # here the root resource has the ID of its API
    tree = ResourcePaths()
    for identifier, properties in parents.items():
        parts: list[str] = []
        current = identifier
        # References cannot be circular, so that this ends at the root or outside of the API.
        while current in parents:
            parts.insert(0, parents[current].required_text("PathPart"))
            current = parents[current].required_text("ParentId")
        paths[identifier] = "/" + "/".join(parts)
        if refusal := tree.refusal(paths[identifier]):
            raise properties.error(refusal, "PathPart")
    return paths


def _integration(
    integration: Properties, stage_variables: Pairs, notes: Notes
) -> Integration | None:
    kind = integration.text("Type", "MOCK")
    if kind == "MOCK":
        return MockIntegration(
            request_templates=integration.pairs("RequestTemplates"),
            responses=tuple(map(_response, integration.mappings("IntegrationResponses"))),
            passthrough_behavior=integration.text("PassthroughBehavior", "when_no_match").lower(),
        )
    uri = with_stage_variables(integration.text("Uri"), stage_variables)
    function = invoked_function(uri)
    if kind != "AWS_PROXY" or function is None:
        reason = f"{kind} {uri} is not run: the method is not there"
        notes.unsupported(integration, "Uri", reason)
        return None
    return LambdaProxyIntegration(
        function_name=function,
        qualifier=invoked_qualifier(uri),
        timeout_milliseconds=integration.integer("TimeoutInMillis", 29_000),
    )


def _response(response: Properties) -> IntegrationResponse:
    return IntegrationResponse(
        selection_pattern=response.text("SelectionPattern", "default"),
        status_code=response.integer("StatusCode", 200),
        response_parameters=response.pairs("ResponseParameters"),
        response_templates=response.pairs("ResponseTemplates"),
    )
