"""``aws-chunked``: the content coding in which SDKs stream uploads, with trailers at its end.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.s3.authentication.chunks import ChunkSignatures

_SIGNATURE = "x-amz-trailer-signature"
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]+))?\s*\r?\n")
_LONGEST_LINE = 4096
_PIECE = 1 << 18


class ChunkedUpload:
    """The decoded pieces of one body; read ``trailers`` after the last.

    Args:
        source: ``wsgi.input``.
        signatures: what verifies each chunk; ``None`` if they are not signed.

    Raises:
        ServiceError: while iterating: ``IncompleteBody``, the coding is broken or ends early;
            ``SignatureDoesNotMatch``, a chunk is not the one that was signed.
    """

    def __init__(self, source: Any, signatures: ChunkSignatures | None = None) -> None:
        self._source = source
        self._signatures = signatures
        self._signature = ""
        self.trailers: dict[str, str] = {}

    def __iter__(self) -> Iterator[bytes]:
        signatures = self._signatures
        while left := self._next_size():
            digest = hashlib.sha256()
            while left:
                piece = self._source.read(min(left, _PIECE))
                if not piece:
                    raise s3_error("IncompleteBody")
                left -= len(piece)
                if signatures is not None:
                    digest.update(piece)
                yield piece
            self._line()
            if signatures is not None:
                signatures.check_chunk(digest.hexdigest(), self._signature)
        if signatures is not None:
            signatures.check_chunk(hashlib.sha256().hexdigest(), self._signature)
        self._read_trailers()

    def _next_size(self) -> int:
        match = _CHUNK.fullmatch(self._line())
        if match is None:
            raise s3_error("IncompleteBody")
        self._signature = (match[2] or b"").decode()
        return int(match[1], 16)

    def _read_trailers(self) -> None:
        while line := self._line().strip():
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers[name.strip().lower()] = value.strip()
        signature = self.trailers.pop(_SIGNATURE, None)
        if self._signatures is not None and (self.trailers or signature is not None):
            lines = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            self._signatures.check_trailers(lines.encode("latin-1"), signature or "")
        while self._source.read(_PIECE):
            pass

    def _line(self) -> bytes:
        line: bytes = self._source.readline(_LONGEST_LINE)
        return line
