"""Listings of a bucket: ListObjectsV2, ListObjects, ListObjectVersions.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.pages import Page, Question, Source, read_page, read_question
from emulator.s3.storage.metadata import after, behind
from emulator.s3.storage.stored import NULL_VERSION
from emulator.s3.versions import is_older, is_version_id
from emulator.s3.xml import element, result, timestamp

if TYPE_CHECKING:
    from emulator.s3.request import S3Request
    from emulator.s3.storage.metadata import Metadata
    from emulator.s3.storage.stored import StoredObject

OWNER_ID = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
_NEWEST = 1 << 62


class Listing:
    """The operations that show many keys of a bucket at once."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (bucket, "GET", ""): Operation("ListObjects", self.first_version),
            (bucket, "GET", "list-type"): Operation("ListObjectsV2", self.second_version),
            (bucket, "GET", "versions"): Operation("ListObjectVersions", self.versions),
        }

    def first_version(self, call: Call) -> Answer:
        """``ListObjects``."""
        request = call.request
        question = read_question(request)
        marker = request.parameter("marker") or ""
        page = self._objects(request, question, marker, shown_before=marker)
        fields = [element("Name", request.bucket), *question.head()]
        fields += [element("Marker", question.encode(marker))]
        if page.truncated and question.delimiter:
            fields.append(element("NextMarker", question.encode(_last_key(page))))
        fields += _counts(page, question)
        known = call.access_key is not None
        fields += [_contents(stored, question, owner=known) for stored in page.items]
        return xml(result("ListBucketResult", *fields, *question.elements(page.prefixes)))

    def second_version(self, call: Call) -> Answer:
        """``ListObjectsV2``."""
        request = call.request
        if request.parameter("list-type") != "2":
            return self.first_version(call)
        question = read_question(request)
        token = request.parameter("continuation-token")
        start = request.parameter("start-after") or ""
        shown_before = "" if token is None else _untoken(token)
        page = self._objects(request, question, shown_before or start, shown_before=shown_before)
        fields = [element("Name", request.bucket), *question.head()]
        fields += [element("ContinuationToken", token)] if token else []
        shown = start and token is None
        fields += [element("StartAfter", question.encode(start))] if shown else []
        if page.truncated:
            fields.append(element("NextContinuationToken", _token(_last_key(page))))
        fields.append(element("KeyCount", len(page.items) + len(page.prefixes)))
        fields += _counts(page, question)
        owner = request.parameter("fetch-owner") == "true"
        fields += [_contents(stored, question, owner=owner) for stored in page.items]
        return xml(result("ListBucketResult", *fields, *question.elements(page.prefixes)))

    def _objects(
        self, request: S3Request, question: Question, start: str, *, shown_before: str
    ) -> Page[StoredObject]:
        def read(position: str, limit: int) -> list[StoredObject]:
            return self._metadata.page(
                request.bucket, start=position, prefix=question.prefix, limit=limit
            )

        source = Source(read, lambda stored: after(stored.key), behind)
        return read_page(source, question, after(start) if start else "", shown_before)

    def versions(self, call: Call) -> Answer:
        """``ListObjectVersions``: every version and delete marker, the newest of a key first."""
        request = call.request
        question = read_question(request)
        marker, version = request.parameter("key-marker"), request.parameter("version-id-marker")
        page = read_page(
            self._versions(request.bucket, question),
            question,
            self._start(request.bucket, marker, version),
            marker or "",
        )
        fields = [element("Name", request.bucket), *question.head()]
        fields += [element("KeyMarker", question.encode(marker or ""))]
        fields += [element("VersionIdMarker", version or "")]
        if page.truncated:
            fields.append(element("NextKeyMarker", question.encode(_last_key(page))))
            if not isinstance(page.last, str) and page.last is not None:
                fields.append(element("NextVersionIdMarker", page.last.version_id))
        fields += _counts(page, question)
        fields += [_version(stored, question) for stored in page.items]
        return xml(result("ListVersionsResult", *fields, *question.elements(page.prefixes)))

    def _versions(self, bucket: str, question: Question) -> Source[StoredObject, tuple[str, int]]:
        def read(position: tuple[str, int], limit: int) -> list[StoredObject]:
            return self._metadata.versions_page(
                bucket, start=position, prefix=question.prefix, limit=limit
            )

        return Source(
            read,
            lambda stored: (stored.key, stored.sequence),
            lambda prefix: (behind(prefix), _NEWEST),
        )

    def _start(self, bucket: str, marker: str | None, version: str | None) -> tuple[str, int]:
        if not marker:
            if version:
                raise s3_error(
                    "InvalidArgument",
                    "A version-id marker cannot be specified without a key marker.",
                    ArgumentName="version-id-marker",
                    ArgumentValue=version,
                )
            return "", _NEWEST
        if not version:
            return marker, 0
        stored = self._metadata.find_version(bucket, marker, version)
        if stored is not None:
            return marker, stored.sequence
        if version == NULL_VERSION:
            return marker, _NEWEST
        if not is_version_id(version):
            raise s3_error(
                "InvalidArgument",
                "Invalid version id specified",
                ArgumentName="version-id-marker",
                ArgumentValue=version,
            )
        return marker, self._below(bucket, marker, version)

    def _below(self, bucket: str, key: str, version: str) -> int:
        """Tell where the versions begin that are older than one which is gone.

        Buckets are emptied page by page: the version that a page ended with is gone by the next.
        """
        older = (
            stored.sequence + 1
            for stored in self._metadata.versions_of(bucket, key)
            if is_older(stored, version)
        )
        return next(older, 0)


def owner_element(name: str = "Owner") -> bytes:
    """Write the account that owns everything."""
    return element(name, element("ID", OWNER_ID))


def _counts(page: Page[StoredObject], question: Question) -> list[bytes]:
    truncated = str(page.truncated).lower()
    return [element("MaxKeys", question.limit), element("IsTruncated", truncated)]


def _contents(stored: StoredObject, question: Question, *, owner: bool) -> bytes:
    shown = (owner_element(),) if owner else ()
    return element("Contents", *_described(stored, question), *shown)


def _version(stored: StoredObject, question: Question) -> bytes:
    identity = (
        element("VersionId", stored.version_id),
        element("IsLatest", str(stored.latest).lower()),
        owner_element(),
    )
    if stored.delete_marker:
        key = element("Key", question.encode(stored.key))
        modified = element("LastModified", timestamp(stored.modified))
        return element("DeleteMarker", key, *identity, modified)
    return element("Version", *_described(stored, question), *identity)


def _described(stored: StoredObject, question: Question) -> list[bytes]:
    fields = [
        element("Key", question.encode(stored.key)),
        element("LastModified", timestamp(stored.modified)),
        element("ETag", f'"{stored.etag}"'),
    ]
    if stored.checksum is not None:
        fields.append(element("ChecksumAlgorithm", stored.checksum.algorithm))
        fields.append(element("ChecksumType", stored.checksum.type))
    storage_class = stored.headers.get("x-amz-storage-class", "STANDARD")
    return [*fields, element("Size", stored.size), element("StorageClass", storage_class)]


def _last_key(page: Page[StoredObject]) -> str:
    if page.last is None:
        return ""
    return page.last if isinstance(page.last, str) else page.last.key


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _untoken(token: str) -> str:
    try:
        key = base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        key = ""
    if not key:
        raise s3_error(
            "InvalidArgument",
            "The continuation token provided is incorrect",
            ArgumentName="continuation-token",
        )
    return key
