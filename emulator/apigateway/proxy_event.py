"""A request as the event of a Lambda proxy integration, payload format 1.0.

Empty collections are ``null``; the path stays percent-encoded, the query is decoded; of repeated
headers and parameters the plain member has the last value and the ``multiValue`` member has all.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format
Left out are the headers of an edge-optimised endpoint (``Via``, ``CloudFront-*``): we are regional.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from emulator.apigateway.context import render_context
from emulator.apigateway.headers import request_headers
from emulator.apigateway.media_types import JSON, is_binary

if TYPE_CHECKING:
    from emulator.apigateway.context import RequestContext
    from emulator.apigateway.method import MethodRequest
    from emulator.application import Pairs


def to_event(context: RequestContext) -> bytes:
    """Write the event that the function of a routed request gets."""
    return json.dumps(_event(context), ensure_ascii=False, separators=(",", ":")).encode()


def query_parameters(query_string: str) -> Pairs:
    """Decode a query: ``+`` is a space, a name without ``=`` has an empty value."""
    return tuple(parse_qsl(query_string, keep_blank_values=True, errors="replace"))


def gateway_headers(context: RequestContext) -> Pairs:
    """List the headers that API Gateway adds to a request, or puts in place of the client's."""
    request = context.request
    forwarded = request.header("x-forwarded-for")
    return (
        ("X-Amzn-Trace-Id", context.trace_id),
        ("X-Forwarded-For", ", ".join(filter(None, (forwarded, request.source_ip)))),
        ("X-Forwarded-Port", request.port),
        ("X-Forwarded-Proto", request.scheme),
    )


def _event(context: RequestContext) -> dict[str, Any]:
    request = context.request
    headers = request_headers(request.headers, gateway_headers(context))
    # Unlike header names, those of parameters keep their case apart.
    query: dict[str, list[str]] = {}
    for name, value in query_parameters(request.query_string):
        query.setdefault(name, []).append(value)
    body, is_base64_encoded = _body(request, context.api.binary_media_types)
    match = context.match
    return {
        "resource": match.resource_path if match else None,
        "path": request.path,
        "httpMethod": request.http_method,
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(match.path_parameters) or None if match else None,
        "stageVariables": dict(context.api.stage_variables) or None,
        "requestContext": render_context(context),
        "body": body,
        "isBase64Encoded": is_base64_encoded,
    }


def _last(values: dict[str, list[str]]) -> dict[str, str] | None:
    return {name: all_values[-1] for name, all_values in values.items()} or None


def _body(request: MethodRequest, binary_media_types: tuple[str, ...]) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    if is_binary(request.header("content-type") or JSON, binary_media_types):
        return base64.b64encode(request.body).decode(), True
    # As API Gateway does: what is not UTF-8 becomes U+FFFD, and is lost.
    return request.body.decode("utf-8", "replace"), False
