"""Checksums of objects: algorithms, types, and the headers that bear them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
CRCs are AWS's own (``awscrt``); a CRC of a whole multipart object is combined from those of its
parts, so that nothing is read again.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from emulator.application import Pairs

HEADER = "x-amz-checksum-"
FULL_OBJECT = "FULL_OBJECT"
COMPOSITE = "COMPOSITE"
DEFAULT = "CRC64NVME"
_CRCS = frozenset({"CRC32", "CRC32C", "CRC64NVME"})
_SIZES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
NOT_CHECKSUMS = frozenset({f"{HEADER}{name}" for name in ("algorithm", "type", "mode")})


@functools.cache
def _crt() -> Any:
    """Load AWS's native library with the first object, not with the emulator."""
    return import_module("awscrt.checksums")


class Digest(Protocol):
    """What hashes and CRCs have in common."""

    def update(self, data: Any, /) -> None:
        """Take a piece."""

    def digest(self) -> bytes:
        """Give the result."""


class _Crc:
    """A CRC with the interface of a hash."""

    def __init__(self, algorithm: str) -> None:
        self._update: Callable[[Any, int], int] = getattr(_crt(), algorithm.lower())
        self._size = _SIZES[algorithm]
        self._value = 0

    def update(self, data: Any) -> None:
        """Take a piece."""
        self._value = self._update(data, self._value)

    def digest(self) -> bytes:
        """Give the result, most significant byte first."""
        return self._value.to_bytes(self._size, "big")


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum as S3 shows it.

    Args:
        value: base64; of a composite one followed by ``-`` and the number of parts.
    """

    algorithm: str
    value: str
    type: str = FULL_OBJECT

    @property
    def header(self) -> tuple[str, str]:
        """The header that has the value."""
        return f"{HEADER}{self.algorithm.lower()}", self.value

    @property
    def headers(self) -> Pairs:
        """The headers of a response that shows it."""
        return self.header, (f"{HEADER}type", self.type)

    @property
    def element(self) -> str:
        """The name of the element that has the value."""
        return f"Checksum{self.algorithm}"


def new_digest(algorithm: str) -> Digest:
    """Begin a checksum."""
    return _Crc(algorithm) if algorithm in _CRCS else hashlib.new(algorithm)


def encoded(digest: bytes) -> str:
    """Write a digest as headers and documents bear it."""
    return base64.b64encode(digest).decode()


def known_algorithm(name: str) -> str:
    """Check the name of an algorithm.

    Raises:
        ServiceError: ``InvalidRequest``: S3 has no such algorithm.
    """
    if name.upper() not in _SIZES:
        raise s3_error(
            "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid"
            " types: [CRC32, CRC32C, SHA1, SHA256]",  # CRC64NVME is valid, and not listed
        )
    return name.upper()


def named_checksum(headers: Mapping[str, str]) -> tuple[str, str | None] | None:
    """Give algorithm and value of the client's checksum; the value may follow in the trailer.

    Raises:
        ServiceError: there are several, it is malformed, or one was announced and is not there.
    """
    given = [name for name in headers if name.startswith(HEADER) and name not in NOT_CHECKSUMS]
    if len(given) > 1:
        raise s3_error(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    if given:
        algorithm = known_algorithm(given[0].removeprefix(HEADER))
        return algorithm, check_value(algorithm, headers[given[0]], given[0])
    trailer = headers.get("x-amz-trailer", "").strip().lower()
    if trailer.startswith(HEADER):
        return known_algorithm(trailer.removeprefix(HEADER)), None
    if "x-amz-sdk-checksum-algorithm" in headers:
        known_algorithm(headers["x-amz-sdk-checksum-algorithm"])
        raise s3_error(
            "InvalidRequest",
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or"
            " x-amz-trailer headers were found.",
        )
    return None


def check_value(algorithm: str, value: str, header: str) -> str:
    """Check that a value can be a checksum at all.

    Raises:
        ServiceError: ``InvalidRequest``: it is no base64 of the right length.
    """
    try:
        size = len(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if size != _SIZES[algorithm]:
        raise s3_error("InvalidRequest", f"Value for {header} header is invalid.")
    return value


def mismatch(algorithm: str) -> Exception:
    """Refuse what does not have the checksum that the client named."""
    return s3_error(
        "BadDigest", f"The {algorithm} you specified did not match the calculated checksum."
    )


def upload_checksum(headers: Mapping[str, str]) -> tuple[str, str, bool]:
    """Give algorithm and type of a multipart upload, and whether the client chose them.

    Raises:
        ServiceError: ``InvalidRequest``: the two do not go together.
    """
    named, kind = headers.get(f"{HEADER}algorithm"), headers.get(f"{HEADER}type")
    if named is None:
        if kind is not None:
            raise s3_error(
                "InvalidRequest",
                "The x-amz-checksum-type header can only be used with the"
                " x-amz-checksum-algorithm header.",
            )
        return DEFAULT, FULL_OBJECT, False
    algorithm = known_algorithm(named)
    kind = (kind or (FULL_OBJECT if algorithm == DEFAULT else COMPOSITE)).upper()
    if kind not in {FULL_OBJECT, COMPOSITE}:
        raise s3_error("InvalidRequest", f"Value for {HEADER}type header is invalid.")
    impossible = algorithm == DEFAULT if kind == COMPOSITE else algorithm not in _CRCS
    if impossible:
        raise s3_error(
            "InvalidRequest",
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum"
            " algorithm.",
        )
    return algorithm, kind, True


def joined_checksum(algorithm: str, kind: str, parts: Iterable[tuple[str, int]]) -> Checksum:
    """Give the checksum of a whole from those of its parts, each with the part's size."""
    listed = [(base64.b64decode(value), size) for value, size in parts]
    if kind == COMPOSITE:
        digest = new_digest(algorithm)
        for value, _ in listed:
            digest.update(value)
        return Checksum(algorithm, f"{encoded(digest.digest())}-{len(listed)}", COMPOSITE)
    combine = getattr(_crt(), f"combine_{algorithm.lower()}")
    size_bytes = _SIZES[algorithm]
    whole = 0
    for value, size in listed:
        whole = combine(whole, int.from_bytes(value, "big"), size)
    return Checksum(algorithm, encoded(whole.to_bytes(size_bytes, "big")))
