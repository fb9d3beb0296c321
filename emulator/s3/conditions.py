"""Conditional and partial reads, conditional writes: what the request's headers ask for.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from emulator.s3.errors import not_implemented, s3_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from emulator.s3.stored import StoredObject

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class NotModifiedError(Exception):
    """The client has the object already: 304, or 412 for a copy."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """A part of an object; ``length`` bytes from ``start``."""

    start: int
    length: int


def check_read(stored: StoredObject, headers: Mapping[str, str], prefix: str = "") -> None:
    """Compare an object with the conditions of a read, or of a copy with its ``prefix``.

    Raises:
        ServiceError: ``PreconditionFailed``.
        NotModifiedError: the client has it.
    """
    if_match = headers.get(f"{prefix}if-match")
    if if_match is not None and not _names(if_match, stored.etag):
        raise s3_error("PreconditionFailed", Condition=f"{prefix}If-Match")
    since = _date(headers.get(f"{prefix}if-unmodified-since"))
    if if_match is None and since and _seconds(stored) > since.timestamp():
        raise s3_error("PreconditionFailed", Condition=f"{prefix}If-Unmodified-Since")
    if_none_match = headers.get(f"{prefix}if-none-match")
    if if_none_match is not None:
        if _names(if_none_match, stored.etag):
            raise NotModifiedError(f"{prefix}If-None-Match")
        return
    since = _date(headers.get(f"{prefix}if-modified-since"))
    if since and _seconds(stored) <= since.timestamp():
        raise NotModifiedError(f"{prefix}If-Modified-Since")


def check_write(stored: StoredObject | None, headers: Mapping[str, str]) -> None:
    """Compare what is in a key's place with the conditions of a write.

    Raises:
        ServiceError: the write must not happen.
    """
    if_none_match = headers.get("if-none-match")
    if if_none_match is not None and if_none_match != "*":
        raise not_implemented("If-None-Match")
    if if_none_match == "*" and stored is not None:
        raise s3_error("PreconditionFailed", Condition="If-None-Match")
    if_match = headers.get("if-match")
    if if_match is None:
        return
    if if_match == "*":
        raise not_implemented("If-Match")
    if stored is None:
        raise s3_error("NoSuchKey")
    if not _names(if_match, stored.etag):
        raise s3_error("PreconditionFailed", Condition="If-Match")


def check_delete(stored: StoredObject | None, etag: str | None) -> None:
    """Compare the current version of a key with ``If-Match`` of a delete.

    Raises:
        ServiceError: the delete must not happen.
    """
    if etag is None:
        return
    if stored is None:
        raise s3_error("NoSuchKey")
    if stored.delete_marker or not _names(etag, stored.etag):
        raise s3_error("PreconditionFailed", Condition="If-Match")


def read_range(header: str | None, size: int) -> ByteRange | None:
    """Read ``Range``; what S3 does not understand means the whole object.

    Raises:
        ServiceError: ``InvalidRange``: it begins behind the end.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise _unsatisfiable(match[0], size)
        return ByteRange(start=size - length, length=length)
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    if start >= size:
        raise _unsatisfiable(match[0], size)
    return ByteRange(start=start, length=end - start + 1)


def _unsatisfiable(header: str, size: int) -> Exception:
    return s3_error(
        "InvalidRange",
        headers=(("Content-Range", f"bytes */{size}"),),
        RangeRequested=header,
        ActualObjectSize=str(size),
    )


def _names(header: str, etag: str) -> bool:
    return any(tag.strip().strip('"') in {etag, "*"} for tag in header.split(","))


def _seconds(stored: StoredObject) -> int:
    return int(stored.modified.timestamp())


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if header else None
    except (ValueError, TypeError):
        return None
