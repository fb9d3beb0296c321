"""CopyObject, and what UploadPartCopy shares with it: sources, their conditions, shared bytes.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
The bytes of a copy are a hard link to those of its source; they are read only when another
checksum is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_plus

from emulator.s3.answer import Answer, xml
from emulator.s3.archive import check_not_archived
from emulator.s3.attributes import (
    ACL_GRANTS,
    CUSTOMER_KEY,
    REDIRECT,
    RESTORATION,
    STORAGE_CLASS,
    UPLOAD,
    Attributes,
    check_not_encrypted,
)
from emulator.s3.bodies import LARGEST_UPLOAD_BYTES
from emulator.s3.checksums import HEADER, Checksum, known_algorithm
from emulator.s3.conditions import ByteRange, NotModifiedError, check_read
from emulator.s3.encryption import ENCRYPTION, KEPT, METHOD, encryption_headers
from emulator.s3.errors import s3_error
from emulator.s3.hashing import HashedPieces
from emulator.s3.locks import LOCKS
from emulator.s3.objects import slices_of
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.storage.store import Happening
from emulator.s3.storage.stored import NULL_VERSION
from emulator.s3.tags import read_tag_header
from emulator.s3.xml import element, result, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.application import Pairs
    from emulator.clock import Clock
    from emulator.s3.request import S3Request
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import StoredObject
    from emulator.s3.upload_headers import UploadHeaders

SOURCE = "x-amz-copy-source"
_TO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing"
    " the object's metadata, storage class, website redirect location or encryption attributes."
)
# Any of these makes a copy of an object to itself more than that.
_CHANGES = (
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-server-side-encryption",
    "x-amz-checksum-algorithm",
)
# What a copy has only if its own request says so.
_LEFT_BEHIND = frozenset({ACL_GRANTS, UPLOAD, STORAGE_CLASS, REDIRECT, RESTORATION, *KEPT}) | LOCKS


class Copies:
    """The operation that copies objects."""

    def __init__(self, store: ObjectStore, clock: Clock, headers: UploadHeaders) -> None:
        self._store = store
        self._clock = clock
        self._headers = headers

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        return {(Resource.OBJECT, "PUT", "copy"): Operation("CopyObject", self.copy)}

    def copy(self, call: Call) -> Answer:
        """``CopyObject``."""
        while True:
            source = find_source(self._store, call.request)
            with self._store.files.held(source.files):
                if self._store.is_there(source):
                    return self._copy(call, source)

    def _copy(self, call: Call, source: StoredObject) -> Answer:
        request = call.request
        _check_size(source)
        # A bucket with encryption of its own encrypts anew, which is a change.
        if self._store.metadata.configuration(request.bucket, ENCRYPTION) is None:
            _check_not_itself(source, request)
        own = self._headers.read(request.bucket, request.headers)
        attributes = _copied_attributes(source, own, request.headers)
        checksum = self._checksum(source, request.headers.get(f"{HEADER}algorithm"))
        with self._store.files.linked(source.files) as files:
            new = replace(
                source,
                bucket=request.bucket,
                key=request.key,
                file="" if source.parts else "".join(files),
                parts=tuple(
                    replace(part, file=file)
                    for part, file in zip(source.parts, files, strict=False)
                ),
                modified=self._clock.now(),
                headers=attributes.headers,
                tags=attributes.tags,
                checksum=checksum,
                version_id="null",
                latest=True,
                sequence=0,
            )
            stored = self._store.place(
                new, happening=Happening("Copy", call.ids), conditions=request.conditions
            )
        shown = (element(checksum.element, checksum.value),) if checksum else ()
        body = result(
            "CopyObjectResult",
            element("LastModified", timestamp(stored.modified)),
            element("ETag", f'"{stored.etag}"'),
            *shown,
        )
        return xml(
            body,
            *encryption_headers(stored.headers),
            *source_version(self._store, source),
            *self._store.new_version(stored, null=True),
        )

    def _checksum(self, source: StoredObject, named: str | None) -> Checksum | None:
        algorithm = known_algorithm(named) if named else None
        if algorithm is None or (source.checksum and source.checksum.algorithm == algorithm):
            return source.checksum
        whole = ByteRange(start=0, length=source.size)
        pieces = HashedPieces(self._store.files.read(slices_of(source, whole)), algorithm)
        for _ in pieces:
            pass
        return pieces.checksum


def named_source(request: S3Request) -> tuple[str, str, str | None]:
    """Read ``x-amz-copy-source``: bucket, key and version; either may be empty."""
    path, _, query = request.headers[SOURCE].partition("?")
    bucket, _, key = unquote_plus(path).lstrip("/").partition("/")
    return bucket, key, parse_qs(query).get("versionId", [None])[0]


def find_source(store: ObjectStore, request: S3Request) -> StoredObject:
    """Find what ``x-amz-copy-source`` names, and compare it with the conditions of the copy.

    Raises:
        ServiceError: there is no such object, or a condition does not hold.
    """
    bucket, key, version_id = named_source(request)
    if not bucket or not key:
        raise s3_error(
            "InvalidArgument",
            "Invalid copy source object key",
            ArgumentName=SOURCE,
            ArgumentValue=SOURCE,
        )
    if not store.metadata.has_bucket(bucket):
        raise s3_error("NoSuchBucket", BucketName=bucket)
    if version_id is not None:
        version = store.version(bucket, key, version_id)
        if version is not None and version.delete_marker:
            raise s3_error(
                "InvalidRequest",
                "The source of a copy request may not specifically refer to a delete marker by"
                " version id.",
            )
    source = store.find(bucket, key, version_id)
    check_not_archived(source.headers, store.now())
    check_not_encrypted(request.headers, CUSTOMER_KEY.replace("x-amz", SOURCE, 1))
    try:
        check_read(source, request.headers, f"{SOURCE}-", now=store.now)
    except NotModifiedError as error:
        raise s3_error("PreconditionFailed", Condition=error.condition) from error
    return source


def source_version(store: ObjectStore, source: StoredObject) -> Pairs:
    """Tell which version of the source was copied, where it has an id of its own."""
    if source.version_id == NULL_VERSION or store.versioning(source.bucket) is None:
        return ()
    return (("x-amz-copy-source-version-id", source.version_id),)


def _check_size(source: StoredObject) -> None:
    if source.size > LARGEST_UPLOAD_BYTES:
        raise s3_error(
            "InvalidRequest",
            "The specified copy source is larger than the maximum allowable size for a copy"
            f" source: {LARGEST_UPLOAD_BYTES}",
        )


def _check_not_itself(source: StoredObject, request: S3Request) -> None:
    same = (source.bucket, source.key) == (request.bucket, request.key)
    if same and "?" in request.headers[SOURCE]:
        return  # a version that is named comes back as a new one, even the current one
    changed = _directive(request.headers, "metadata") == "REPLACE" or any(
        name in request.headers for name in _CHANGES
    )
    # What has a key of KMS, or was restored from the archive, is changed by being copied.
    changed = changed or METHOD in source.headers or RESTORATION in source.headers
    if same and not changed:
        raise s3_error("InvalidRequest", _TO_ITSELF)


def _directive(headers: Mapping[str, str], name: str) -> str:
    directive = headers.get(f"x-amz-{name}-directive", "COPY").upper()
    if directive not in {"COPY", "REPLACE"}:
        raise s3_error(
            "InvalidArgument",
            f"Unknown {name} directive.",
            ArgumentName=f"x-amz-{name}-directive",
            ArgumentValue=headers[f"x-amz-{name}-directive"],
        )
    return directive


def _copied_attributes(
    source: StoredObject, own: Attributes, headers: Mapping[str, str]
) -> Attributes:
    replaced_tags = _directive(headers, "tagging") == "REPLACE"
    tags = read_tag_header(headers.get("x-amz-tagging", "")) if replaced_tags else source.tags
    if _directive(headers, "metadata") == "REPLACE":
        return Attributes(own.headers, tags)
    kept = {name: value for name, value in source.headers.items() if name not in _LEFT_BEHIND}
    kept |= {name: value for name, value in own.headers.items() if name in _LEFT_BEHIND}
    return Attributes(kept, tags)
