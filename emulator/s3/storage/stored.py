"""What the store keeps of an object, an upload and a part, and how a row of each is read.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingObjects.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.s3.checksums import Checksum

NULL_VERSION = "null"


@dataclass(frozen=True, slots=True)
class ObjectPart:
    """A part of an object that was uploaded in parts; its bytes lie in a file of its own.

    Args:
        checksum: its value alone; the algorithm is the object's.
    """

    number: int
    file: str
    size: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One version of an object, or a delete marker.

    Args:
        file: name of the file that has the bytes; empty if they lie in those of ``parts``.
        etag: without quotes.
        headers: what the uploader set: ``content-type``, ``x-amz-meta-…``.
        sequence: greater for a newer version; 0 until it is stored.
    """

    bucket: str
    key: str
    file: str = ""
    size: int = 0
    etag: str = ""
    modified: datetime
    headers: dict[str, str] = field(default_factory=dict)
    checksum: Checksum | None = None
    parts: tuple[ObjectPart, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    version_id: str = NULL_VERSION
    latest: bool = True
    delete_marker: bool = False
    sequence: int = 0

    @property
    def files(self) -> list[str]:
        """Name the files that have its bytes, in order."""
        return [part.file for part in self.parts] or ([self.file] if self.file else [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A multipart upload that was begun.

    Args:
        declared: the client has chosen the checksum.
    """

    upload_id: str
    bucket: str
    key: str
    started: datetime
    headers: dict[str, str]
    algorithm: str
    checksum_type: str
    declared: bool
    tags: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a multipart upload; ``checksum`` is in the upload's algorithm."""

    number: int
    file: str
    size: int
    etag: str
    modified: datetime
    checksum: str


def object_row(stored: StoredObject) -> tuple[Any, ...]:
    """Write an object as a row, all but its sequence."""
    parts = [[part.number, part.file, part.size, part.checksum] for part in stored.parts]
    return (
        stored.bucket,
        stored.key,
        stored.version_id,
        stored.latest,
        stored.delete_marker,
        stored.file,
        stored.size,
        stored.etag,
        stored.modified.timestamp(),
        json.dumps(stored.headers),
        _checksum_text(stored.checksum),
        json.dumps(parts) if parts else "",
        json.dumps(stored.tags) if stored.tags else "",
    )


def read_object(row: Any) -> StoredObject:
    """Read a row of versions."""
    (
        sequence,
        bucket,
        key,
        version_id,
        latest,
        marker,
        file,
        size,
        etag,
        modified,
        headers,
        checksum,
        parts,
        tags,
    ) = row
    return StoredObject(
        sequence=sequence,
        bucket=bucket,
        key=key,
        version_id=version_id,
        latest=bool(latest),
        delete_marker=bool(marker),
        file=file,
        size=size,
        etag=etag,
        modified=datetime.fromtimestamp(modified, UTC),
        headers=json.loads(headers),
        checksum=_read_checksum(checksum),
        parts=tuple(ObjectPart(*part) for part in json.loads(parts)) if parts else (),
        tags=json.loads(tags) if tags else {},
    )


def upload_row(upload: Upload) -> tuple[Any, ...]:
    """Write an upload as a row."""
    return (
        upload.upload_id,
        upload.bucket,
        upload.key,
        upload.started.timestamp(),
        json.dumps(upload.headers),
        upload.algorithm,
        upload.checksum_type,
        upload.declared,
        json.dumps(upload.tags) if upload.tags else "",
    )


def read_upload(row: Any) -> Upload:
    """Read a row of uploads."""
    upload_id, bucket, key, started, headers, algorithm, kind, declared, tags = row
    return Upload(
        upload_id=upload_id,
        bucket=bucket,
        key=key,
        started=datetime.fromtimestamp(started, UTC),
        headers=json.loads(headers),
        algorithm=algorithm,
        checksum_type=kind,
        declared=bool(declared),
        tags=json.loads(tags) if tags else {},
    )


def part_row(upload_id: str, part: Part) -> tuple[Any, ...]:
    """Write a part as a row."""
    return (
        upload_id,
        part.number,
        part.file,
        part.size,
        part.etag,
        part.modified.timestamp(),
        part.checksum,
    )


def read_part(row: Any) -> Part:
    """Read a row of parts."""
    _, number, file, size, etag, modified, checksum = row
    return Part(
        number=number,
        file=file,
        size=size,
        etag=etag,
        modified=datetime.fromtimestamp(modified, UTC),
        checksum=checksum,
    )


def _checksum_text(checksum: Checksum | None) -> str:
    return f"{checksum.algorithm} {checksum.type} {checksum.value}" if checksum else ""


def _read_checksum(text: str) -> Checksum | None:
    if not text:
        return None
    algorithm, kind, value = text.split(" ")
    return Checksum(algorithm, value, kind)
