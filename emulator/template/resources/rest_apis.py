"""API Gateway REST APIs: an API with its definition, its stage and its gateway responses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
An API has one stage here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.application import RestApi
from emulator.template.names import stable_id
from emulator.template.resources.gateway_responses import read_gateway_responses
from emulator.template.resources.openapi import read_routes
from emulator.template.resources.resource_tree import read_methods

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.application import Pairs
    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

_REST_API = "AWS::ApiGateway::RestApi"
_STAGE = "AWS::ApiGateway::Stage"
_DEPLOYMENT = "AWS::ApiGateway::Deployment"


def read_rest_apis(resources: CreatedResources, notes: Notes) -> tuple[RestApi, ...]:
    """Make the REST APIs of a template.

    Raises:
        TemplateError: API Gateway would refuse the definition.
    """
    stages = _stages(resources, notes)
    apis = []
    for resource in resources.of_type(_REST_API):
        stage = stages.get(resource.physical_id)
        if stage is None:
            notes.unsupported(resource.properties, None, "it has no stage, so nothing calls it")
        else:
            apis.append(_rest_api(resource, stage, resources, notes))
    return tuple(apis)


def _rest_api(
    resource: Resource, stage: Properties, resources: CreatedResources, notes: Notes
) -> RestApi:
    properties = resource.properties
    body = properties.mapping("Body")
    variables = _variables(stage)
    routes = read_routes(body, variables, notes) if "Body" in properties else ()
    if "BodyS3Location" in properties:
        notes.unsupported(properties, "BodyS3Location", "the definition is not on this machine")
    return RestApi(
        logical_id=resource.logical_id,
        name=properties.text("Name") or body.mapping("info").text("title", resource.logical_id),
        api_id=stable_id(resource.logical_id),
        stage_name=stage.required_text("StageName"),
        routes=(*routes, *read_methods(resource, variables, resources, notes)),
        stage_variables=variables,
        binary_media_types=_binary_media_types(properties, body),
        gateway_responses=read_gateway_responses(resource, body, resources),
        definition_file=_definition_file(properties),
    )


def _binary_media_types(properties: Properties, body: Properties) -> tuple[str, ...]:
    """Take what the API and its definition say; in a property a slash can be written ~1."""
    written = (
        *properties.texts("BinaryMediaTypes"),
        *body.texts("x-amazon-apigateway-binary-media-types"),
    )
    return tuple(dict.fromkeys(media_type.replace("~1", "/") for media_type in written))


def _definition_file(properties: Properties) -> Path | None:
    place = properties.place("Body")
    return place.file if place.file != properties.file else None


def _stages(resources: CreatedResources, notes: Notes) -> dict[str, Properties]:
    """Find the stage of each API, by the ID of the API."""
    stages: dict[str, Properties] = {}
    for resource in resources.of_type(_STAGE):
        properties = resource.properties
        known = stages.setdefault(properties.required_text("RestApiId"), properties)
        if known is not properties:
            reason = f"only stage {known.text('StageName')} of this API is served"
            notes.unsupported(properties, "StageName", reason)
    # A deployment can make a stage, too; those of SAM make one that nobody wants, called Stage.
    for resource in resources.of_type(_DEPLOYMENT):
        if "StageName" in resource.properties:
            stages.setdefault(resource.properties.required_text("RestApiId"), resource.properties)
    return stages


def _variables(stage: Properties) -> Pairs:
    described = stage.mapping("StageDescription")
    return (*described.pairs("Variables"), *stage.pairs("Variables"))
