"""Signatures of single chunks and trailers of a body in ``aws-chunked``.

Each signs the one before, so that no chunk can be left out, changed or moved.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from emulator.s3.authentication.keyring import compare
from emulator.s3.authentication.signature import Signed, signing_key

if TYPE_CHECKING:
    from emulator.s3.authentication.signature import Scope

_EMPTY = hashlib.sha256(b"").hexdigest()


class ChunkSignatures:
    """Verifies the chunks of one body, one after the other.

    Args:
        seed: the signature of the request.
    """

    def __init__(self, *, secret: str, scope: Scope, timestamp: str, seed: str) -> None:
        self._key = signing_key(secret, scope.text)
        self._scope = scope
        self._timestamp = timestamp
        self._previous = seed

    def check_chunk(self, digest: str, signature: str) -> None:
        """Compare the signature of the next chunk; ``digest`` is the SHA-256 of its bytes.

        Raises:
            ServiceError: ``SignatureDoesNotMatch``.
        """
        self._check("AWS4-HMAC-SHA256-PAYLOAD", (_EMPTY, digest), signature)

    def check_trailers(self, lines: bytes, signature: str) -> None:
        r"""Compare the signature of the trailers, ``name:value\n`` each.

        Raises:
            ServiceError: ``SignatureDoesNotMatch``.
        """
        digest = hashlib.sha256(lines).hexdigest()
        self._check("AWS4-HMAC-SHA256-TRAILER", (digest,), signature)

    def _check(self, algorithm: str, hashes: tuple[str, ...], signature: str) -> None:
        lines = (algorithm, self._timestamp, self._scope.text, self._previous, *hashes)
        string_to_sign = "\n".join(lines)
        right = hmac.new(self._key, string_to_sign.encode(), hashlib.sha256).hexdigest()
        compare(Signed(string_to_sign=string_to_sign, signature=right), signature, self._scope.key)
        self._previous = signature
