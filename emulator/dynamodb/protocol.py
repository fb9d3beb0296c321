"""The wire: AWS JSON 1.0 over WSGI, with nothing between a request and its operation.

https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from emulator.dynamodb.content_encoding import decoded
from emulator.dynamodb.errors import error_body, serialization_error, validation_error
from emulator.errors import ServiceError
from emulator.tracing.requests import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from emulator.dynamodb.request import Body

_CONTENT_TYPE = "application/x-amz-json-1.0"
_CONTENT_TYPES = (_CONTENT_TYPE, "application/json")
_MAXIMUM_REQUEST_BYTES = 16 * 1024 * 1024 + 1024


def respond(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    operate: Callable[[WSGIEnvironment, Body], Body],
) -> Iterable[bytes]:
    """Read a request, let ``operate`` do what it says, and answer."""
    content_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip() or _CONTENT_TYPE
    if content_type not in _CONTENT_TYPES:
        return _refuse_content_type(start_response)
    status = HTTPStatus.OK
    try:
        answer = operate(environ, _read_body(environ))
    except ServiceError as error:
        environ[REFUSAL] = f"{error.code}: {error}"
        status, answer = HTTPStatus(error.status), error_body(error)
    except RecursionError:
        # Values and expressions are read by recursive descent: whatever nests so deep is refused.
        refusal = validation_error("Nesting Levels have exceeded supported limits")
        status, answer = HTTPStatus(refusal.status), error_body(refusal)
    content = json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    start_response(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", content_type),
            ("Content-Length", str(len(content))),
            ("x-amzn-RequestId", _request_id()),
            ("x-amz-crc32", str(zlib.crc32(content))),
        ],
    )
    return [content]


def _refuse_content_type(start_response: StartResponse) -> Iterable[bytes]:
    """Answer as AWS does to what is no JSON: in something like XML."""
    content = b"<UnknownOperationException/>\n"
    start_response(
        "404 Not Found",
        [
            ("Content-Length", str(len(content))),
            ("x-amzn-RequestId", _request_id()),
            ("x-amz-crc32", str(zlib.crc32(content))),
        ],
    )
    return [content]


def _read_body(environ: WSGIEnvironment) -> Body:
    if environ.get("wsgi.input_terminated"):
        raw = environ["wsgi.input"].read(_MAXIMUM_REQUEST_BYTES)
    else:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        raw = environ["wsgi.input"].read(min(length, _MAXIMUM_REQUEST_BYTES))
    raw = decoded(raw, environ.get("HTTP_CONTENT_ENCODING", ""), _MAXIMUM_REQUEST_BYTES)
    if len(raw) >= _MAXIMUM_REQUEST_BYTES:
        raise ServiceError(
            "RequestEntityTooLargeException",
            "Request size exceeded the maximum",
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    try:
        body: Any = _parse(raw) if raw else {}
    except (ValueError, RecursionError) as error:
        raise serialization_error("") from error
    if not isinstance(body, dict):
        raise serialization_error("")
    return body


def _parse(raw: bytes) -> Any:
    body = json.loads(raw.decode(), parse_constant=_refuse_constant)
    if b"\\ud" not in raw.lower():
        return body
    # Half of a surrogate pair is no character: AWS stores a question mark, which can be read again.
    return json.loads(json.dumps(body, ensure_ascii=False).encode(errors="replace"))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _request_id() -> str:
    return base64.b32encode(os.urandom(35))[:52].decode()
