"""From the head of a request to a WSGI environ.

PEP 3333, plus what AWS's gateways need and WSGI loses: ``emulator.raw_headers``, the headers as
they were sent, and ``RAW_URI``, the request target before any decoding.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import httptools

if TYPE_CHECKING:
    from io import BufferedIOBase

_LARGEST_HEAD = 64 * 1024
_TLS_HANDSHAKE = b"\x16"
RawHeaders = tuple[tuple[str, str], ...]


class BadRequestError(Exception):
    """The head is not HTTP/1.x; ``status`` says how it is refused."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class _Parsed:
    """What the parser calls back with."""

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.target = b""
        self.headers: list[tuple[str, str]] = []
        self.keep_alive = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        # A request without a body is over after this, and the parser has forgotten it.
        self.keep_alive = self.parser.should_keep_alive()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Request line and headers.

    Args:
        content_length: length of the body in bytes; 0 without one; ``None`` when it is chunked.
    """

    method: str
    target: str
    http_version: str
    headers: RawHeaders
    keep_alive: bool
    content_length: int | None

    @property
    def expects_continue(self) -> bool:
        """Tell whether the client waits for ``100 Continue`` before it sends the body."""
        return self.http_version == "1.1" and any(
            name.lower() == "expect" and value.lower() == "100-continue"
            for name, value in self.headers
        )


def read_head(source: BufferedIOBase) -> Head | None:
    """Read one head; ``None`` when the client closed the connection instead.

    Raises:
        BadRequestError: with the status that the client gets.
    """
    raw = _read_raw_head(source)
    if not raw:
        return None
    parsed = _Parsed()
    parser = parsed.parser
    try:
        parser.feed_data(raw)
    except httptools.HttpParserUpgrade:
        pass  # an upgrade that nobody here offers; the request is answered as it is
    except httptools.HttpParserError as error:
        raise BadRequestError("400 Bad Request") from error
    return Head(
        method=parser.get_method().decode("ascii"),
        target=parsed.target.decode("latin-1"),
        http_version=parser.get_http_version(),
        headers=tuple(parsed.headers),
        keep_alive=parsed.keep_alive,
        content_length=_content_length(parsed.headers),
    )


def _read_raw_head(source: BufferedIOBase) -> bytes:
    lines: list[bytes] = []
    left = _LARGEST_HEAD
    start = source.read(1)
    if start == _TLS_HANDSHAKE:
        # A browser that was told https: it has no line to wait for, and would wait for us.
        raise BadRequestError("400 Bad Request")
    while True:
        line = start if start == b"\n" else start + source.readline(left)
        start = b""
        left -= len(line)
        if left <= 0:
            raise BadRequestError("431 Request Header Fields Too Large")
        if not lines and line in {b"\r\n", b"\n"}:
            continue  # RFC 9112, 2.2: empty lines before the request line are ignored
        lines.append(line)
        if line in {b"\r\n", b"\n"}:
            return b"".join(lines)
        if not line:
            return b""


def _content_length(headers: list[tuple[str, str]]) -> int | None:
    length = 0
    for name, value in headers:
        if name.lower() == "transfer-encoding":
            return None
        if name.lower() == "content-length":
            length = int(value)  # the parser has made sure that it is a number
    return length


def to_environ(head: Head, *, server: tuple[str, int], client: tuple[str, int]) -> dict[str, Any]:
    """Describe a request to a WSGI application; ``wsgi.input`` is the caller's to add."""
    path, _, query = _origin_form(head.target).partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": head.target,
        "REQUEST_URI": head.target,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{head.http_version}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "emulator.raw_headers": head.headers,
    }
    for name, value in head.headers:
        _add_header(environ, name, value)
    return environ


def _origin_form(target: str) -> str:
    """Take the path out of an absolute-form target, as proxies send it."""
    if target.startswith(("http://", "https://")):
        return "/" + target.split("://", 1)[1].partition("/")[2]
    return target


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    if key in environ:
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}"
    else:
        environ[key] = value
