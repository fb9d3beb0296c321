"""Multipart uploads: parts lie in files of their own, and stay there when they become an object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
Completing an upload joins nothing: it costs the same for 10 MB and for 5 TB.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.attributes import UPLOAD
from emulator.s3.bodies import UploadBody, read_document
from emulator.s3.checksums import COMPOSITE, HEADER, upload_checksum
from emulator.s3.conditions import ByteRange, check_completion
from emulator.s3.copies import find_source, source_version
from emulator.s3.encryption import encryption_headers
from emulator.s3.errors import s3_error
from emulator.s3.hashing import HashedPieces
from emulator.s3.multipart.completion import Completion
from emulator.s3.numbers import read_whole
from emulator.s3.objects import slices_of
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.storage.store import Happening
from emulator.s3.storage.stored import Part, Upload
from emulator.s3.xml import element, result, timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.clock import Clock
    from emulator.s3.request import S3Request
    from emulator.s3.storage.store import Body, ObjectStore
    from emulator.s3.storage.stored import StoredObject
    from emulator.s3.storage.uploads import Uploads
    from emulator.s3.upload_headers import UploadHeaders

MOST_PARTS = 10_000
_COPIED_RANGE = re.compile(r"bytes=([0-9]+)-([0-9]+)")


class MultipartUploads:
    """The operations that make an object from parts."""

    def __init__(
        self, store: ObjectStore, uploads: Uploads, clock: Clock, headers: UploadHeaders
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._clock = clock
        self._headers = headers

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        thing = Resource.OBJECT
        return {
            (thing, "POST", "uploads"): Operation("CreateMultipartUpload", self.create),
            (thing, "PUT", "uploadId"): Operation("UploadPart", self.put_part),
            (thing, "PUT", "uploadId+copy"): Operation("UploadPartCopy", self.copy_part),
            (thing, "POST", "uploadId"): Operation("CompleteMultipartUpload", self.complete),
            (thing, "DELETE", "uploadId"): Operation("AbortMultipartUpload", self.abort),
        }

    def create(self, call: Call) -> Answer:
        """``CreateMultipartUpload``."""
        request = call.request
        attributes = self._headers.read(request.bucket, request.headers)
        algorithm, kind, declared = upload_checksum(request.headers)
        started = self._clock.now()
        upload = Upload(
            upload_id=_new_id(started),
            bucket=request.bucket,
            key=request.key,
            started=started,
            headers=attributes.headers,
            algorithm=algorithm,
            checksum_type=kind,
            declared=declared,
            tags=attributes.tags,
        )
        self._uploads.begin(upload)
        body = result(
            "InitiateMultipartUploadResult",
            element("Bucket", request.bucket),
            element("Key", request.key),
            element("UploadId", upload.upload_id),
        )
        chosen = ((f"{HEADER}algorithm", algorithm), (f"{HEADER}type", kind)) if declared else ()
        return xml(body, *encryption_headers(upload.headers), *chosen)

    def put_part(self, call: Call) -> Answer:
        """``UploadPart``."""
        request = call.request
        upload, number = find_upload(self._uploads, request), _number(request)
        body = UploadBody(request, upload.algorithm)
        _check_algorithm(upload, body.named_algorithm)
        part = self._receive(upload, number, body)
        etag = ("ETag", f'"{part.etag}"')
        return Answer(headers=(etag, *encryption_headers(upload.headers), body.shown.header))

    def copy_part(self, call: Call) -> Answer:
        """``UploadPartCopy``."""
        request = call.request
        upload, number = find_upload(self._uploads, request), _number(request)
        while True:
            source = find_source(self._store, request)
            with self._store.files.held(source.files):
                if self._store.is_there(source):
                    part = self._copy_part(request, upload, number, source)
                    break
        checksum = (element(f"Checksum{upload.algorithm}", part.checksum),)
        body = result(
            "CopyPartResult",
            element("LastModified", timestamp(part.modified)),
            element("ETag", f'"{part.etag}"'),
            *(checksum if upload.declared else ()),
        )
        shown = encryption_headers(upload.headers)
        return xml(body, *shown, *source_version(self._store, source))

    def _copy_part(
        self, request: S3Request, upload: Upload, number: int, source: StoredObject
    ) -> Part:
        wanted = _source_range(request, source)
        pieces = self._store.files.read(slices_of(source, wanted))
        return self._receive(upload, number, HashedPieces(pieces, upload.algorithm))

    def _receive(self, upload: Upload, number: int, pieces: Body) -> Part:
        with self._store.files.receive(pieces) as (file, size):
            part = Part(
                number=number,
                file=file,
                size=size,
                etag=pieces.md5,
                modified=self._clock.now(),
                checksum=pieces.checksum.value,
            )
            with self._store.alone(upload.bucket, upload.key):
                there, replaced = self._uploads.put_part(upload.upload_id, part)
            if not there:
                raise no_such_upload(upload.upload_id)
        self._store.files.remove([replaced] if replaced else [])
        return part

    def complete(self, call: Call) -> Answer:
        """``CompleteMultipartUpload``: one object, one event; the same again answers the same."""
        request = call.request
        upload_id = request.parameter("uploadId") or ""
        if self._uploads.find(upload_id) is None:
            stored = self._store.metadata.find(request.bucket, request.key)
            if stored is not None and stored.headers.get(UPLOAD) == upload_id:
                return self._completed(request, stored)
        upload = find_upload(self._uploads, request)
        document = read_document(request, of_body=False)  # a checksum here is the object's
        with self._store.alone(upload.bucket, upload.key):  # no part may be replaced meanwhile
            parts = self._uploads.parts(upload.upload_id)
            completion = Completion(upload, parts, request.headers, document)
            check_completion(
                self._store.metadata.find(upload.bucket, upload.key),
                request.conditions,
                upload,
                deleted_meanwhile=self._uploads.lost_object(upload.upload_id),
            )
            stored = self._store.place(
                completion.stored(self._clock.now()),
                happening=Happening("CompleteMultipartUpload", call.ids),
                conditions=request.conditions,
                upload_id=upload.upload_id,
            )
        self._store.files.remove(completion.left_out)
        return self._completed(request, stored)

    def _completed(self, request: S3Request, stored: StoredObject) -> Answer:
        checksum = stored.checksum
        shown = (
            (element(checksum.element, checksum.value), element("ChecksumType", checksum.type))
            if checksum
            else ()
        )
        body = result(
            "CompleteMultipartUploadResult",
            element("Location", f"http://{request.headers.get('host')}{request.raw_path}"),
            element("Bucket", request.bucket),
            element("Key", request.key),
            element("ETag", f'"{stored.etag}"'),
            *shown,
        )
        encryption = encryption_headers(stored.headers)
        return xml(body, *encryption, *self._store.new_version(stored))

    def abort(self, call: Call) -> Answer:
        """``AbortMultipartUpload``."""
        upload = find_upload(self._uploads, call.request)
        with self._store.alone(upload.bucket, upload.key):
            files = self._uploads.end(upload.upload_id)
        self._store.files.remove(files)
        return Answer(status=204)


def _new_id(started: datetime) -> str:
    """Make an id of an upload; those of a key are listed by the time that they began."""
    return f"{int(started.timestamp() * 1_000_000):014x}{secrets.token_urlsafe(40)}"


def find_upload(uploads: Uploads, request: S3Request) -> Upload:
    """Find the upload that a request names.

    Raises:
        ServiceError: ``NoSuchUpload``.
    """
    upload_id = request.parameter("uploadId") or ""
    upload = uploads.find(upload_id)
    if upload is None or (upload.bucket, upload.key) != (request.bucket, request.key):
        raise no_such_upload(upload_id)
    return upload


def no_such_upload(upload_id: str) -> Exception:
    """Refuse what concerns an upload that is not there."""
    return s3_error("NoSuchUpload", UploadId=upload_id)


def _check_algorithm(upload: Upload, named: str | None) -> None:
    """Hold a part to the checksum that the upload was begun with."""
    if not upload.declared or named == upload.algorithm:
        return
    if named is None and upload.checksum_type != COMPOSITE:
        return  # S3 computes it
    raise s3_error(
        "InvalidRequest",
        "Checksum Type mismatch occurred, expected checksum Type:"
        f" {upload.algorithm.lower()}, actual checksum Type: {(named or 'null').lower()}",
    )


def _source_range(request: S3Request, source: StoredObject) -> ByteRange:
    header = request.headers.get("x-amz-copy-source-range")
    if header is None:
        return ByteRange(start=0, length=source.size)
    match = _COPIED_RANGE.fullmatch(header)
    first, last = map(read_whole, match.groups()) if match else (None, None)
    if first is None or last is None or first > last:
        raise s3_error(
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and"
            " last are the zero-based offsets of the first and last bytes to copy",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    if first >= source.size:
        message = "The specified copy range is invalid for the source object size"
        raise s3_error("InvalidRequest", message)
    if last >= source.size:
        raise s3_error(
            "InvalidArgument",
            f"Range specified is not valid for source object of size: {source.size}",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return ByteRange(start=first, length=last - first + 1)


def _number(request: S3Request) -> int:
    text = request.parameter("partNumber") or ""
    number = read_whole(text) or 0
    if not 1 <= number <= MOST_PARTS:
        raise s3_error(
            "InvalidArgument",
            f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive",
            ArgumentName="partNumber",
            ArgumentValue=text,
        )
    return number
