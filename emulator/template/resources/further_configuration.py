"""What other resources say about a function: versions, aliases, URLs, asynchronous configuration.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from emulator.application import (
    Alias,
    CorsConfiguration,
    EventInvokeConfig,
    FunctionUrl,
    FunctionVersion,
)
from emulator.template.names import stable_id
from emulator.template.resources.function_names import arn_qualifier, function_name

if TYPE_CHECKING:
    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
_DESTINATIONS = ("lambda", "sqs", "sns", "events")


class FurtherConfiguration:
    """What the resources around functions define, by function name."""

    def __init__(self, resources: CreatedResources, notes: Notes) -> None:
        self._versions: dict[str, list[FunctionVersion]] = defaultdict(list)
        self._aliases: dict[str, list[Alias]] = defaultdict(list)
        self._event_invoke: dict[str, list[EventInvokeConfig]] = defaultdict(list)
        self._urls: dict[str, list[FunctionUrl]] = defaultdict(list)
        for resource in resources.of_type("AWS::Lambda::Version"):
            self._versions[_function(resource)].append(_version(resource))
        for resource in resources.of_type("AWS::Lambda::Alias"):
            self._aliases[_function(resource)].append(_alias(resource.properties))
        for resource in resources.of_type("AWS::Lambda::EventInvokeConfig"):
            config = _event_invoke(resource.properties, notes)
            self._event_invoke[_function(resource)].append(config)
        for resource in resources.of_type("AWS::Lambda::Url"):
            target = function_name(resource.properties.required_text("TargetFunctionArn"))
            self._urls[target].append(_url(resource, notes))

    def of(self, name: str) -> dict[str, Any]:
        """Give the members of ``Function`` that other resources define."""
        return {
            "versions": tuple(self._versions[name]),
            "aliases": tuple(self._aliases[name]),
            "event_invoke": tuple(self._event_invoke[name]),
            "urls": tuple(self._urls[name]),
        }


def _function(resource: Resource) -> str:
    return function_name(resource.properties.required_text("FunctionName"))


def _version(resource: Resource) -> FunctionVersion:
    return FunctionVersion(
        number=resource.physical_id.rpartition(":")[2],
        description=resource.properties.text("Description"),
    )


def _alias(properties: Properties) -> Alias:
    return Alias(
        name=properties.required_text("Name"),
        version=properties.required_text("FunctionVersion").rpartition(":")[2],
        description=properties.text("Description"),
    )


def _event_invoke(properties: Properties, notes: Notes) -> EventInvokeConfig:
    retries = properties.integer("MaximumRetryAttempts", 2)
    if not 0 <= retries <= 2:  # noqa: PLR2004 -- Lambda's own limit
        raise properties.error("MaximumRetryAttempts must be between 0 and 2")
    age = properties.optional_integer("MaximumEventAgeInSeconds")
    if age is not None and not 60 <= age <= 21_600:  # noqa: PLR2004 -- Lambda's own limits
        raise properties.error("MaximumEventAgeInSeconds must be between 60 and 21600")
    destinations = properties.mapping("DestinationConfig")
    return EventInvokeConfig(
        qualifier=properties.text("Qualifier", "$LATEST"),
        maximum_retry_attempts=retries,
        maximum_event_age=None if age is None else timedelta(seconds=age),
        on_success_arn=_destination(destinations.mapping("OnSuccess"), notes),
        on_failure_arn=_destination(destinations.mapping("OnFailure"), notes),
    )


def _destination(properties: Properties, notes: Notes) -> str | None:
    arn = properties.optional_text("Destination")
    service = arn.split(":")[2] if arn and arn.count(":") > 2 else ""  # noqa: PLR2004 -- of an ARN
    if arn and service not in _DESTINATIONS:
        reason = f"{arn} gets nothing: destinations here are {', '.join(_DESTINATIONS)}"
        notes.unsupported(properties, "Destination", reason)
        return None
    return arn


def _url(resource: Resource, notes: Notes) -> FunctionUrl:
    properties = resource.properties
    if properties.text("InvokeMode", "BUFFERED") != "BUFFERED":
        notes.unsupported(properties, "InvokeMode", "responses are not streamed here")
    cors = properties.mapping("Cors")
    return FunctionUrl(
        url_id=stable_id(resource.logical_id),
        qualifier=properties.optional_text("Qualifier")
        or arn_qualifier(properties.text("TargetFunctionArn")),
        invoke_mode=properties.text("InvokeMode", "BUFFERED"),
        auth_type=properties.text("AuthType", "NONE"),
        cors=CorsConfiguration(
            allow_origins=cors.texts("AllowOrigins"),
            allow_methods=cors.texts("AllowMethods"),
            allow_headers=cors.texts("AllowHeaders"),
            expose_headers=cors.texts("ExposeHeaders"),
            allow_credentials=cors.boolean("AllowCredentials"),
            max_age_seconds=cors.optional_integer("MaxAge"),
        )
        if "Cors" in properties
        else None,
    )
