"""The reading operations of the Lambda API: what is deployed, described as on AWS.

https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
Each operation gets the service and the call, and gives the document of its answer.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.awslambda.descriptions import (
    describe_alias,
    describe_concurrency,
    describe_configuration,
    describe_event_invoke,
    describe_url,
)
from emulator.awslambda.qualifiers import LATEST, version_of
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.application import Function
    from emulator.awslambda.service import LambdaService

_CONCURRENCY_OF_AN_ACCOUNT = 1000
_LARGEST_PAGE = 50
_NO_RESOURCE = "The resource you requested does not exist."


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked.

    Args:
        name: the function's name; empty where none is in the path.
        further: the rest of the path, for example the name of an alias.
        query: query parameters, one value each.
    """

    name: str = ""
    qualifier: str | None = None
    further: str = ""
    query: Mapping[str, str]


def list_functions(service: LambdaService, call: Call) -> Any:
    """List the functions; with ``FunctionVersion=ALL`` their versions, too."""
    versions = call.query.get("FunctionVersion") == "ALL"
    return _page(
        "Functions",
        [
            document
            for function in service.functions
            for document in (
                _versions(service, function) if versions else [_configuration(service, function)]
            )
        ],
        call,
    )


def get_function(service: LambdaService, call: Call) -> Any:
    """Describe a function."""
    function = service.find(call.name, call.qualifier)
    document: dict[str, Any] = {
        "Configuration": _configuration(service, function, call.qualifier),
        "Code": {},
    }
    if function.tags:
        document["Tags"] = dict(function.tags)
    if concurrency := describe_concurrency(function):
        document["Concurrency"] = concurrency
    return document


def get_function_configuration(service: LambdaService, call: Call) -> Any:
    """Describe a function's configuration."""
    function = service.find(call.name, call.qualifier)
    return _configuration(service, function, call.qualifier)


def get_function_concurrency(service: LambdaService, call: Call) -> Any:
    """Tell the reserved concurrency."""
    return describe_concurrency(service.find(call.name))


def list_versions_by_function(service: LambdaService, call: Call) -> Any:
    """List ``$LATEST`` and the versions of the template."""
    return _page("Versions", _versions(service, service.find(call.name)), call)


def list_aliases(service: LambdaService, call: Call) -> Any:
    """List the aliases, all or those of a version."""
    function = service.find(call.name)
    version = call.query.get("FunctionVersion")
    documents = [
        describe_alias(alias, service.arn(function.name, alias.name))
        for alias in function.aliases
        if version in {None, alias.version}
    ]
    return _page("Aliases", documents, call)


def get_alias(service: LambdaService, call: Call) -> Any:
    """Describe an alias."""
    arn = service.arn(call.name, call.further)
    for alias in service.find(call.name).aliases:
        if alias.name == call.further:
            return describe_alias(alias, arn)
    raise _not_found(f"Cannot find alias arn: {arn}")


def get_event_invoke_config(service: LambdaService, call: Call) -> Any:
    """Describe what happens to the asynchronous invocations of a qualifier."""
    function = service.find(call.name, call.qualifier)
    qualifier = call.qualifier or LATEST
    arn = service.arn(call.name, qualifier)
    for config in function.event_invoke:
        if config.qualifier == qualifier:
            return describe_event_invoke(config, arn, service.modified)
    raise _not_found(f"The function {arn} doesn't have an EventInvokeConfig")


def list_event_invoke_configs(service: LambdaService, call: Call) -> Any:
    """Describe the same of all qualifiers."""
    documents = [
        describe_event_invoke(config, service.arn(call.name, config.qualifier), service.modified)
        for config in service.find(call.name).event_invoke
    ]
    return _page("FunctionEventInvokeConfigs", documents, call)


def get_function_url_config(service: LambdaService, call: Call) -> Any:
    """Describe the URL of a function or of one of its aliases."""
    for document in _urls(service, service.find(call.name)):
        if document["FunctionArn"] == service.arn(call.name, call.qualifier):
            return document
    raise _not_found(_NO_RESOURCE)


def list_function_url_configs(service: LambdaService, call: Call) -> Any:
    """Describe all URLs of a function."""
    return _page("FunctionUrlConfigs", _urls(service, service.find(call.name)), call)


def get_policy(service: LambdaService, call: Call) -> Any:
    """Tell that there is no policy: permissions are not checked here."""
    service.find(call.name, call.qualifier)
    raise _not_found(_NO_RESOURCE)


def list_tags(service: LambdaService, call: Call) -> Any:
    """List the tags of a function."""
    return {"Tags": dict(service.find(call.name).tags)}


def get_account_settings(service: LambdaService, call: Call) -> Any:  # noqa: ARG001 -- as the others
    """Tell the limits of an account, and what the template uses of them."""
    reserved = sum(function.reserved_concurrency or 0 for function in service.functions)
    return {
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": _CONCURRENCY_OF_AN_ACCOUNT,
            "UnreservedConcurrentExecutions": _CONCURRENCY_OF_AN_ACCOUNT - reserved,
        },
        "AccountUsage": {"TotalCodeSize": 0, "FunctionCount": len(service.functions)},
    }


# By method and what follows /<date>/functions/<name>/.
OF_A_FUNCTION: Mapping[tuple[str, str], Callable[[LambdaService, Call], Any]] = {
    ("GET", ""): get_function,
    ("GET", "configuration"): get_function_configuration,
    ("GET", "concurrency"): get_function_concurrency,
    ("GET", "versions"): list_versions_by_function,
    ("GET", "aliases"): list_aliases,
    ("GET", "aliases/*"): get_alias,
    ("GET", "event-invoke-config"): get_event_invoke_config,
    ("GET", "event-invoke-config/list"): list_event_invoke_configs,
    ("GET", "url"): get_function_url_config,
    ("GET", "urls"): list_function_url_configs,
    ("GET", "policy"): get_policy,
}


def _configuration(
    service: LambdaService, function: Function, qualifier: str | None = None
) -> dict[str, Any]:
    version = version_of(function, qualifier) or LATEST
    return describe_configuration(
        function, service.arn(function.name, qualifier), service.modified, version
    )


def _versions(service: LambdaService, function: Function) -> list[dict[str, Any]]:
    numbers = [LATEST, *(version.number for version in function.versions)]
    return [_configuration(service, function, number) for number in numbers]


def _urls(service: LambdaService, function: Function) -> list[dict[str, Any]]:
    return [
        describe_url(
            config,
            service.function_url(config.url_id),
            service.arn(function.name, config.qualifier),
            service.modified,
        )
        for config in function.urls
    ]


def _page(name: str, documents: list[dict[str, Any]], call: Call) -> dict[str, Any]:
    """Cut a page out; the marker is where it ends."""
    try:
        start = int(base64.b64decode(call.query.get("Marker", "MA==")))
        size = min(int(call.query.get("MaxItems", _LARGEST_PAGE)), _LARGEST_PAGE)
    except (ValueError, binascii.Error):
        raise ServiceError(
            "InvalidParameterValueException",
            "Invalid Marker or MaxItems",
            members=(("Type", "User"),),
        ) from None
    if size < 1:
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{size}' at 'maxItems' failed to satisfy"
            " constraint: Member must have value greater than or equal to 1",
        )
    end = start + size
    page: dict[str, Any] = {name: documents[start:end]}
    if end < len(documents):
        page["NextMarker"] = base64.b64encode(str(end).encode()).decode()
    return page


def _not_found(message: str) -> ServiceError:
    return ServiceError(
        "ResourceNotFoundException", message, status=404, members=(("Type", "User"),)
    )
