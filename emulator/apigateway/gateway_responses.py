"""Errors of the gateway as HTTP responses, customised as the API wants.

A type that was not customised itself takes the customisation of ``DEFAULT_4XX`` or ``DEFAULT_5XX``.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.apigateway.headers import is_sendable, replace_headers, wire_value
from emulator.apigateway.mapping import (
    METHOD_REQUEST,
    check_mapping,
    fill_placeholders,
    read_mapping,
)
from emulator.apigateway.media_types import JSON, choose_template
from emulator.apigateway.method import MethodResponse
from emulator.application import GatewayResponse

if TYPE_CHECKING:
    from emulator.apigateway.context import RequestContext
    from emulator.apigateway.errors import GatewayError
    from emulator.application import Pairs, RestApi

_DEFAULT_TEMPLATES = ((JSON, '{"message":$context.error.messageString}'),)
_NOT_CUSTOMISED = GatewayResponse(response_type="")
_SERVER_ERROR = 500


class GatewayResponses:
    """The customised gateway responses of an API, checked.

    Raises:
        TemplateError: a header is mapped from something that cannot be read.
    """

    def __init__(self, api: RestApi) -> None:
        self._by_type = {response.response_type: response for response in api.gateway_responses}
        for response in api.gateway_responses:
            for name, expression in response.headers:
                place = f"{api.logical_id}.GatewayResponses.{response.response_type}.{name}"
                check_mapping(expression, place, METHOD_REQUEST)

    def render(self, error: GatewayError, context: RequestContext) -> MethodResponse:
        """Answer a request that ended in the gateway."""
        custom = self._find(error)
        status_code = custom.status_code or error.status_code
        variables = {"error": _describe(error)}
        templates = custom.templates or _DEFAULT_TEMPLATES
        accept = context.request.header("accept")
        media_type, template = choose_template(templates, accept) or _DEFAULT_TEMPLATES[0]
        own = (("Content-Type", media_type), ("x-amzn-ErrorType", error.error_type))
        return MethodResponse(
            status_code=status_code,
            headers=replace_headers(own, _mapped(custom.headers, context, variables)),
            body=fill_placeholders(template, context, variables).encode("utf-8", "replace"),
        )

    def _find(self, error: GatewayError) -> GatewayResponse:
        fallback = "DEFAULT_5XX" if error.status_code >= _SERVER_ERROR else "DEFAULT_4XX"
        found = self._by_type.get(error.response_type) or self._by_type.get(fallback)
        return found or _NOT_CUSTOMISED


def _describe(error: GatewayError) -> dict[str, str | None]:
    """Make ``$context.error``; ``messageString`` is the quoted message, ``null`` without one."""
    return {
        "message": error.message,
        "messageString": json.dumps(error.message),
        "responseType": error.response_type,
        "validationErrorString": None,
    }


def _mapped(
    headers: Pairs, context: RequestContext, variables: dict[str, dict[str, str | None]]
) -> Pairs:
    values = ((name, read_mapping(source, context, variables)) for name, source in headers)
    return tuple(
        (name, wire_value(value))
        for name, value in values
        if value is not None and is_sendable(name, wire_value(value))
    )
