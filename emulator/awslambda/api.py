"""The Lambda API: what boto3 and the AWS CLI ask of deployed functions.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
Invoke, GetFunction, GetFunctionConfiguration and ListFunctions; functions are made by the template
only, so that every other operation is refused by name.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from emulator.awslambda.descriptions import describe_configuration, describe_function
from emulator.errors import ServiceError
from emulator.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.awslambda.service import LambdaService

    Answer = tuple[int, dict[str, str], bytes]

_LARGEST_SYNCHRONOUS_BYTES = 6_291_456
_LARGEST_ASYNCHRONOUS_BYTES = 1_048_576
_TAIL_BYTES = 4096
_FUNCTION_PATH = re.compile(r"/20\d\d-\d\d-\d\d/functions/([^/]+)(?:/([^?]*))?")
_LIST_PATH = re.compile(r"/20\d\d-\d\d-\d\d/functions/?")
# Name, or a partial or full ARN; then perhaps a qualifier.
_NAME = re.compile(
    r"(?:(?:arn:aws[\w-]*:lambda:)?(?:[a-z]{2}[\w-]*-\d:)?(?:(?P<account>\d{12}):)?(?:function:))?"
    r"(?P<name>[\w-]+)(?::(?P<qualifier>\$LATEST|[\w-]+))?"
)
_REASONS = {200: "OK", 202: "Accepted", 204: "No Content"}


def create_api(service: LambdaService) -> WSGIApplication:
    """Make the WSGI application of the Lambda API."""

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request_id = str(uuid.uuid4())
        try:
            status, headers, body = _route(service, environ, request_id)
        except ServiceError as error:
            status, headers, body = _render(error)
        reason = _REASONS.get(status, "Error")
        fields = {"Content-Type": "application/json", "x-amzn-RequestId": request_id, **headers}
        start_response(f"{status} {reason}", list(fields.items()))
        return [body]

    return app


def _route(service: LambdaService, environ: dict[str, Any], request_id: str) -> Answer:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if _LIST_PATH.fullmatch(path) and method == "GET":
        return _list(service)
    match = _FUNCTION_PATH.fullmatch(_raw_path(environ))
    operation = (method, match.group(2) or "") if match else None
    handlers: dict[tuple[str, str] | None, Callable[[str, str], Answer]] = {
        ("POST", "invocations"): lambda name, qualifier: _invoke(
            service, environ, name, qualifier, request_id
        ),
        ("GET", ""): lambda name, qualifier: _json(
            describe_function(service.find(name, qualifier), service.arn(name))
        ),
        ("GET", "configuration"): lambda name, qualifier: _json(
            describe_configuration(service.find(name, qualifier), service.arn(name))
        ),
    }
    handler = handlers.get(operation)
    if match is None or handler is None:
        raise ServiceError(
            "InvalidRequestException",
            f"The emulator does not have this operation of Lambda: {method} {path}."
            " Functions are made and changed by the template.",
            status=501,
        )
    query = parse_qs(environ.get("QUERY_STRING", ""))
    return handler(*_parse_name(unquote(match.group(1)), query.get("Qualifier", [None])[0]))


def _raw_path(environ: dict[str, Any]) -> str:
    """Give the path before decoding: an ARN in it may hold an encoded slash or colon."""
    return str(environ.get("RAW_URI", environ["PATH_INFO"])).partition("?")[0]


def _parse_name(text: str, qualifier: str | None) -> tuple[str, str]:
    match = _NAME.fullmatch(text)
    if match is None:
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{text}' at 'functionName' failed to satisfy"
            " constraint: Member must satisfy regular expression pattern: "
            r"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
            r"(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?",
            status=400,
        )
    return match["name"], qualifier or match["qualifier"] or "$LATEST"


def _invoke(
    service: LambdaService, environ: dict[str, Any], name: str, qualifier: str, request_id: str
) -> Answer:
    service.find(name, qualifier)
    kind = environ.get("HTTP_X_AMZ_INVOCATION_TYPE", "RequestResponse")
    invocation = Invocation(
        function_name=name,
        payload=_read_payload(environ, asynchronous=kind == "Event"),
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
    if kind != "RequestResponse":
        raise ServiceError(
            "ValidationException",
            f"1 validation error detected: Value '{kind}' at 'invocationType' failed to satisfy"
            " constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]",
        )
    return _run(service, invocation, tail=environ.get("HTTP_X_AMZ_LOG_TYPE") == "Tail")


def _run(service: LambdaService, invocation: Invocation, *, tail: bool) -> Answer:
    result = service.invoke(invocation)
    headers = {"X-Amz-Executed-Version": result.executed_version}
    if result.function_error is not None:
        headers["X-Amz-Function-Error"] = result.function_error
    if tail:
        headers["X-Amz-Log-Result"] = base64.b64encode(result.log[-_TAIL_BYTES:]).decode()
    return 200, headers, result.payload


def _read_payload(environ: dict[str, Any], *, asynchronous: bool) -> bytes:
    limit = _LARGEST_ASYNCHRONOUS_BYTES if asynchronous else _LARGEST_SYNCHRONOUS_BYTES
    payload: bytes = environ["wsgi.input"].read(limit + 1)
    if len(payload) > limit:
        operation = "InvokeAsync" if asynchronous else "InvokeFunction"
        raise ServiceError(
            "RequestEntityTooLargeException",
            f"Request must be smaller than {limit} bytes for the {operation} operation",
            status=413,
        )
    try:
        json.loads(payload or b"{}")
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {error}",
            members=(("Type", "User"),),
        ) from error
    return payload or b"{}"


def _client_context(header: str | None) -> str | None:
    if header is None:
        return None
    try:
        context = base64.b64decode(header, validate=True).decode()
        json.loads(context)
    except ValueError as error:
        raise ServiceError(
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
            members=(("Type", "User"),),
        ) from error
    return context


def _list(service: LambdaService) -> Answer:
    functions = [describe_configuration(f, service.arn(f.name)) for f in service.functions]
    return _json({"NextMarker": None, "Functions": functions})


def _json(document: Any) -> Answer:
    return 200, {}, json.dumps(document).encode()


def _render(error: ServiceError) -> Answer:
    # Older operations of Lambda write "Message", the newer ones "message".
    name = "message" if error.code == "TooManyRequestsException" else "Message"
    document = {**dict(error.members), name: error.message}
    return error.status, {"x-amzn-ErrorType": error.code}, json.dumps(document).encode()
