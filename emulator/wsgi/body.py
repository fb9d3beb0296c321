"""The body of a request, read from the socket only as far as the application asks.

A body that ends early is an error for its reader, never a shorter body.
Chunked transfer coding: https://www.rfc-editor.org/rfc/rfc9112#section-7.1
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedIOBase

_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n", re.DOTALL)
_LINE_END = re.compile(rb"\r?\n")
_LONGEST_LINE = 16 * 1024
_PIECE = 64 * 1024


class ClientDisconnected(ConnectionError):  # noqa: N818 -- an end, not always an error
    """The client went away, stood still, or sent something that is no body."""


class Body:
    """A request body of known length; ``wsgi.input``.

    Args:
        source: the buffered socket.
        length: ``Content-Length``.
        before_first_read: sends ``100 Continue`` when the client waits for it.
    """

    def __init__(
        self, source: BufferedIOBase, length: int, before_first_read: Callable[[], None]
    ) -> None:
        self._source = source
        self._remaining = length
        self._before_first_read: Callable[[], None] | None = before_first_read

    @property
    def exhausted(self) -> bool:
        """Tell whether nothing of the body is left on the socket."""
        return self._remaining == 0

    def read(self, size: int | None = -1) -> bytes:
        """Read ``size`` bytes, or the rest of the body."""
        wanted = self._available(size)
        if wanted == 0:
            return b""
        return self._take(self._source.read(wanted), wanted)

    def readline(self, size: int | None = -1) -> bytes:
        """Read to the next line feed, at most ``size`` bytes."""
        wanted = self._available(size)
        if wanted == 0:
            return b""
        line = self._source.readline(wanted)
        return self._take(line, len(line) if line.endswith(b"\n") else wanted)

    def readlines(self, hint: int | None = None) -> list[bytes]:
        """Read the lines that are left."""
        del hint
        return list(self)

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _available(self, size: int | None) -> int:
        self._begin()
        return self._remaining if size is None or size < 0 else min(size, self._remaining)

    def _begin(self) -> None:
        if self._before_first_read is not None:
            before, self._before_first_read = self._before_first_read, None
            before()

    def _take(self, piece: bytes, wanted: int) -> bytes:
        if len(piece) < wanted:
            raise ClientDisconnected("the body is shorter than its Content-Length")
        self._remaining -= len(piece)
        return piece


class ChunkedBody(Body):
    """A request body in chunked transfer coding, decoded; trailers are read and dropped."""

    def __init__(self, source: BufferedIOBase, before_first_read: Callable[[], None]) -> None:
        super().__init__(source, 0, before_first_read)
        self._ended = False
        self._inside = False

    @property
    def exhausted(self) -> bool:
        """Tell whether nothing of the body is left on the socket."""
        return self._ended

    def read(self, size: int | None = -1) -> bytes:
        """Read ``size`` bytes, or the rest of the body."""
        pieces = []
        wanted = -1 if size is None or size < 0 else size
        while wanted and self._next_chunk():
            piece = super().read(_PIECE if wanted < 0 else wanted)
            wanted -= len(piece) if wanted > 0 else 0
            pieces.append(piece)
        return b"".join(pieces)

    def readline(self, size: int | None = -1) -> bytes:
        """Read to the next line feed, at most ``size`` bytes."""
        line = b""
        wanted = -1 if size is None or size < 0 else size
        while not line.endswith(b"\n") and len(line) != wanted and self._next_chunk():
            line += super().readline(-1 if wanted < 0 else wanted - len(line))
        return line

    def _take(self, piece: bytes, wanted: int) -> bytes:
        # A line may go on in the next chunk, so that a chunk's end is no early end.
        if not piece:
            raise ClientDisconnected("the body ends inside a chunk")
        return super()._take(piece, min(wanted, len(piece)))

    def _next_chunk(self) -> bool:
        self._begin()
        if self._remaining or self._ended:
            return not self._ended
        if self._inside:
            self._line(_LINE_END)
        self._remaining = int(self._line(_CHUNK_SIZE).group(1), 16)
        self._inside = True
        if self._remaining == 0:
            while self._source.readline(_LONGEST_LINE) not in {b"\r\n", b"\n", b""}:
                pass
            self._ended = True
        return not self._ended

    def _line(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        match = pattern.fullmatch(self._source.readline(_LONGEST_LINE))
        if match is None:
            raise ClientDisconnected("the body is not in chunked transfer coding")
        return match
