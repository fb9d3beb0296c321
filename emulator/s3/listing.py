"""Listings of a bucket: ListObjectsV2, ListObjects, and DeleteObjects, which takes such lists.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
A page costs what it shows: common prefixes are skipped in the index, not read through.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.metadata import behind
from emulator.s3.objects import timestamp
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.s3.metadata import Metadata, StoredObject
    from emulator.s3.objects import Objects
    from emulator.s3.request import S3Request

_LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one listing shows; ``last`` is the key or prefix that the next one starts behind."""

    objects: tuple[StoredObject, ...]
    prefixes: tuple[str, ...]
    last: str
    truncated: bool


def read_page(
    metadata: Metadata, bucket: str, *, prefix: str, delimiter: str, after: str, limit: int
) -> Page:
    """Read one page of a bucket."""
    objects: list[StoredObject] = []
    prefixes: list[str] = []
    position = after
    last = after
    while len(objects) + len(prefixes) < limit:
        wanted = limit - len(objects) - len(prefixes)
        found = metadata.page(bucket, after=position, prefix=prefix, limit=wanted)
        for stored in found:
            group = _common_prefix(stored.key, prefix, delimiter)
            if group is None:
                objects.append(stored)
                position = last = stored.key
                continue
            if group != after:  # a page that begins behind a prefix does not show it again
                prefixes.append(group)
                last = group
            position = behind(group)
            break
        else:
            if len(found) < wanted:
                break
    truncated = bool(limit) and bool(metadata.page(bucket, after=position, prefix=prefix, limit=1))
    return Page(objects=tuple(objects), prefixes=tuple(prefixes), last=last, truncated=truncated)


def _common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    if not delimiter:
        return None
    end = key.find(delimiter, len(prefix))
    return None if end == -1 else key[: end + len(delimiter)]


class Listing:
    """The operations that show, or take, many keys of a bucket at once."""

    def __init__(self, metadata: Metadata, objects: Objects) -> None:
        self._metadata = metadata
        self._objects = objects

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (bucket, "GET", ""): Operation("ListObjects", self._list),
            (bucket, "GET", "list-type"): Operation("ListObjectsV2", self._list),
            (bucket, "POST", "delete"): Operation("DeleteObjects", self._delete),
        }

    def _list(self, call: Call) -> Answer:
        return list_objects(self._metadata, call.request)

    def _delete(self, call: Call) -> Answer:
        return delete_objects(self._objects, call.request, call.ids)


def list_objects(metadata: Metadata, request: S3Request) -> Answer:
    """``ListObjectsV2``, and ``ListObjects`` where ``list-type`` is not 2."""
    second = request.parameter("list-type") == "2"
    limit = _limit(request.parameter("max-keys"))
    prefix, delimiter = request.parameter("prefix") or "", request.parameter("delimiter") or ""
    token = request.parameter("continuation-token")
    start = request.parameter("start-after") or ""
    after = (_untoken(token) if token else start) if second else request.parameter("marker") or ""
    page = read_page(
        metadata, request.bucket, prefix=prefix, delimiter=delimiter, after=after, limit=limit
    )
    encode = _encoder(request.parameter("encoding-type"))
    fields = [element("Name", request.bucket), element("Prefix", encode(prefix))]
    fields += [element("Delimiter", encode(delimiter))] if delimiter else []
    fields += [element("MaxKeys", limit), element("IsTruncated", str(page.truncated).lower())]
    if request.parameter("encoding-type"):
        fields.append(element("EncodingType", "url"))
    fields += (
        _second_fields(page, token, start, encode) if second else _first_fields(page, after, encode)
    )
    fields += [_contents(stored, encode) for stored in page.objects]
    fields += [element("CommonPrefixes", element("Prefix", encode(p))) for p in page.prefixes]
    return xml(result("ListBucketResult", *fields))


def _second_fields(
    page: Page, token: str | None, start: str, encode: Callable[[str], str]
) -> list[bytes]:
    fields = [element("KeyCount", len(page.objects) + len(page.prefixes))]
    fields += [element("ContinuationToken", token)] if token else []
    fields += [element("StartAfter", encode(start))] if start else []
    if page.truncated:
        following = base64.urlsafe_b64encode(page.last.encode()).decode()
        fields.append(element("NextContinuationToken", following))
    return fields


def _first_fields(page: Page, marker: str, encode: Callable[[str], str]) -> list[bytes]:
    following = [element("NextMarker", encode(page.last))] if page.truncated else []
    return [element("Marker", encode(marker)), *following]


def _contents(stored: StoredObject, encode: Callable[[str], str]) -> bytes:
    return element(
        "Contents",
        element("Key", encode(stored.key)),
        element("LastModified", timestamp(stored)),
        element("ETag", f'"{stored.etag}"'),
        element("Size", stored.size),
        element("StorageClass", "STANDARD"),
    )


def _encoder(kind: str | None) -> Callable[[str], str]:
    return (lambda text: quote(text, safe="/*")) if kind == "url" else (lambda text: text)


def _limit(text: str | None) -> int:
    if text is None:
        return _LARGEST_PAGE
    if not (text.isascii() and text.isdigit()):
        raise s3_error(
            "InvalidArgument", "Provided max-keys not an integer or within integer range"
        )
    return min(int(text), _LARGEST_PAGE)


def _untoken(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError) as error:
        raise s3_error("InvalidArgument", "The continuation token provided is incorrect") from error


def delete_objects(objects: Objects, request: S3Request, ids: tuple[str, str]) -> Answer:
    """``DeleteObjects``: up to a thousand at once; missing ones count as deleted."""
    root = parse(read_document(request))
    if root is None or root.tag != "Delete":
        raise s3_error("MalformedXML")
    keys = [node.findtext("Key") or "" for node in root.findall("Object")]
    if not keys or len(keys) > _LARGEST_PAGE or not all(keys):
        raise s3_error("MalformedXML")
    for key in keys:
        objects.delete(request.bucket, key, ids)
    quiet = root.findtext("Quiet") == "true"
    deleted = [] if quiet else [element("Deleted", element("Key", key)) for key in keys]
    return xml(result("DeleteResult", *deleted))
