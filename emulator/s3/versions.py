"""Ids of versions, and what S3 says of ids, of delete markers and of deletions.

S3 tells a version that is gone from an id that it has never given out; so the last characters of
an id are made from the others here.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""

from __future__ import annotations

import secrets
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from emulator.application import Pairs
    from emulator.s3.storage.stored import StoredObject

_LETTERS = b"._"  # in place of base64's + and /
_TIME_BYTES = 8
_RANDOM_BYTES = 13
_LENGTH = 28  # of both in base64
_SEAL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What a delete has done: ``version_id`` is the one deleted, or the marker's own."""

    version_id: str | None = None
    delete_marker: bool = False

    @property
    def headers(self) -> Pairs:
        """Describe it in a response."""
        marker = (("x-amz-delete-marker", "true"),) if self.delete_marker else ()
        version = (("x-amz-version-id", self.version_id),) if self.version_id else ()
        return (*marker, *version)


def new_version_id() -> str:
    """Make an id: 32 letters, digits, dots and underscores, which hide when it was made."""
    made = time.time_ns().to_bytes(_TIME_BYTES, "big")
    text = b64encode(made + secrets.token_bytes(_RANDOM_BYTES), _LETTERS)
    return (text + _seal(text)).decode()


def is_version_id(version_id: str) -> bool:
    """Tell whether an id can have been given out."""
    text = version_id.encode()
    return len(text) == _LENGTH + _SEAL and text[-_SEAL:] == _seal(text[:-_SEAL])


def is_older(stored: StoredObject, version_id: str) -> bool:
    """Tell whether a version was made before one that may be gone."""
    made = _made(version_id)
    if is_version_id(stored.version_id):
        return _made(stored.version_id) < made
    return stored.modified.timestamp() * 1e9 <= made


def _made(version_id: str) -> int:
    return int.from_bytes(b64decode(version_id[:_LENGTH], _LETTERS)[:_TIME_BYTES], "big")


def invalid_version_id(version_id: str) -> Exception:
    """Refuse an id that no version can have."""
    return s3_error(
        "InvalidArgument",
        "Invalid version id specified" if version_id else "Version id cannot be the empty string",
        ArgumentName="versionId",
        ArgumentValue=version_id,
    )


def marker_headers(marker: StoredObject) -> Pairs:
    """Say in an error that there is a delete marker."""
    return (("x-amz-delete-marker", "true"), ("x-amz-version-id", marker.version_id))


def marker_refused(marker: StoredObject, method: str) -> Exception:
    """Refuse what cannot be done with a delete marker."""
    return s3_error(
        "MethodNotAllowed",
        headers=(*marker_headers(marker), ("Allow", "DELETE")),
        Method=method,
        ResourceType="DeleteMarker",
    )


def _seal(text: bytes) -> bytes:
    return b64encode(crc32(text).to_bytes(4, "big")[1:], _LETTERS)
