"""Operations on single objects: put, get, head, delete, copy.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import threading
from email.utils import format_datetime
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import UploadBody
from emulator.s3.conditions import NotModifiedError, check_read, check_write, read_range
from emulator.s3.errors import s3_error
from emulator.s3.metadata import StoredObject
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, result

if TYPE_CHECKING:
    from emulator.application import Pairs
    from emulator.clock import Clock
    from emulator.s3.events import Recorder
    from emulator.s3.files import ObjectFiles, Received
    from emulator.s3.metadata import Metadata
    from emulator.s3.request import S3Request

DEFAULT_TYPE = "binary/octet-stream"
ENCRYPTED = (("x-amz-server-side-encryption", "AES256"),)
_KEPT_HEADERS = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_OVERRIDES = {
    "response-content-type": "content-type",
    "response-cache-control": "cache-control",
    "response-content-disposition": "content-disposition",
    "response-content-encoding": "content-encoding",
    "response-content-language": "content-language",
    "response-expires": "expires",
}


class Objects:
    """The objects of all buckets."""

    def __init__(
        self, metadata: Metadata, files: ObjectFiles, recorder: Recorder, clock: Clock
    ) -> None:
        self._metadata = metadata
        self._files = files
        self._recorder = recorder
        self._clock = clock
        # From the check of a condition to the event: whoever comes second sees the first's object.
        self._writing = threading.RLock()

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        thing = Resource.OBJECT
        return {
            (thing, "PUT", ""): Operation("PutObject", lambda c: self.put(c.request, c.ids)),
            (thing, "PUT", "copy"): Operation("CopyObject", lambda c: self.copy(c.request, c.ids)),
            (thing, "GET", ""): Operation("GetObject", lambda c: self.get(c.request)),
            (thing, "HEAD", ""): Operation("HeadObject", lambda c: self.get(c.request)),
            (thing, "DELETE", ""): Operation("DeleteObject", self._delete_one),
        }

    def _delete_one(self, call: Call) -> Answer:
        self.delete(call.request.bucket, call.request.key, call.ids)
        return Answer(status=204)

    def put(self, request: S3Request, ids: tuple[str, str]) -> Answer:
        """``PutObject``."""
        body = UploadBody(request)
        with self._files.receive(body) as received:
            headers = kept_headers(request) | body.checksums
            stored = self.place(request, received, received.md5, headers, ("Put", ids))
        return Answer(headers=(("ETag", f'"{stored.etag}"'), *ENCRYPTED, *body.checksums.items()))

    def place(
        self,
        request: S3Request,
        received: Received,
        etag: str,
        headers: dict[str, str],
        event: tuple[str, tuple[str, str]],
    ) -> StoredObject:
        """Put received bytes in their place, and record the event: only then acknowledge."""
        with self._writing:
            if not self._metadata.has_bucket(request.bucket):
                raise s3_error("NoSuchBucket", BucketName=request.bucket)
            old = self._metadata.find(request.bucket, request.key)
            check_write(old, request.headers)
            stored = StoredObject(
                bucket=request.bucket,
                key=request.key,
                file=self._files.keep(received),
                size=received.size,
                etag=etag,
                modified=self._clock.now(),
                headers=headers,
            )
            self._metadata.put(stored)
            self._recorder.created(event[0], stored, event[1])
        if old is not None:
            self._files.remove(old.file)
        return stored

    def get(self, request: S3Request) -> Answer:
        """``GetObject`` and ``HeadObject``; HEAD's body is left out by the server."""
        stored, file = self._open(request)
        try:
            check_read(stored, request.headers)
            part = read_range(request.headers.get("range"), stored.size)
            headers = _described(stored, _overridden(request, stored))
        except NotModifiedError:
            file.close()
            return Answer(status=304, headers=_identity(stored))
        except BaseException:
            file.close()
            raise
        if part is None:
            return Answer(headers=headers, file=file, length=stored.size)
        file.seek(part.start)
        content_range = f"bytes {part.start}-{part.start + part.length - 1}/{stored.size}"
        return Answer(
            status=206,
            headers=(*headers, ("Content-Range", content_range)),
            file=file,
            length=part.length,
        )

    def delete(self, bucket: str, key: str, ids: tuple[str, str]) -> None:
        """Delete an object; one that is not there is as good as deleted, but no event."""
        with self._writing:
            stored = self._metadata.find(bucket, key)
            if stored is None:
                return
            self._metadata.delete(bucket, key)
            self._recorder.removed(bucket, key, ids)
        self._files.remove(stored.file)

    def copy(self, request: S3Request, ids: tuple[str, str]) -> Answer:
        """``CopyObject``: the bytes are shared, not read."""
        source = self.source_of(request)
        self._check_copy(source, request)
        replaced = request.headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
        if not replaced and (source.bucket, source.key) == (request.bucket, request.key):
            raise s3_error(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself"
                " without changing the object's metadata, storage class, website redirect location"
                " or encryption attributes.",
            )
        headers = kept_headers(request) if replaced else source.headers
        with self._files.linked(source.file) as received:
            stored = self.place(request, received, source.etag, headers, ("Copy", ids))
        return xml(
            result(
                "CopyObjectResult",
                element("LastModified", timestamp(stored)),
                element("ETag", f'"{stored.etag}"'),
            ),
            *ENCRYPTED,
        )

    def source_of(self, request: S3Request) -> StoredObject:
        """Find what ``x-amz-copy-source`` names.

        Raises:
            ServiceError: there is no such object.
        """
        path = unquote(request.headers["x-amz-copy-source"].partition("?")[0]).lstrip("/")
        bucket, _, key = path.partition("/")
        if not self._metadata.has_bucket(bucket):
            raise s3_error("NoSuchBucket", BucketName=bucket)
        stored = self._metadata.find(bucket, key)
        if stored is None:
            raise s3_error("NoSuchKey", Key=key)
        return stored

    @staticmethod
    def _check_copy(source: StoredObject, request: S3Request) -> None:
        try:
            check_read(source, request.headers, "x-amz-copy-source-")
        except NotModifiedError as error:
            raise s3_error("PreconditionFailed") from error

    def _open(self, request: S3Request) -> tuple[StoredObject, IO[bytes]]:
        while True:
            stored = self._metadata.find(request.bucket, request.key)
            if stored is None:
                raise s3_error("NoSuchKey", Key=request.key)
            try:
                return stored, self._files.open(stored.file)
            except FileNotFoundError:
                if self._metadata.find(request.bucket, request.key) == stored:
                    raise  # no race: somebody deleted the file behind our back


