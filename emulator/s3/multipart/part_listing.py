"""Listings of multipart uploads, of their parts, and of what an object is made of.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.checksums import COMPOSITE
from emulator.s3.errors import s3_error
from emulator.s3.listing import owner_element
from emulator.s3.multipart.uploads import MOST_PARTS, find_upload
from emulator.s3.objects import identity
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.pages import (
    LARGEST_PAGE,
    Page,
    Question,
    Source,
    number,
    read_limit,
    read_page,
    read_question,
)
from emulator.s3.storage.metadata import behind
from emulator.s3.xml import element, result, timestamp

if TYPE_CHECKING:
    from emulator.s3.request import S3Request
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import Part, StoredObject, Upload
    from emulator.s3.storage.uploads import Uploads

_ATTRIBUTES = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})


class PartListing:
    """The operations that show uploads and parts."""

    def __init__(self, store: ObjectStore, uploads: Uploads) -> None:
        self._store = store
        self._uploads = uploads

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        thing = Resource.OBJECT
        return {
            (thing, "GET", "uploadId"): Operation("ListParts", self.parts),
            (thing, "GET", "attributes"): Operation("GetObjectAttributes", self.attributes),
            (Resource.BUCKET, "GET", "uploads"): Operation("ListMultipartUploads", self.uploads),
        }

    def parts(self, call: Call) -> Answer:
        """``ListParts``."""
        request = call.request
        upload = find_upload(self._uploads, request)
        limit, marker = read_limit(request, "max-parts"), _marker(request, "part-number-marker")
        found = self._uploads.parts(upload.upload_id, after=marker, limit=limit + 1)
        parts = found[:limit]
        last = parts[-1].number if parts else 0
        fields = [
            element("Bucket", upload.bucket),
            element("Key", upload.key),
            element("UploadId", upload.upload_id),
            owner_element("Initiator"),
            owner_element(),
            element("StorageClass", upload.headers.get("x-amz-storage-class", "STANDARD")),
            element("PartNumberMarker", marker),
            element("NextPartNumberMarker", last),
            element("MaxParts", limit),
            element("IsTruncated", str(len(found) > limit).lower()),
        ]
        return xml(
            result(
                "ListPartsResult",
                *fields,
                *_algorithm(upload),
                *(_part(upload, part) for part in parts),
            )
        )

    def uploads(self, call: Call) -> Answer:
        """``ListMultipartUploads``."""
        request = call.request
        question = read_question(request, "max-uploads")
        key, upload_id = (request.parameter(f"{n}-marker") or "" for n in ("key", "upload-id"))
        start = (key, upload_id) if upload_id or not key else (key, "\U0010ffff")
        self._check_marker(key, upload_id)
        page = read_page(self._source(request, question), question, start, key)
        fields = [element("Bucket", request.bucket), *question.head(prefixed=bool(question.prefix))]
        fields += [element("KeyMarker", question.encode(key)), element("UploadIdMarker", upload_id)]
        fields += _next_markers(page, question)
        fields.append(element("MaxUploads", question.limit))
        fields.append(element("IsTruncated", str(page.truncated).lower()))
        fields += [_upload(upload, question) for upload in page.items]
        return xml(result("ListMultipartUploadsResult", *fields, *question.elements(page.prefixes)))

    def _check_marker(self, key: str, upload_id: str) -> None:
        upload = self._uploads.find(upload_id) if key and upload_id else None
        if upload is not None and upload.key != key:
            raise s3_error(
                "InvalidArgument",
                "Invalid uploadId marker",
                ArgumentName="upload-id-marker",
                ArgumentValue=upload_id,
            )

    def _source(self, request: S3Request, question: Question) -> Source[Upload, tuple[str, str]]:
        def read(position: tuple[str, str], limit: int) -> list[Upload]:
            return self._uploads.page(
                request.bucket, after=position, prefix=question.prefix, limit=limit
            )

        return Source(
            read,
            lambda upload: (upload.key, upload.upload_id),
            lambda prefix: (behind(prefix), ""),
        )

    def attributes(self, call: Call) -> Answer:
        """``GetObjectAttributes``."""
        request = call.request
        stored = self._store.find(request.bucket, request.key, request.parameter("versionId"))
        named = request.headers.get("x-amz-object-attributes", "")
        wanted = {name.strip() for name in named.split(",") if name.strip()}
        if not wanted:
            raise s3_error(
                "InvalidRequest",
                "The x-amz-object-attributes header specifying the attributes to be retrieved is"
                " either missing or empty",
            )
        if not wanted <= _ATTRIBUTES:
            raise s3_error(
                "InvalidArgument",
                "Invalid attribute name specified.",
                ArgumentName="x-amz-object-attributes",
            )
        fields = {
            "ETag": element("ETag", stored.etag),
            "Checksum": _checksum(stored),
            "ObjectParts": _object_parts(stored, request) if stored.parts else b"",
            "StorageClass": element(
                "StorageClass", stored.headers.get("x-amz-storage-class", "STANDARD")
            ),
            "ObjectSize": element("ObjectSize", stored.size),
        }
        shown = [text for name, text in fields.items() if name in wanted]
        versioned = self._store.versioning(stored.bucket) is not None
        version = (("x-amz-version-id", stored.version_id),) if versioned else ()
        body = result("GetObjectAttributesResponse", *shown)
        return xml(body, identity(stored)[1], *version)


def _marker(request: S3Request, name: str) -> int:
    text = request.parameter(name) or request.headers.get(f"x-amz-{name}") or "0"
    return number(text, name, MOST_PARTS)


def _algorithm(upload: Upload) -> tuple[bytes, ...]:
    if not upload.declared:
        return ()
    return (
        element("ChecksumAlgorithm", upload.algorithm),
        element("ChecksumType", upload.checksum_type),
    )


def _part(upload: Upload, part: Part) -> bytes:
    checksum = (element(f"Checksum{upload.algorithm}", part.checksum),) if upload.declared else ()
    return element(
        "Part",
        element("PartNumber", part.number),
        element("LastModified", timestamp(part.modified)),
        element("ETag", f'"{part.etag}"'),
        element("Size", part.size),
        *checksum,
    )


def _upload(upload: Upload, question: Question) -> bytes:
    return element(
        "Upload",
        element("Key", question.encode(upload.key)),
        element("UploadId", upload.upload_id),
        owner_element("Initiator"),
        owner_element(),
        element("StorageClass", upload.headers.get("x-amz-storage-class", "STANDARD")),
        element("Initiated", timestamp(upload.started)),
        *_algorithm(upload),
    )


def _next_markers(page: Page[Upload], question: Question) -> tuple[bytes, bytes]:
    """Write them as S3 does: always, and as those of the last upload that is shown."""
    key = upload_id = ""
    if page.items:
        key, upload_id = page.items[-1].key, page.items[-1].upload_id
    if page.truncated and isinstance(page.last, str):
        key, upload_id = page.last, ""
    return element("NextKeyMarker", question.encode(key)), element("NextUploadIdMarker", upload_id)


def _checksum(stored: StoredObject) -> bytes:
    checksum = stored.checksum
    if checksum is None:
        return b""
    # Here alone, the number of parts is not shown behind a composite checksum.
    value = element(checksum.element, checksum.value.partition("-")[0])
    return element("Checksum", value, element("ChecksumType", checksum.type))


def _object_parts(stored: StoredObject, request: S3Request) -> bytes:
    checksum = stored.checksum
    count = element("PartsCount", len(stored.parts))
    if checksum is None or checksum.type != COMPOSITE:
        return element("ObjectParts", count)  # S3 keeps the single parts of composite ones only
    limit = number(request.headers.get("x-amz-max-parts"), "x-amz-max-parts", LARGEST_PAGE)
    marker = _marker(request, "part-number-marker")
    left = [part for part in stored.parts if part.number > marker]
    parts = left[:limit]
    fields = [
        count,
        element("PartNumberMarker", marker),
        element("NextPartNumberMarker", parts[-1].number if parts else 0),
        element("MaxParts", limit),
        element("IsTruncated", str(len(left) > limit).lower()),
    ]
    fields += [
        element(
            "Part",
            element("PartNumber", part.number),
            element("Size", part.size),
            element(checksum.element, part.checksum),
        )
        for part in parts
    ]
    return element("ObjectParts", *fields)
