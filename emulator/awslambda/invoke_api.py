"""The Invoke operation: how an HTTP request becomes an invocation, and a result a response.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from emulator.awslambda.payload_error import check_json
from emulator.awslambda.qualifiers import LATEST
from emulator.errors import ServiceError
from emulator.invocation import Invocation

if TYPE_CHECKING:
    from emulator.awslambda.service import LambdaService

    Answer = tuple[int, dict[str, str], bytes]

_LARGEST_SYNCHRONOUS_BYTES = 6_291_456
_LARGEST_ASYNCHRONOUS_BYTES = 1_048_576
_LARGEST_INVOKE_ASYNC_BYTES = 262_144
_TAIL_BYTES = 4096
_KINDS = ("Event", "RequestResponse", "DryRun")


def invoke(
    service: LambdaService,
    environ: dict[str, Any],
    name: str,
    qualifier: str | None,
    request_id: str,
) -> Answer:
    """Answer ``Invoke``.

    Raises:
        ServiceError: there is no such function, the request is wrong, or it is throttled.
    """
    kind = environ.get("HTTP_X_AMZ_INVOCATION_TYPE", "RequestResponse")
    if kind not in _KINDS:
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{kind}' at 'invocationType' failed to satisfy"
            f" constraint: Member must satisfy enum value set: [{', '.join(_KINDS)}]",
        )
    service.find(name, qualifier or LATEST)
    payload = _read_payload(environ, _LARGEST_SYNCHRONOUS_BYTES, "InvokeFunction")
    if kind == "Event" and len(payload) > _LARGEST_ASYNCHRONOUS_BYTES:
        raise ServiceError(
            "RequestEntityTooLargeException",
            f"{len(payload)} byte payload is too large for the Event invocation type"
            f" (limit {_LARGEST_ASYNCHRONOUS_BYTES} bytes)",
            status=413,
            members=(("Type", "User"),),
        )
    invocation = Invocation(
        function_name=name,
        payload=payload,
        request_id=request_id,
        source="invoke",
        qualifier=qualifier,
        client_context=_client_context(environ.get("HTTP_X_AMZ_CLIENT_CONTEXT")),
        trace_id=environ.get("HTTP_X_AMZN_TRACE_ID"),
    )
    if kind == "DryRun":
        return 204, {}, b""
    if kind == "Event":
        service.invoke_async(invocation)
        return 202, {}, b""
    return _run(service, invocation, tail=environ.get("HTTP_X_AMZ_LOG_TYPE") == "Tail")


def invoke_async(
    service: LambdaService,
    environ: dict[str, Any],
    name: str,
    request_id: str,
) -> Answer:
    """Answer ``InvokeAsync``, the older form of an invocation of type Event."""
    service.find(name, LATEST)
    payload = _read_payload(environ, _LARGEST_INVOKE_ASYNC_BYTES, "InvokeAsync")
    service.invoke_async(
        Invocation(function_name=name, payload=payload, request_id=request_id, source="invoke")
    )
    return 202, {}, b""


def _run(service: LambdaService, invocation: Invocation, *, tail: bool) -> Answer:
    result = service.invoke(invocation)
    headers = {"X-Amz-Executed-Version": result.executed_version}
    if result.function_error is not None:
        headers["X-Amz-Function-Error"] = result.function_error
    if tail:
        headers["X-Amz-Log-Result"] = base64.b64encode(result.log[-_TAIL_BYTES:]).decode()
    return 200, headers, result.payload


def _read_payload(environ: dict[str, Any], limit: int, operation: str) -> bytes:
    payload: bytes = environ["wsgi.input"].read(limit + 1)
    if len(payload) > limit:
        raise ServiceError(
            "RequestEntityTooLargeException",
            f"Request must be smaller than {limit} bytes for the {operation} operation",
            status=413,
        )
    problem = check_json(payload or b"{}")
    if problem is not None:
        raise ServiceError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {problem}",
            members=(("Type", "User"),),
        )
    return payload or b"{}"


def _client_context(header: str | None) -> str | None:
    if header is None:
        return None
    try:
        context = base64.b64decode(header, validate=True).decode()
        json.loads(context)
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
            members=(("Type", "User"),),
        ) from error
    return context
