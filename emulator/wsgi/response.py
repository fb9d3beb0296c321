"""From what a WSGI application answers to bytes on the socket.

The head leaves together with the first piece of the body, in one packet where it fits; files go
out by ``sendfile``; a body without a length is chunked.
"""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from time import time
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.wsgi.body import Body
    from emulator.wsgi.connection import Connection
    from emulator.wsgi.request import Head

_BODILESS = ("1", "204", "304")
_PIECE = 256 * 1024


@lru_cache(maxsize=1)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


class FileWrapper:
    """``wsgi.file_wrapper``: an open file whose rest, or ``Content-Length`` of it, is the body."""

    def __init__(self, file: BinaryIO, block_size: int = _PIECE) -> None:
        self.file = file
        self._block_size = block_size

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.file.read(self._block_size):
            yield piece

    def close(self) -> None:
        """Close the file, as the server does after the response."""
        self.file.close()


class Response:
    """One response on its way out; ``start`` is the application's ``start_response``.

    Args:
        head: of its request; ``None`` if that could not be read.
        body: of its request; what is left of it decides whether the connection can go on.
    """

    def __init__(
        self, connection: Connection, head: Head | None = None, body: Body | None = None
    ) -> None:
        self._connection = connection
        self._head = head
        self._body = body
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._chunked = False
        self.started = False
        self.keep_alive = head is not None and head.keep_alive

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Take status and headers; nothing leaves before the first piece of the body."""
        if exc_info and self.started:
            raise exc_info[1].with_traceback(exc_info[2])
        self._status = status
        self._headers = headers
        return self.write

    def send(self, body: Iterable[bytes]) -> None:
        """Send the whole response."""
        if isinstance(body, FileWrapper) and self._length() is not None:
            self._send_file(body)
            return
        if isinstance(body, (list, tuple)) and self._length() is None:
            body = (b"".join(body),)
            self._headers = [*self._headers, ("Content-Length", str(len(body[0])))]
        for piece in body:
            if piece:
                self.write(piece)
        self._finish()

    def write(self, piece: bytes) -> None:
        """Send a piece of the body, after the head if that is still due."""
        head = b"" if self.started else self._start()
        if self._without_body():
            piece = b""
        elif self._chunked:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        if len(piece) > _PIECE:
            self._connection.sendall(head)
            self._connection.sendall(piece)
        elif head or piece:
            self._connection.sendall(head + piece)

    def _finish(self) -> None:
        if not self.started:
            self.write(b"") if self._length() is not None else self._write_empty()
        elif self._chunked and not self._without_body():
            self._connection.sendall(b"0\r\n\r\n")

    def _write_empty(self) -> None:
        if not self._status.startswith(_BODILESS):
            self._headers = [*self._headers, ("Content-Length", "0")]
        self._connection.sendall(self._start())

    def _send_file(self, body: FileWrapper) -> None:
        self._connection.sendall(self._start())
        if not self._without_body():
            length = self._length() or 0
            sent = self._connection.send_file(body.file, length)
            if sent < length:
                raise ConnectionError("the file became shorter while it was sent")

    def _start(self) -> bytes:
        self.started = True
        if self._head is not None and self._body is not None and not self._body.exhausted:
            # Nobody knows whether the client still sends it.
            self.keep_alive = self.keep_alive and not self._head.expects_continue
        names = {name.lower() for name, _ in self._headers}
        lines = [f"HTTP/1.1 {self._status}\r\n"]
        lines += [f"{name}: {value}\r\n" for name, value in self._headers]
        if "date" not in names:
            lines.append(f"Date: {_http_date(int(time()))}\r\n")
        lines += self._framing(names)
        return "".join([*lines, "\r\n"]).encode("latin-1")

    def _framing(self, names: set[str]) -> Iterator[str]:
        if "content-length" not in names and not self._status.startswith(_BODILESS):
            if self._head is not None and self._head.http_version == "1.1":
                self._chunked = True
                yield "Transfer-Encoding: chunked\r\n"
            else:
                self.keep_alive = False
        if not self.keep_alive:
            yield "Connection: close\r\n"

    def _length(self) -> int | None:
        for name, value in self._headers:
            if name.lower() == "content-length":
                return int(value)
        return None

    def _without_body(self) -> bool:
        is_head = self._head is not None and self._head.method == "HEAD"
        return is_head or self._status.startswith(_BODILESS)
