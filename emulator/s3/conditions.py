"""Conditional and partial reads, conditional writes: what the request's headers ask for.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from emulator.s3.errors import header_not_implemented, s3_error
from emulator.s3.numbers import read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from emulator.s3.storage.stored import StoredObject, Upload

_NOT_HERE = "We don't accept the provided value of this header for this API"
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


def check_read(
    stored: StoredObject,
    headers: Mapping[str, str],
    prefix: str = "",
    *,
    now: Callable[[], datetime],
) -> None:
    """Compare an object with the conditions of a read, or of a copy with its ``prefix``.

    To have changed since a moment that has not come yet is no condition.

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
    if since and _seconds(stored) <= since.timestamp() <= now().timestamp():
        raise NotModifiedError(f"{prefix}If-Modified-Since")


def check_write(stored: StoredObject | None, headers: Mapping[str, str], key: str) -> None:
    """Compare what is in a key's place with the conditions of a write.

    Raises:
        ServiceError: the write must not happen.
    """
    if_none_match, if_match = headers.get("if-none-match"), headers.get("if-match")
    if if_none_match is None and if_match is None:
        return
    _check_conditions(if_none_match, if_match)
    if if_match is None:
        if stored is not None:
            raise s3_error("PreconditionFailed", Condition="If-None-Match")
    elif stored is None:
        raise s3_error("NoSuchKey", Key=key)
    elif not _names(if_match, stored.etag):
        raise s3_error("PreconditionFailed", Condition="If-Match")


def _check_conditions(if_none_match: str | None, if_match: str | None) -> None:
    if if_none_match is not None and if_match is not None:
        raise header_not_implemented(
            "If-Match,If-None-Match", "Multiple conditional request headers present in the request"
        )
    for name, value in (("If-None-Match", if_none_match), ("If-Match", if_match)):
        if value is not None and (value == "*") != (name == "If-None-Match"):
            raise header_not_implemented(
                name, f"We don't accept the provided value of {name} header for this API"
            )


def check_completion(
    stored: StoredObject | None,
    headers: Mapping[str, str],
    upload: Upload,
    *,
    deleted_meanwhile: bool,
) -> None:
    """Refuse a conditional completion of an upload whose key was changed since the upload began.

    A condition that does not hold at all is not its business.

    Raises:
        ServiceError: ``ConditionalRequestConflict``.
    """
    changed = deleted_meanwhile or (stored is not None and stored.modified > upload.started)
    there = stored is not None and not stored.delete_marker
    if not changed:
        return
    if "if-none-match" in headers and not there:
        raise _conflict("If-None-Match", upload.key)
    if stored is not None and there and _names(headers.get("if-match", ""), stored.etag):
        raise _conflict("If-Match", upload.key)


def _conflict(condition: str, key: str) -> Exception:
    return s3_error("ConditionalRequestConflict", Condition=condition, Key=key)


def check_delete(stored: StoredObject | None, etag: str | None, key: str) -> None:
    """Compare the current version of a key with ``If-Match`` of a delete.

    Raises:
        ServiceError: the delete must not happen.
    """
    if etag is None:
        return
    if stored is None:
        raise s3_error("NoSuchKey", Key=key)
    if stored.delete_marker or not _names(etag, stored.etag):
        raise s3_error("PreconditionFailed", Condition="If-Match")


def check_delete_headers(headers: Mapping[str, str]) -> None:
    """Refuse the conditions of a delete that only directory buckets know.

    Raises:
        ServiceError: ``NotImplemented``.
    """
    for name in ("x-amz-if-match-last-modified-time", "x-amz-if-match-size"):
        if name in headers:
            raise header_not_implemented(name, _NOT_HERE)


def read_range(header: str | None, size: int) -> ByteRange | None:
    """Read ``Range``; what S3 does not understand means the whole object.

    Raises:
        ServiceError: ``InvalidRange``: it begins behind the end.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or match[0] == "bytes=-":
        return None
    first, last = map(read_whole, match.groups())
    if first is None:
        length = min(last or 0, size)
        if length == 0:
            raise _unsatisfiable(match[0], size)
        return ByteRange(start=size - length, length=length)
    end = size - 1 if last is None else min(last, size - 1)
    if last is not None and last < first:
        return None
    if first >= size:
        raise _unsatisfiable(match[0], size)
    return ByteRange(start=first, length=end - first + 1)


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
    except (ValueError, TypeError, OverflowError):
        return None
