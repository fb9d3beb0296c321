"""The body of an upload as a stream of pieces, checked while it passes.

Plain, chunked transfer, or ``aws-chunked`` with trailers; its length, Content-MD5, checksum and the
signed hash are compared at the end, before anything is kept.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from emulator.s3.checksums import (
    DEFAULT,
    HEADER,
    check_value,
    encoded,
    mismatch,
    named_checksum,
)
from emulator.s3.chunked import ChunkedUpload
from emulator.s3.errors import s3_error
from emulator.s3.hashing import HashedPieces
from emulator.s3.numbers import read_whole
from emulator.wsgi import ClientDisconnected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator.s3.checksums import Checksum
    from emulator.s3.request import S3Request

LARGEST_UPLOAD_BYTES = 5 * 1024**3
_LARGEST_DOCUMENT_BYTES = 1 << 21
_PIECE = 1 << 18
_MD5_BYTES = 16
_SHA256_DIGITS = 64


class UploadBody:
    """The pieces of one upload; iterate it to its end, then ask for its checksum.

    Args:
        algorithm: the checksum to keep; ``None`` is the client's, or S3's default.
        of_body: ``False`` when the headers bear the checksum of something else.

    Raises:
        ServiceError: here or while iterating, as S3 refuses the body.
    """

    def __init__(
        self, request: S3Request, algorithm: str | None = None, *, of_body: bool = True
    ) -> None:
        headers = request.headers
        self._input = request.environ["wsgi.input"]
        self._signatures = request.environ.get("emulator.chunk_signatures")
        self._content_hash = headers.get("x-amz-content-sha256", "")
        self._length = _length(headers)
        self._expected_md5 = _expected_md5(headers.get("content-md5"))
        self._is_part = request.has("partNumber")
        self._named = named_checksum(headers) if of_body else None
        self._kept = algorithm or (self._named[0] if self._named else DEFAULT)
        self._trailers: Mapping[str, str] = {}
        others = (self._named[0],) if self._named else ()
        self._hashed = HashedPieces(self._whole(), self._kept, *others)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._hashed
        if self._expected_md5 and bytes.fromhex(self.md5) != self._expected_md5:
            # Recorded on AWS: objects are expected in hexadecimal, parts as they were sent.
            expected = encoded(self._expected_md5) if self._is_part else self._expected_md5.hex()
            raise s3_error(
                "BadDigest",
                ExpectedDigest=expected,
                CalculatedDigest=encoded(bytes.fromhex(self.md5)),
            )
        self._check_checksum()

    @property
    def md5(self) -> str:
        """Hexadecimal."""
        return self._hashed.md5

    @property
    def checksum(self) -> Checksum:
        """The checksum to keep."""
        return self._hashed.checksum

    @property
    def shown(self) -> Checksum:
        """The checksum to answer with: the client's own, if it sent one."""
        return self._hashed.checksum_in(self._named[0] if self._named else self._kept)

    @property
    def named_algorithm(self) -> str | None:
        """The algorithm of the client's own checksum."""
        return self._named[0] if self._named else None

    def _check_checksum(self) -> None:
        if self._named is None:
            return
        algorithm, expected = self._named
        if expected is None:
            header = HEADER + algorithm.lower()
            expected = check_value(algorithm, self._trailers.get(header, ""), header)
        if expected != self._hashed.checksum_in(algorithm).value:
            raise mismatch(algorithm)

    def _whole(self) -> Iterator[bytes]:
        """Give every piece, and see that they are as long together as they were said to be."""
        sha256 = hashlib.sha256() if len(self._content_hash) == _SHA256_DIGITS else None
        left = self._length
        try:
            for piece in self._pieces():
                if sha256:
                    sha256.update(piece)
                left = None if left is None else left - len(piece)
                yield piece
        except ClientDisconnected as error:
            raise s3_error("IncompleteBody") from error
        if left:
            raise s3_error("IncompleteBody")
        if sha256 and sha256.hexdigest() != self._content_hash:
            raise s3_error(
                "XAmzContentSHA256Mismatch",
                ClientComputedContentSHA256=self._content_hash,
                S3ComputedContentSHA256=sha256.hexdigest(),
            )

    def _pieces(self) -> Iterator[bytes]:
        if not self._content_hash.startswith("STREAMING-"):
            while piece := self._input.read(_PIECE):
                yield piece
            return
        chunked = ChunkedUpload(self._input, self._signatures)
        yield from chunked
        self._trailers = chunked.trailers


def _length(headers: Mapping[str, str]) -> int | None:
    streaming = headers.get("x-amz-content-sha256", "").startswith("STREAMING-")
    text = headers.get("x-amz-decoded-content-length" if streaming else "content-length")
    if text is None:
        if streaming or "transfer-encoding" not in headers:
            raise s3_error("MissingContentLength")
        return None
    length = read_whole(text)
    if length is None:
        raise s3_error("InvalidArgument", "The decoded length is no number.")
    if length > LARGEST_UPLOAD_BYTES:
        raise s3_error(
            "EntityTooLarge", ProposedSize=text, MaxSizeAllowed=str(LARGEST_UPLOAD_BYTES)
        )
    return length


def _expected_md5(header: str | None) -> bytes | None:
    if header is None:
        return None
    try:
        digest = base64.b64decode(header, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _MD5_BYTES:
        raise s3_error("InvalidDigest", members={"Content-MD5": header})
    return digest


def read_document(request: S3Request, *, of_body: bool = True) -> bytes:
    """Read a small body whole, for the calls that send XML.

    Raises:
        ServiceError: it is larger than any such document may be.
    """
    pieces = []
    limit = _LARGEST_DOCUMENT_BYTES
    for piece in UploadBody(request, of_body=of_body):
        limit -= len(piece)
        if limit < 0:
            raise s3_error("MalformedXML")
        pieces.append(piece)
    return b"".join(pieces)
