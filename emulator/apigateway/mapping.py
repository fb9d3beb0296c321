"""Mapping expressions: where the value of a mapped parameter comes from.

``'constant'`` in single quotes, ``context.…``, ``stageVariables.…``, and either the method request
(in gateway responses) or the integration response (in integration responses).
https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
``integration.response.…`` has no value here: a mock integration has neither headers nor body.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.apigateway.context import render_context
from emulator.apigateway.proxy_event import query_parameters
from emulator.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.apigateway.context import RequestContext

METHOD_REQUEST = "method.request."
INTEGRATION_RESPONSE = "integration.response."

# What a placeholder of a gateway response may name; VTL is not evaluated there.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
_NAME = r"(method\.request\.\w+\.[\w-]+|context(?:\.\w+)+|stageVariables\.\w+)"
_PLACEHOLDER = re.compile(rf"\$(?:\{{{_NAME}\}}|{_NAME})")


def check_mapping(expression: str, place: str, own_source: str) -> None:
    """Refuse an expression that cannot be read; ``own_source`` is the one that is allowed there.

    Raises:
        TemplateError: in the words of API Gateway, with the place in the definition.
    """
    allowed = (own_source, "context.", "stageVariables.")
    if _is_constant(expression) or (_reader(expression) and expression.startswith(allowed)):
        return
    raise TemplateError(
        f"Invalid mapping expression specified: {expression}",
        logical_id=place,
        remedy=f"quote a constant in single quotes, or map from {', '.join(allowed)}",
    )


def read_mapping(
    expression: str, context: RequestContext, variables: Mapping[str, Any] | None = None
) -> str | None:
    """Find the value of a checked expression; ``None`` if the request has none.

    ``variables`` are further members of ``context``, for example ``error``.
    """
    if _is_constant(expression):
        return expression[1:-1]
    found = _reader(expression)
    if found is None:
        return None
    read, name = found
    return read(name, context, variables or {})


def fill_placeholders(text: str, context: RequestContext, variables: Mapping[str, Any]) -> str:
    """Replace ``$context.…``, ``$stageVariables.…`` and ``$method.request.…`` in a text."""
    return _PLACEHOLDER.sub(
        lambda found: read_mapping(found[1] or found[2], context, variables) or "", text
    )


def _is_constant(expression: str) -> bool:
    return len(expression) > 1 and expression[0] == expression[-1] == "'"


def _reader(expression: str) -> tuple[Callable[..., str | None], str] | None:
    for prefix, read in _READERS.items():
        if expression.startswith(prefix) and len(expression) > len(prefix):
            return read, expression[len(prefix) :]
    return None


def _header(name: str, context: RequestContext, _: Mapping[str, Any]) -> str | None:
    return context.request.header(name)


def _headers(name: str, context: RequestContext, _: Mapping[str, Any]) -> str | None:
    values = [value for sent, value in context.request.headers if sent.lower() == name.lower()]
    return ",".join(values) or None


def _query(name: str, context: RequestContext, _: Mapping[str, Any]) -> str | None:
    return dict(query_parameters(context.request.query_string)).get(name)


def _queries(name: str, context: RequestContext, _: Mapping[str, Any]) -> str | None:
    query = query_parameters(context.request.query_string)
    return ",".join(value for sent, value in query if sent == name) or None


def _path(name: str, context: RequestContext, _: Mapping[str, Any]) -> str | None:
    return dict(context.match.path_parameters).get(name) if context.match else None


def _context(name: str, context: RequestContext, variables: Mapping[str, Any]) -> str | None:
    value: Any = {**render_context(context), **variables}
    for member in name.split("."):
        value = value.get(member) if isinstance(value, dict) else None
    return None if value is None else str(value)


def _stage_variable(name: str, context: RequestContext, _: Mapping[str, Any]) -> str | None:
    return dict(context.api.stage_variables).get(name)


def _nothing(name: str, context: RequestContext, variables: Mapping[str, Any]) -> None:
    _ = name, context, variables


_READERS: dict[str, Callable[..., str | None]] = {
    INTEGRATION_RESPONSE: _nothing,
    "method.request.header.": _header,
    "method.request.multivalueheader.": _headers,
    "method.request.querystring.": _query,
    "method.request.multivaluequerystring.": _queries,
    "method.request.path.": _path,
    "context.": _context,
    "stageVariables.": _stage_variable,
}
