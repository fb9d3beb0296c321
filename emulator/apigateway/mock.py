"""The mock integration: a response made by API Gateway itself, as CORS preflights are.

The request template yields ``{"statusCode": N}``; N selects the integration response, whose
parameters and template make the response; ``$context.responseOverride`` has the last word.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from emulator.apigateway.errors import GatewayError
from emulator.apigateway.headers import (
    is_sendable,
    replace_headers,
    response_headers,
    wire_value,
)
from emulator.apigateway.mapping import INTEGRATION_RESPONSE, check_mapping, read_mapping
from emulator.apigateway.media_types import JSON, choose_template, first_media_type
from emulator.apigateway.method import MethodResponse
from emulator.apigateway.template_variables import template_variables
from emulator.apigateway.vtl import RenderingError, parse_template
from emulator.apigateway.vtl.values import spell
from emulator.errors import TemplateError

if TYPE_CHECKING:
    from emulator.apigateway.context import RequestContext
    from emulator.apigateway.vtl.directives import Template
    from emulator.application import IntegrationResponse, MockIntegration, Pairs

_HEADER = "method.response.header."
# API Gateway reads `{statusCode: 200}` as well: frameworks write it, and it works on AWS.
_STATUS_CODE = re.compile(r"""\{\s*["']?statusCode["']?\s*:\s*(\d{1,9})\s*[,}]""")
_DEFAULT = "default"
_STATUSES = range(200, 600)


class Mock:
    """A mock integration whose templates and mappings were read and checked.

    Raises:
        TemplateError: a template or a mapping cannot be read.
    """

    def __init__(self, integration: MockIntegration, place: str) -> None:
        self._integration = integration
        self._templates: dict[str, Template] = {}
        for _, text in integration.request_templates:
            self._templates[text] = parse_template(text, f"{place}.requestTemplates")
        for response in integration.responses:
            _check_parameters(response, place)
            for _, text in response.response_templates:
                self._templates[text] = parse_template(text, f"{place}.responseTemplates")

    def run(self, context: RequestContext) -> MethodResponse:
        """Answer a request.

        Raises:
            GatewayError: the templates yield no status, or no response is defined for it; 415
                when the media type has no template and must have one.
        """
        variables = template_variables(context)
        try:
            status_code = _status_code(self._render_request(context, variables))
            response = self._select(status_code)
            media_type, body = self._render_response(response, context, variables)
        except (RenderingError, RecursionError) as error:
            raise GatewayError("API_CONFIGURATION_ERROR", f"mapping template: {error}") from error
        override = _map(_map(variables["context"]).get("responseOverride"))
        headers = _mapped(response.response_parameters, context)
        overrides = _spelled(_map(override.get("header")))
        return MethodResponse(
            status_code=_overridden(override.get("status"), response.status_code),
            headers=_with_type(replace_headers(headers, overrides), media_type),
            body=body.encode("utf-8", "replace"),
        )

    def _render_response(
        self, response: IntegrationResponse, context: RequestContext, variables: dict[str, Any]
    ) -> tuple[str, str]:
        chosen = choose_template(response.response_templates, context.request.header("accept"))
        if chosen is None:
            return JSON, ""
        media_type, text = chosen
        return media_type, self._templates[text].render(variables)

    def _render_request(self, context: RequestContext, variables: dict[str, Any]) -> str:
        templates = self._integration.request_templates
        media_type = first_media_type(context.request.header("content-type")) or JSON
        text = {name.lower(): text for name, text in templates}.get(media_type)
        if text is not None:
            return self._templates[text].render(variables)
        behavior = self._integration.passthrough_behavior.lower()
        if behavior == "never" or (behavior == "when_no_templates" and templates):
            raise GatewayError("UNSUPPORTED_MEDIA_TYPE", f"no request template for {media_type}")
        return context.request.body.decode("utf-8", "replace")

    def _select(self, status_code: int) -> IntegrationResponse:
        default = None
        for response in self._integration.responses:
            if response.selection_pattern in (_DEFAULT, ""):
                default = default or response
            elif re.fullmatch(response.selection_pattern, str(status_code)):
                return response
        if default is None:
            raise GatewayError("API_CONFIGURATION_ERROR", f"no response for {status_code}")
        return default


def _check_parameters(response: IntegrationResponse, place: str) -> None:
    try:
        re.compile(response.selection_pattern)
    except re.error as error:
        problem = f"selection pattern {response.selection_pattern!r}: {error}"
        raise TemplateError(problem, logical_id=place) from error
    for target, source in response.response_parameters:
        if not target.startswith(_HEADER):
            raise TemplateError(f"response parameter {target}", logical_id=place)
        check_mapping(source, f"{place}.{target}", INTEGRATION_RESPONSE)


def _status_code(text: str) -> int:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        found = _STATUS_CODE.search(text)
        document = {"statusCode": int(found[1])} if found else None
    status_code = document.get("statusCode") if isinstance(document, dict) else None
    if not isinstance(status_code, int) or isinstance(status_code, bool):
        raise GatewayError("API_CONFIGURATION_ERROR", "the request template yields no statusCode")
    return status_code


def _overridden(status_code: Any, otherwise: int) -> int:
    """Take ``$context.responseOverride.status`` if it is a status; AWS ignores anything else."""
    is_status = isinstance(status_code, int) and status_code in _STATUSES
    return status_code if is_status else otherwise


def _map(value: Any) -> dict[str, Any]:
    """Take a variable that is a map unless a template has made something else of it."""
    return value if isinstance(value, dict) else {}


def _spelled(overrides: dict[str, Any]) -> Pairs:
    return tuple((name, wire_value(spell(value))) for name, value in overrides.items())


def _mapped(parameters: Pairs, context: RequestContext) -> Pairs:
    return tuple(
        (target.removeprefix(_HEADER), wire_value(value))
        for target, source in parameters
        if (value := read_mapping(source, context)) is not None
    )


def _with_type(headers: Pairs, media_type: str) -> Pairs:
    sendable = tuple(header for header in response_headers(headers) if is_sendable(*header))
    return replace_headers((("Content-Type", media_type),), sendable)
