"""Compressed requests: https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html."""

from __future__ import annotations

import gzip
import io
import zlib

from emulator.dynamodb.errors import internal_server_error


def decoded(raw: bytes, encoding: str, maximum_bytes: int) -> bytes:
    """Undo what a ``Content-Encoding`` says, up to as many bytes as a request may have.

    Raises:
        ServiceError: ``InternalServerError``, with which AWS answers what it cannot unpack.
    """
    if encoding in {"", "identity"}:
        return raw
    if encoding != "gzip" or not raw:
        raise internal_server_error()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            return stream.read(maximum_bytes)
    except (OSError, EOFError, zlib.error) as error:
        raise internal_server_error() from error
