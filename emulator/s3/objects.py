"""Operations on single objects: put, get, head, delete.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from email.utils import formatdate
from typing import IO, TYPE_CHECKING

from emulator.s3.answer import Answer
from emulator.s3.archive import check_not_archived, restoration
from emulator.s3.attributes import (
    RESTORATION,
    STORAGE_CLASS,
    check_not_encrypted,
    shown,
)
from emulator.s3.bodies import UploadBody
from emulator.s3.checksums import COMPOSITE, Checksum
from emulator.s3.conditions import (
    ByteRange,
    NotModifiedError,
    check_delete_headers,
    check_read,
    read_range,
)
from emulator.s3.encryption import METHOD, encryption_headers
from emulator.s3.errors import s3_error
from emulator.s3.numbers import read_whole
from emulator.s3.object_lock import bypasses_governance, require_digest
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.storage.files import Slice
from emulator.s3.storage.store import Happening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.application import Pairs
    from emulator.s3.request import S3Request
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import StoredObject
    from emulator.s3.upload_headers import UploadHeaders

# What fits into the packets of the head is not worth a call of its own.
_READ_AT_ONCE_BYTES = 64 * 1024
_OVERRIDES = {
    "response-content-type": "content-type",
    "response-cache-control": "cache-control",
    "response-content-disposition": "content-disposition",
    "response-content-encoding": "content-encoding",
    "response-content-language": "content-language",
    "response-expires": "expires",
}


class Objects:
    """The operations on one object."""

    def __init__(self, store: ObjectStore, headers: UploadHeaders) -> None:
        self._store = store
        self._headers = headers

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        thing = Resource.OBJECT
        return {
            (thing, "PUT", ""): Operation("PutObject", self.put),
            (thing, "GET", ""): Operation("GetObject", self.get),
            (thing, "HEAD", ""): Operation("HeadObject", self.get),
            (thing, "DELETE", ""): Operation("DeleteObject", self.delete),
        }

    def put(self, call: Call) -> Answer:
        """``PutObject``."""
        request = call.request
        attributes = self._headers.read(request.bucket, request.headers)
        if attributes.locked:
            require_digest(request.headers, "Put Object requests with Object Lock parameters")
        body = UploadBody(request)
        stored = self._store.upload(
            request.bucket,
            request.key,
            body,
            attributes,
            happening=Happening("Put", call.ids),
            conditions=request.conditions,
        )
        etag = ("ETag", f'"{stored.etag}"')
        return Answer(
            headers=(
                etag,
                *encryption_headers(stored.headers),
                *body.checksum.headers,
                *self._store.new_version(stored),
            )
        )

    def get(self, call: Call) -> Answer:
        """``GetObject`` and ``HeadObject``."""
        request = call.request
        while True:
            stored = self._store.find(request.bucket, request.key, request.parameter("versionId"))
            try:
                return self._answer(call, stored)
            except FileNotFoundError:
                # Overwritten or deleted since it was found: what is there now is the answer.
                if self._store.is_there(stored):
                    raise  # somebody deleted the file behind our back

    def _answer(self, call: Call, stored: StoredObject) -> Answer:
        request = call.request
        check_not_encrypted(request.headers)
        headers = self._described(stored, call)
        try:
            check_read(stored, request.headers, now=self._store.now)
        except NotModifiedError:
            return Answer(status=304, headers=identity(stored))
        part, more = _wanted_part(request, stored)
        wanted = part or ByteRange(start=0, length=stored.size)
        status = 200
        if part is not None:
            status = 206
            end = part.start + part.length - 1
            more = (*more, ("Content-Range", f"bytes {part.start}-{end}/{stored.size}"))
        if request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED":
            more = (*more, *_checksum(request, stored, part))
        if request.method == "HEAD":
            return Answer(status=status, headers=(*headers, *more), length=wanted.length)
        if STORAGE_CLASS in stored.headers:
            check_not_archived(stored.headers, self._store.now())
        return self._with_bytes(status, (*headers, *more), stored, wanted)

    def _described(self, stored: StoredObject, call: Call) -> Pairs:
        headers = shown(_overridden(call, stored))
        tags = (("x-amz-tagging-count", str(len(stored.tags))),) if stored.tags else ()
        versioned = self._store.versioning(stored.bucket) is not None
        version = (("x-amz-version-id", stored.version_id),) if versioned else ()
        # What was encrypted by KMS says so among its own headers.
        encryption = () if METHOD in stored.headers else encryption_headers(stored.headers)
        rest = (("Accept-Ranges", "bytes"), *encryption)
        if RESTORATION in stored.headers:
            rest = (*rest, *restoration(stored.headers, self._store.now()))
        return (*headers, *identity(stored), *rest, *tags, *version)

    def _with_bytes(
        self, status: int, headers: Pairs, stored: StoredObject, wanted: ByteRange
    ) -> Answer:
        if not wanted.length:
            return Answer(status=status, headers=headers)
        if stored.parts:
            pieces = self._pieces(stored, wanted)
            # Holds the files from now on, while it can still be said that they are gone.
            first = next(pieces)
            return Answer(
                status=status, headers=headers, pieces=(first, pieces), length=wanted.length
            )
        file = self._store.files.open(stored.file)
        if wanted.start:
            file.seek(wanted.start)
        if wanted.length > _READ_AT_ONCE_BYTES:
            return Answer(status=status, headers=headers, file=file, length=wanted.length)
        with file:
            return Answer(status=status, headers=headers, body=_read(file, wanted.length))

    def _pieces(self, stored: StoredObject, wanted: ByteRange) -> Iterator[bytes]:
        with self._store.files.held(stored.files):
            if not self._store.is_there(stored):
                raise FileNotFoundError(stored.key)
            yield from self._store.files.read(slices_of(stored, wanted))

    def delete(self, call: Call) -> Answer:
        """``DeleteObject``; one that is not there is as good as deleted."""
        request = call.request
        check_delete_headers(request.headers)
        deletion = self._store.delete(
            request.bucket,
            request.key,
            ids=call.ids,
            version_id=request.parameter("versionId"),
            etag=request.headers.get("if-match"),
            bypass=bypasses_governance(request),
        )
        return Answer(status=204, headers=deletion.headers)


def identity(stored: StoredObject) -> Pairs:
    """Give ETag and time, which even a 304 has."""
    return (
        ("ETag", f'"{stored.etag}"'),
        ("Last-Modified", formatdate(int(stored.modified.timestamp()), usegmt=True)),
    )


def slices_of(stored: StoredObject, wanted: ByteRange) -> list[Slice]:
    """Tell where some bytes of an object lie."""
    if not stored.parts:
        return [Slice(stored.file, wanted.start, wanted.length)]
    slices = []
    start, end = wanted.start, wanted.start + wanted.length
    position = 0
    for part in stored.parts:
        first, last = max(start, position), min(end, position + part.size)
        if first < last:
            slices.append(Slice(part.file, first - position, last - first))
        position += part.size
    return slices


def _read(file: IO[bytes], length: int) -> bytes:
    data = file.read(length)
    while len(data) < length:
        more = file.read(length - len(data))
        if not more:
            raise ConnectionError("the file became shorter than its object")
        data += more
    return data


def _wanted_part(request: S3Request, stored: StoredObject) -> tuple[ByteRange | None, Pairs]:
    """Give what ``Range`` or ``partNumber`` asks for, and the headers that say so."""
    text = request.parameter("partNumber")
    if text is None:
        return read_range(request.headers.get("range"), stored.size), ()
    if "range" in request.headers:
        raise s3_error(
            "InvalidRequest", "Cannot specify both Range header and partNumber query parameter"
        )
    number = read_whole(text) or 0
    if number < 1:
        raise s3_error("InvalidArgument", "Part number must be an integer between 1 and 10000.")
    count = (("x-amz-mp-parts-count", str(len(stored.parts))),) if stored.parts else ()
    position = 0
    for part in stored.parts:
        if part.number == number:
            return ByteRange(start=position, length=part.size), count
        position += part.size
    if stored.parts or number != 1:
        raise s3_error(
            "InvalidPartNumber",
            members={
                "ActualPartCount": str(len(stored.parts) or 1),
                "PartNumberRequested": str(number),
            },
        )
    return ByteRange(start=0, length=stored.size) if stored.size else None, ()


def _checksum(request: S3Request, stored: StoredObject, wanted: ByteRange | None) -> Pairs:
    """Give the checksum of what is read: of the whole, or of one part of a composite one."""
    checksum, number = stored.checksum, request.parameter("partNumber")
    if checksum is None or (wanted is not None and number is None):
        return ()
    if wanted is None or not stored.parts:  # also what is asked for as part 1 of one
        return checksum.headers
    if checksum.type != COMPOSITE:
        return checksum.headers if len(stored.parts) == 1 else ()
    value = next(part.checksum for part in stored.parts if part.number == int(number or 0))
    return Checksum(checksum.algorithm, value, COMPOSITE).headers


def _overridden(call: Call, stored: StoredObject) -> dict[str, str]:
    request = call.request
    chosen = {name: request.parameter(name) for name in _OVERRIDES if request.has(name)}
    if not chosen:
        return stored.headers
    if call.access_key is None:
        raise s3_error(
            "InvalidRequest",
            "Request specific response headers cannot be used for anonymous GET requests.",
        )
    headers = dict(stored.headers)
    for name, value in chosen.items():
        if any(character > "\xff" or character in "\r\n" for character in str(value)):
            raise s3_error(
                "InvalidArgument",
                "Header value cannot be represented using ISO-8859-1.",
                ArgumentName=name,
                ArgumentValue=str(value),
            )
        headers[_OVERRIDES[name]] = str(value)
    return headers
