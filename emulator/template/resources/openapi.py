"""API definitions: Swagger 2.0 and OpenAPI 3.0 with API Gateway's extensions, as routes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
Left out are authorizers, request validators and models; they are noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.application import Route
from emulator.template.resources.integrations import read_integration
from emulator.template.resources.resource_paths import ResourcePaths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.application import Pairs
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

ANY_METHOD = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")
_NOT_METHODS = ("parameters", "servers", "summary", "description")
_VALIDATOR = "x-amazon-apigateway-request-validator"


def read_routes(body: Properties, stage_variables: Pairs, notes: Notes) -> tuple[Route, ...]:
    """Make the routes of a definition.

    Raises:
        TemplateError: API Gateway would refuse the definition.
    """
    if "swagger" not in body and "openapi" not in body:
        raise body.error("Invalid OpenAPI input.", remedy="it needs `swagger` or `openapi`")
    security = _Security(body, notes)
    _note_extensions(body, notes)
    paths = body.mapping("paths")
    routes = []
    for resource_path in _resource_paths(paths):
        for http_method, operation in _operations(paths.mapping(resource_path), notes):
            if _VALIDATOR in operation:
                notes.unsupported(operation, _VALIDATOR, "requests are not validated")
            integration = read_integration(operation, _INTEGRATION, stage_variables, notes)
            if integration is not None:
                route = Route(
                    http_method=http_method,
                    resource_path=resource_path,
                    integration=integration,
                    api_key_required=security.api_key_required(operation),
                )
                routes.append(route)
    return tuple(routes)


def _resource_paths(paths: Properties) -> Iterator[str]:
    tree = ResourcePaths()
    for resource_path in paths:
        if resource_path.startswith("x-"):
            continue
        if not resource_path.startswith("/"):
            raise paths.error(f"Resource path {resource_path} must begin with /", resource_path)
        if refusal := tree.refusal(resource_path):
            raise paths.error(refusal, resource_path)
        yield resource_path


def _operations(item: Properties, notes: Notes) -> Iterator[tuple[str, Properties]]:
    for key in item:
        if key == ANY_METHOD:
            yield "ANY", item.mapping(key)
        elif key.lower() in _METHODS:
            yield key.upper(), item.mapping(key)
        elif key not in _NOT_METHODS and not key.startswith("x-"):
            notes.unsupported(item, key, "is no method")


class _Security:
    """Which security schemes a definition has, and what an operation asks for."""

    def __init__(self, body: Properties, notes: Notes) -> None:
        self._notes = notes
        schemes = (
            body.mapping("securityDefinitions")
            if "securityDefinitions" in body
            else body.mapping("components").mapping("securitySchemes")
        )
        self._api_keys = {name for name in schemes if _is_api_key(schemes.mapping(name))}
        if "security" in body:
            reason = "API Gateway reads the security of operations only"
            notes.ignored(body, "security", reason)

    def api_key_required(self, operation: Properties) -> bool:
        """Tell whether an operation takes an API key; other schemes are noted."""
        wanted = [name for requirement in operation.mappings("security") for name in requirement]
        for name in wanted:
            if name not in self._api_keys:
                reason = f"authorizer {name} is not run: the method is open to all"
                self._notes.unsupported(operation, "security", reason)
        return any(name in self._api_keys for name in wanted)


def _is_api_key(scheme: Properties) -> bool:
    """Tell API keys from authorizers, which are written as keys in a header, too."""
    return (
        scheme.text("type") == "apiKey"
        and scheme.text("name").lower() == "x-api-key"
        and scheme.text("in") == "header"
        and "x-amazon-apigateway-authorizer" not in scheme
    )


def _note_extensions(body: Properties, notes: Notes) -> None:
    if body.text("x-amazon-apigateway-api-key-source", "HEADER") != "HEADER":
        reason = "API keys are read from the header only"
        notes.unsupported(body, "x-amazon-apigateway-api-key-source", reason)
    if "x-amazon-apigateway-policy" in body:
        reason = "resource policies are not evaluated"
        notes.unsupported(body, "x-amazon-apigateway-policy", reason)
