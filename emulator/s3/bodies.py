"""The body of an upload as a stream of pieces, checked while it passes.

Plain, chunked transfer, or ``aws-chunked`` with trailers; Content-MD5, checksums and the signed
hash are compared at the end, before anything is kept.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from typing import TYPE_CHECKING, Any, Protocol

from emulator.s3.chunked import ChunkedUpload
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.s3.request import S3Request

_PIECE = 1 << 20
_MD5_BYTES = 16
_CHECKSUM_HEADER = "x-amz-checksum-"


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None:
        """Take a piece."""

    def digest(self) -> bytes:
        """Give the result."""


class _Crc32:
    """CRC32 with the interface of a hash."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        """Take a piece."""
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        """Give the result, four bytes."""
        return self._value.to_bytes(4, "big")


_ALGORITHMS: dict[str, Any] = {"crc32": _Crc32, "sha1": hashlib.sha1, "sha256": hashlib.sha256}


class UploadBody:
    """The pieces of one body; iterate it to its end, then read ``checksums``.

    Raises:
        ServiceError: while iterating, as S3 refuses the body.
    """

    def __init__(self, request: S3Request) -> None:
        self._input = request.environ["wsgi.input"]
        self._headers = request.headers
        self._content_hash = request.headers.get("x-amz-content-sha256", "")
        self._trailers: dict[str, str] = {}
        self._md5 = _expected_md5(request.headers.get("content-md5"))
        self._digests = self._wanted_digests()
        self.checksums: dict[str, str] = {}

    def __iter__(self) -> Iterator[bytes]:
        md5 = hashlib.md5(usedforsecurity=False)
        sha256 = hashlib.sha256()
        signed = len(self._content_hash) == 64  # noqa: PLR2004 -- a SHA-256, not a constant's name
        for piece in self._pieces():
            if self._md5:
                md5.update(piece)
            if signed:
                sha256.update(piece)
            for digest in self._digests.values():
                digest.update(piece)
            yield piece
        if self._md5 and md5.digest() != self._md5:
            raise s3_error("BadDigest")
        if signed and sha256.hexdigest() != self._content_hash:
            raise s3_error("XAmzContentSHA256Mismatch")
        self._check_checksums()

    def _wanted_digests(self) -> dict[str, _Digest]:
        named = {
            name.removeprefix(_CHECKSUM_HEADER)
            for name in (*self._headers, *self._headers.get("x-amz-trailer", "").split(","))
            if name.strip().startswith(_CHECKSUM_HEADER)
        }
        return {name: _ALGORITHMS[name]() for name in named if name in _ALGORITHMS}

    def _check_checksums(self) -> None:
        for name, digest in self._digests.items():
            header = _CHECKSUM_HEADER + name
            expected = self._headers.get(header) or self._trailers.get(header)
            actual = base64.b64encode(digest.digest()).decode()
            if expected is not None and expected != actual:
                raise s3_error(
                    "BadDigest",
                    f"The {name.upper()} you specified did not match the calculated checksum.",
                )
            self.checksums[header] = actual

    def _pieces(self) -> Iterator[bytes]:
        if self._content_hash.startswith("STREAMING-"):
            chunked = ChunkedUpload(self._input)
            yield from chunked
            self._trailers = chunked.trailers
            return
        while piece := self._read(_PIECE):
            yield piece

    def _read(self, size: int) -> bytes:
        data: bytes = self._input.read(size)
        return data


def _expected_md5(header: str | None) -> bytes | None:
    if header is None:
        return None
    try:
        digest = base64.b64decode(header, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != _MD5_BYTES:
        raise s3_error("InvalidDigest")
    return digest


def read_document(request: S3Request, limit: int = 1 << 21) -> bytes:
    """Read a small body whole, for the calls that send XML.

    Raises:
        ServiceError: it is larger than any such document may be.
    """
    return b"".join(_limited(UploadBody(request), limit))


def _limited(pieces: Iterator[bytes] | UploadBody, limit: int) -> Iterator[bytes]:
    for piece in pieces:
        limit -= len(piece)
        if limit < 0:
            raise s3_error("MalformedXML")
        yield piece
