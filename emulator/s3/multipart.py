"""Multipart uploads: parts lie in files of their own until they are joined.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import UploadBody, read_document
from emulator.s3.conditions import read_range
from emulator.s3.errors import s3_error
from emulator.s3.metadata import Part, Upload
from emulator.s3.objects import ENCRYPTED, kept_headers
from emulator.s3.operations import Operation, Operations, Resource
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree import ElementTree as ET

    from emulator.clock import Clock
    from emulator.s3.files import ObjectFiles
    from emulator.s3.metadata import Metadata
    from emulator.s3.objects import Objects
    from emulator.s3.request import S3Request

SMALLEST_PART_BYTES = 5 * 1024 * 1024
_MOST_PARTS = 10_000
_PIECE = 1 << 20


class MultipartUploads:
    """The multipart uploads of all buckets."""

    def __init__(
        self, metadata: Metadata, files: ObjectFiles, objects: Objects, clock: Clock
    ) -> None:
        self._metadata = metadata
        self._files = files
        self._objects = objects
        self._clock = clock

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        thing = Resource.OBJECT

        def operation(name: str, answer: Callable[[S3Request], Answer]) -> Operation:
            return Operation(name, lambda call: answer(call.request))

        return {
            (thing, "POST", "uploads"): operation("CreateMultipartUpload", self.create),
            (thing, "PUT", "uploadId"): operation("UploadPart", self.put_part),
            (thing, "PUT", "uploadId+copy"): operation("UploadPartCopy", self.copy_part),
            (thing, "GET", "uploadId"): operation("ListParts", self.list_parts),
            (thing, "DELETE", "uploadId"): operation("AbortMultipartUpload", self.abort),
            (thing, "POST", "uploadId"): Operation(
                "CompleteMultipartUpload", lambda call: self.complete(call.request, call.ids)
            ),
            (Resource.BUCKET, "GET", "uploads"): operation(
                "ListMultipartUploads", self.list_uploads
            ),
        }

    def create(self, request: S3Request) -> Answer:
        """``CreateMultipartUpload``."""
        upload = Upload(
            upload_id=secrets.token_urlsafe(48),
            bucket=request.bucket,
            key=request.key,
            started=self._clock.now(),
            headers=kept_headers(request),
        )
        self._metadata.begin_upload(upload)
        body = result(
            "InitiateMultipartUploadResult",
            element("Bucket", request.bucket),
            element("Key", request.key),
            element("UploadId", upload.upload_id),
        )
        return xml(body, *ENCRYPTED)

    def put_part(self, request: S3Request) -> Answer:
        """``UploadPart``."""
        upload = self._find(request)
        number = self._number(request)
        body = UploadBody(request)
        etag = self._receive(upload, number, body)
        return Answer(headers=(("ETag", f'"{etag}"'), *ENCRYPTED, *body.checksums.items()))

    def copy_part(self, request: S3Request) -> Answer:
        """``UploadPartCopy``."""
        upload, number = self._find(request), self._number(request)
        source = self._objects.source_of(request)
        wanted = read_range(request.headers.get("x-amz-copy-source-range"), source.size)
        start, length = (wanted.start, wanted.length) if wanted else (0, source.size)
        etag = self._receive(upload, number, self._slice(source.file, start, length))
        now = f"{self._clock.now():%Y-%m-%dT%H:%M:%S.000Z}"
        copied = (element("LastModified", now), element("ETag", f'"{etag}"'))
        return xml(result("CopyPartResult", *copied))

    def _slice(self, file: str, start: int, length: int) -> Iterator[bytes]:
        with self._files.open(file) as source:
            source.seek(start)
            while length and (piece := source.read(min(length, _PIECE))):
                length -= len(piece)
                yield piece

    def _receive(self, upload: Upload, number: int, pieces: Iterator[bytes] | UploadBody) -> str:
        old = [p.file for p in self._metadata.parts(upload.upload_id) if p.number == number]
        with self._files.receive(pieces) as received:
            part = Part(
                number=number,
                file=self._files.keep(received),
                size=received.size,
                etag=received.md5,
                modified=self._clock.now(),
            )
            if not self._metadata.put_part(upload.upload_id, part):
                self._files.remove(part.file)
                raise s3_error("NoSuchUpload", UploadId=upload.upload_id)
        for file in old:
            self._files.remove(file)
        return part.etag

    def complete(self, request: S3Request, ids: tuple[str, str]) -> Answer:
        """``CompleteMultipartUpload``: one object, one event."""
        upload = self._find(request)
        parts = self._chosen(upload, parse(read_document(request)))
        digest = hashlib.md5(
            b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False
        )
        etag = f"{digest.hexdigest()}-{len(parts)}"
        with self._files.joined(part.file for part in parts) as received:
            event = ("CompleteMultipartUpload", ids)
            self._objects.place(request, received, etag, upload.headers, event)
        self._end(upload)
        return xml(
            result(
                "CompleteMultipartUploadResult",
                element("Location", f"http://{request.headers.get('host')}{request.raw_path}"),
                element("Bucket", request.bucket),
                element("Key", request.key),
                element("ETag", f'"{etag}"'),
            ),
            *ENCRYPTED,
        )

    def _chosen(self, upload: Upload, root: ET.Element | None) -> list[Part]:
        if root is None or not root.findall("Part"):
            raise s3_error("MalformedXML")
        there = {part.number: part for part in self._metadata.parts(upload.upload_id)}
        chosen: list[Part] = []
        for node in root.findall("Part"):
            number = node.findtext("PartNumber") or ""
            part = there.get(int(number)) if number.isdigit() else None
            if part is None or (node.findtext("ETag") or "").strip('"') != part.etag:
                raise s3_error("InvalidPart", UploadId=upload.upload_id, PartNumber=number)
            if chosen and part.number <= chosen[-1].number:
                raise s3_error("InvalidPartOrder", UploadId=upload.upload_id)
            chosen.append(part)
        for part in chosen[:-1]:
            if part.size < SMALLEST_PART_BYTES:
                raise s3_error("EntityTooSmall", ProposedSize=str(part.size))
        return chosen

    def abort(self, request: S3Request) -> Answer:
        """``AbortMultipartUpload``."""
        self._end(self._find(request))
        return Answer(status=204)

    def _end(self, upload: Upload) -> None:
        parts = self._metadata.parts(upload.upload_id)
        self._metadata.end_upload(upload.upload_id)
        for part in parts:
            self._files.remove(part.file)

    def list_parts(self, request: S3Request) -> Answer:
        """``ListParts``."""
        upload = self._find(request)
        parts = [
            element(
                "Part",
                element("PartNumber", part.number),
                element("LastModified", f"{part.modified:%Y-%m-%dT%H:%M:%S.000Z}"),
                element("ETag", f'"{part.etag}"'),
                element("Size", part.size),
            )
            for part in self._metadata.parts(upload.upload_id)
        ]
        head = (
            element("Bucket", upload.bucket),
            element("Key", upload.key),
            element("UploadId", upload.upload_id),
            element("MaxParts", _MOST_PARTS),
            element("IsTruncated", "false"),
        )
        return xml(result("ListPartsResult", *head, *parts))

    def list_uploads(self, request: S3Request) -> Answer:
        """``ListMultipartUploads``."""
        uploads = [
            element(
                "Upload",
                element("Key", upload.key),
                element("UploadId", upload.upload_id),
                element("Initiated", f"{upload.started:%Y-%m-%dT%H:%M:%S.000Z}"),
            )
            for upload in self._metadata.uploads(request.bucket)
        ]
        head = (element("Bucket", request.bucket), element("IsTruncated", "false"))
        return xml(result("ListMultipartUploadsResult", *head, *uploads))

    def _find(self, request: S3Request) -> Upload:
        upload_id = request.parameter("uploadId") or ""
        upload = self._metadata.upload(upload_id)
        if upload is None or (upload.bucket, upload.key) != (request.bucket, request.key):
            raise s3_error("NoSuchUpload", UploadId=upload_id)
        return upload

    @staticmethod
    def _number(request: S3Request) -> int:
        text = request.parameter("partNumber") or ""
        number = int(text) if text.isascii() and text.isdigit() else 0
        if not 1 <= number <= _MOST_PARTS:
            raise s3_error(
                "InvalidArgument",
                f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive",
                ArgumentName="partNumber",
                ArgumentValue=text,
            )
        return number
