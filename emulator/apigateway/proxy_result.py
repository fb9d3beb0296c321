"""The result of a function as the response of a Lambda proxy integration.

Members and their types are strict, values are lenient, as recorded by LocalStack from AWS
(``test_aws_proxy_response_payload_format_validation``): ``{}`` is an empty 200, ``"201"`` is a
status, ``true`` a header value; a member of another name is an error of the gateway, 502.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from emulator.apigateway.errors import GatewayError, malformed_response
from emulator.apigateway.headers import group, is_sendable, response_headers, wire_value
from emulator.apigateway.media_types import JSON, is_binary
from emulator.apigateway.method import MethodResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.apigateway.context import RequestContext
    from emulator.application import Pairs
    from emulator.invocation import InvocationResult

_MEMBERS = frozenset(("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"))
_LOWEST_STATUS, _HIGHEST_STATUS = 200, 599


def to_response(result: InvocationResult, context: RequestContext) -> MethodResponse:
    """Read what a function answered.

    Raises:
        GatewayError: 502 if the function failed or its result is none; 500 for bad base64.
    """
    if result.function_error:
        raise malformed_response(f"the function failed: {result.payload.decode(errors='replace')}")
    members = _members(result.payload)
    headers = response_headers(_headers(members))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", JSON), *headers)
    return MethodResponse(
        status_code=_status_code(members.get("statusCode")),
        headers=headers,
        body=_body(members, context),
    )


def _members(payload: bytes) -> dict[str, Any]:
    try:
        result = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise malformed_response("the result is no JSON") from error
    if not isinstance(result, dict):
        raise malformed_response(f"the result is no object but {type(result).__name__}")
    if unknown := sorted(result.keys() - _MEMBERS):
        raise malformed_response(f"the result has unknown members: {', '.join(unknown)}")
    return result


def _status_code(value: Any) -> int:
    if value is None:
        return 200
    try:
        status_code = int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise malformed_response(f"statusCode is no number: {value!r}") from error
    if isinstance(value, bool) or not _LOWEST_STATUS <= status_code <= _HIGHEST_STATUS:
        raise malformed_response(f"statusCode is no HTTP status: {value!r}")
    return status_code


def _headers(members: dict[str, Any]) -> Pairs:
    """Merge both members: the multiple values of a name, then its single one if it is not there."""
    multiple = tuple(_multiple_values(members.get("multiValueHeaders")))
    known = {(name.lower(), value) for name, value in multiple}
    single = (
        (name, value)
        for name, value in _single_values(members.get("headers"))
        if (name.lower(), value) not in known
    )
    pairs = tuple(
        (name, wire_value(value))
        for name, values in group((*multiple, *single)).items()
        for value in values
    )
    for name, value in pairs:
        if not is_sendable(name, value):
            raise malformed_response(f"header cannot be sent: {name!r}: {value!r}")
    return pairs


def _multiple_values(headers: Any) -> Iterator[tuple[str, str]]:
    for name, values in _object("multiValueHeaders", headers).items():
        if not isinstance(values, list):
            raise malformed_response(f"multiValueHeaders: {name!r} is no list")
        for value in values:
            yield name, _scalar(f"header {name!r}", value)


def _single_values(headers: Any) -> Iterator[tuple[str, str]]:
    for name, value in _object("headers", headers).items():
        yield name, _scalar(f"header {name!r}", value)


def _object(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed_response(f"{name} is no object")
    return value


def _scalar(name: str, value: Any) -> str:
    """Spell a string, number, boolean or null as JSON would; the gateway is lenient here."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise malformed_response(f"{name} is no string")
    return json.dumps(value)


def _body(members: dict[str, Any], context: RequestContext) -> bytes:
    text = _scalar("body", members.get("body"))
    encoded = members.get("isBase64Encoded") in (True, "true")
    accepted = context.request.header("accept")
    if not encoded or not is_binary(accepted, context.api.binary_media_types):
        return text.encode("utf-8", "replace")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise GatewayError("DEFAULT_5XX", "the body is not base64") from error
