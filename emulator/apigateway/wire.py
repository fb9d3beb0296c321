"""From WSGI to a method request: the only place that knows the environ.

Our own listener passes the headers and the target as they were sent (``emulator.raw_headers``,
``RAW_URI``); other servers do not, and the closest equivalent is rebuilt for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from werkzeug.wsgi import get_content_length, get_input_stream

from emulator.apigateway.method import MethodRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from emulator.application import Pairs

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
PAYLOAD_LIMIT_BYTES = 10 * 1024 * 1024
HEAD_LIMIT_BYTES = 10_240  # request line and values of all headers together
_CONTENT_HEADERS = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}
# What may stand in a path unescaped; the rest of what a server decoded is escaped again.
_PATH_CHARACTERS = "/!$&'()*+,;=:@~"


class RequestTooLargeError(Exception):
    """A request is over a limit of API Gateway; its text is for the client."""

    @classmethod
    def of_body(cls) -> Self:
        """Refuse a body."""
        return cls(f"HTTP content length exceeded {PAYLOAD_LIMIT_BYTES} bytes.")

    @classmethod
    def of_head(cls) -> Self:
        """Refuse request line and headers."""
        return cls(f"HTTP header is larger than {HEAD_LIMIT_BYTES} bytes.")


def read_request(environ: WSGIEnvironment) -> MethodRequest:
    """Read a request with its whole body.

    Raises:
        RequestTooLargeError: nobody takes a request of this size.
    """
    target, query_string = _target(environ)
    headers = _headers(environ)
    line = len(environ["REQUEST_METHOD"]) + len(target) + len(query_string)
    if line + sum(len(value) for _, value in headers) > HEAD_LIMIT_BYTES:
        raise RequestTooLargeError.of_head()
    stage_name, slash, rest = target.lstrip("/").partition("/")
    return MethodRequest(
        http_method=environ["REQUEST_METHOD"],
        stage_name=stage_name,
        # Slashes right after the stage do not reach the handler; `requestContext.path` has them.
        path="/" + rest.lstrip("/"),
        full_path=f"/{stage_name}{slash}{rest}",
        query_string=query_string,
        headers=headers,
        body=_body(environ),
        source_ip=environ.get("REMOTE_ADDR") or "127.0.0.1",
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        scheme=environ.get("wsgi.url_scheme", "http"),
        port=str(environ.get("SERVER_PORT", "")),
    )


def _target(environ: WSGIEnvironment) -> tuple[str, str]:
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw is None:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe=_PATH_CHARACTERS)
        return path, environ.get("QUERY_STRING", "")
    if not raw.startswith("/"):
        # The absolute form, `GET http://host/path`, which proxies get.
        _, _, after_scheme = raw.partition("://")
        raw = "/" + after_scheme.partition("/")[2]
    # Bytes that should have been escaped: read as UTF-8 what WSGI gives as ISO-8859-1.
    path, _, query_string = raw.encode("latin-1").decode("utf-8", "replace").partition("?")
    return path, query_string


def _headers(environ: WSGIEnvironment) -> Pairs:
    raw: Pairs | None = environ.get("emulator.raw_headers")
    if raw is not None:
        return raw
    content = ((name, environ.get(key)) for key, name in _CONTENT_HEADERS.items())
    others = (
        (key[5:].replace("_", "-").title(), value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    )
    return (*((name, value) for name, value in content if value), *others)


def _body(environ: WSGIEnvironment) -> bytes:
    if (get_content_length(environ) or 0) > PAYLOAD_LIMIT_BYTES:
        raise RequestTooLargeError.of_body()
    stream = get_input_stream(environ)
    chunks, size = [], 0
    while chunk := stream.read(PAYLOAD_LIMIT_BYTES + 1 - size):
        chunks.append(chunk)
        size += len(chunk)
        if size > PAYLOAD_LIMIT_BYTES:
            raise RequestTooLargeError.of_body()
    return b"".join(chunks)
