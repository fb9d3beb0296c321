"""``aws-chunked``: the content coding in which SDKs stream uploads, with trailers at its end.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]+))?\s*\r?\n")
_LONGEST_LINE = 4096
_PIECE = 1 << 20


class ChunkedUpload:
    """The decoded pieces of one body; read ``trailers`` after the last.

    Args:
        source: ``wsgi.input``.

    Raises:
        ServiceError: ``IncompleteBody``, while iterating: the coding is broken or ends early.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self.trailers: dict[str, str] = {}

    def __iter__(self) -> Iterator[bytes]:
        while left := self._next_size():
            while left:
                piece = self._source.read(min(left, _PIECE))
                if not piece:
                    raise s3_error("IncompleteBody")
                left -= len(piece)
                yield piece
            self._line()
        self._read_trailers()

    def _next_size(self) -> int:
        match = _CHUNK.fullmatch(self._line())
        if match is None:
            raise s3_error("IncompleteBody")
        return int(match[1], 16)

    def _read_trailers(self) -> None:
        while line := self._line().strip():
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers[name.strip().lower()] = value.strip()
        while self._source.read(_PIECE):
            pass

    def _line(self) -> bytes:
        line: bytes = self._source.readline(_LONGEST_LINE)
        return line