def kept_headers(request: S3Request) -> dict[str, str]:
    """Give what an object keeps of the request that made it."""
    kept = {name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers}
    kept.setdefault("content-type", DEFAULT_TYPE)
    encoding = [e.strip() for e in kept.get("content-encoding", "").split(",")]
    if "aws-chunked" in encoding:  # how the body came, not what it is
        rest = ",".join(e for e in encoding if e != "aws-chunked")
        kept.pop("content-encoding")
        kept |= {"content-encoding": rest} if rest else {}
    own = {n: v for n, v in request.headers.items() if n.startswith("x-amz-meta-")}
    return kept | own


def timestamp(stored: StoredObject) -> str:
    """Write when an object was made, as S3's documents do."""
    return f"{stored.modified:%Y-%m-%dT%H:%M:%S}.{stored.modified.microsecond // 1000:03d}Z"


def _identity(stored: StoredObject) -> Pairs:
    return (
        ("ETag", f'"{stored.etag}"'),
        ("Last-Modified", format_datetime(stored.modified, usegmt=True)),
    )


def _overridden(request: S3Request, stored: StoredObject) -> dict[str, str]:
    headers = dict(stored.headers)
    for parameter, name in _OVERRIDES.items():
        value = request.parameter(parameter)
        if value is None:
            continue
        if any(character > "\xff" or character in "\r\n" for character in value):
            raise s3_error(
                "InvalidArgument",
                "Header value cannot be represented using ISO-8859-1.",
                ArgumentName=parameter,
                ArgumentValue=value,
            )
        headers[name] = value
    return headers


def _described(stored: StoredObject, headers: dict[str, str]) -> Pairs:
    shown = [
        (name if name.startswith("x-amz-") else name.title(), value)
        for name, value in headers.items()
    ]
    return (*shown, *_identity(stored), ("Accept-Ranges", "bytes"), *ENCRYPTED)
