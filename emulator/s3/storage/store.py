"""The store: versions of objects are put in place and taken away, a key at a time, with events.

    bytes in a file ─► condition ─► metadata name the file ─► event in the outbox ─► acknowledge

Whoever comes second to a key sees what the first has left; a crash leaves files without a name.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from emulator.s3.conditions import check_delete, check_write
from emulator.s3.errors import s3_error
from emulator.s3.locks import OBJECT_LOCK, check_not_locked, with_default
from emulator.s3.storage.stored import NULL_VERSION, StoredObject
from emulator.s3.versions import (
    Deletion,
    invalid_version_id,
    is_version_id,
    marker_headers,
    marker_refused,
    new_version_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator.application import Pairs
    from emulator.clock import Clock
    from emulator.s3.attributes import Attributes
    from emulator.s3.checksums import Checksum
    from emulator.s3.events import Recorder
    from emulator.s3.storage.files import ObjectFiles
    from emulator.s3.storage.metadata import Metadata

VERSIONING = "versioning"
ENABLED = "Enabled"
_LOCKS = 64


class Body(Protocol):
    """A stream that knows its MD5 and its checksum once it has passed."""

    def __iter__(self) -> Iterator[bytes]:
        """Give the pieces."""

    @property
    def md5(self) -> str:
        """Hexadecimal."""

    @property
    def checksum(self) -> Checksum:
        """The checksum to keep."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Why an object appears: the event's name, such as ``Put``, and the ids of the request."""

    name: str
    ids: tuple[str, str]


class ObjectStore:
    """The objects of all buckets."""

    def __init__(
        self, metadata: Metadata, files: ObjectFiles, recorder: Recorder, clock: Clock
    ) -> None:
        self.metadata = metadata
        self.files = files
        self._recorder = recorder
        self._clock = clock
        self.now = clock.now
        self._locks = tuple(threading.RLock() for _ in range(_LOCKS))

    # --- reading ----------------------------------------------------------------------------------

    def find(
        self, bucket: str, key: str, version_id: str | None = None, *, method: str = "GET"
    ) -> StoredObject:
        """Find an object, or one version of it, for a request of some method.

        Raises:
            ServiceError: it is not there, or a delete marker.
        """
        if version_id is not None:
            return self._find_version(bucket, key, version_id, method)
        stored = self.metadata.find(bucket, key)
        if stored is None:
            raise s3_error("NoSuchKey", Key=key)
        if stored.delete_marker:
            raise s3_error("NoSuchKey", headers=marker_headers(stored), Key=key)
        return stored

    def _find_version(self, bucket: str, key: str, version_id: str, method: str) -> StoredObject:
        stored = self.version(bucket, key, version_id)
        if stored is None:
            raise s3_error("NoSuchVersion", Key=key, VersionId=version_id)
        if stored.delete_marker:
            raise marker_refused(stored, method)
        return stored

    def version(self, bucket: str, key: str, version_id: str) -> StoredObject | None:
        """Find a version or a delete marker.

        Raises:
            ServiceError: ``InvalidArgument``: there can be no such version.
        """
        null = version_id == NULL_VERSION
        if not null and self.versioning(bucket) is None:
            raise invalid_version_id(version_id)
        found = self.metadata.find_version(bucket, key, version_id)
        if found is None and not null and not is_version_id(version_id):
            raise invalid_version_id(version_id)
        return found

    def new_version(self, stored: StoredObject, *, null: bool = False) -> Pairs:
        """Tell the id of a version that was just made; copies tell the ``null`` one, too."""
        status = self.versioning(stored.bucket)
        told = status == ENABLED or (null and status is not None)
        return (("x-amz-version-id", stored.version_id),) if told else ()

    def is_there(self, stored: StoredObject) -> bool:
        """Tell whether a version that was found is still what it was."""
        version = self.metadata.find_version(stored.bucket, stored.key, stored.version_id)
        return version is not None and version.files == stored.files

    def versioning(self, bucket: str) -> str | None:
        """Tell whether versioning is ``Enabled`` or ``Suspended``; ``None``: it never was."""
        return self.metadata.configuration(bucket, VERSIONING)

    # --- writing ----------------------------------------------------------------------------------

    def upload(
        self,
        bucket: str,
        key: str,
        body: Body,
        attributes: Attributes,
        *,
        happening: Happening,
        conditions: Mapping[str, str],
    ) -> StoredObject:
        """Receive a stream and put it in place.

        Raises:
            ServiceError: the stream or a condition does not hold; nothing is left of it.
        """
        with self.files.receive(body) as (file, size):
            new = StoredObject(
                bucket=bucket,
                key=key,
                file=file,
                size=size,
                etag=body.md5,
                modified=self._clock.now(),
                headers=attributes.headers,
                tags=attributes.tags,
                checksum=body.checksum,
            )
            return self.place(new, happening=happening, conditions=conditions)

    def place(
        self,
        new: StoredObject,
        *,
        happening: Happening,
        conditions: Mapping[str, str],
        upload_id: str | None = None,
    ) -> StoredObject:
        """Put a version in place, and record its event; a multipart upload may end with this.

        Raises:
            ServiceError: a condition does not hold, or bucket or upload are gone.
        """
        with self.alone(new.bucket, new.key):
            current = self.metadata.find(new.bucket, new.key)
            there = None if current is None or current.delete_marker else current
            check_write(there, conditions, new.key)
            new, replaced, hidden = self._versioned(new, current)
            placed = self.metadata.put(new, replaced=replaced, hidden=hidden, upload_id=upload_id)
            if not placed:
                raise s3_error("NoSuchUpload", UploadId=str(upload_id))
            self._recorder.created(happening.name, new, happening.ids)
        if replaced is not None:
            self.files.remove(replaced.files)
        return new

    def delete(
        self,
        bucket: str,
        key: str,
        *,
        ids: tuple[str, str],
        version_id: str | None = None,
        etag: str | None = None,
        bypass: bool = False,
    ) -> Deletion:
        """Delete an object, by a marker where versions are kept, or one version of it.

        Raises:
            ServiceError: ``If-Match`` does not name its ``etag``, or the version is locked.
        """
        with self.alone(bucket, key):
            if version_id is not None:
                stored = self.version(bucket, key, version_id)
                if stored is None:
                    return Deletion(version_id=version_id)
                check_not_locked(stored, self._clock.now(), bypass=bypass)
                return self._remove(stored, ids)
            current = self.metadata.find(bucket, key)
            check_delete(current, etag, key)
            if self.versioning(bucket) is not None:
                return self._mark(bucket, key, current, ids)
            if current is not None:
                self._remove(current, ids)
            return Deletion()

    def tag(
        self, stored: StoredObject, tags: dict[str, str], name: str, ids: tuple[str, str]
    ) -> None:
        """Replace the tags of a version, and record the event: ``Put`` or ``Delete``."""
        with self.alone(stored.bucket, stored.key):
            if not self.is_there(stored):
                raise s3_error("NoSuchKey", Key=stored.key)
            self.metadata.tag(stored, json.dumps(tags) if tags else "")
            self._recorder.tagged(name, stored, ids)

    def describe(self, stored: StoredObject, headers: dict[str, str], ids: tuple[str, str]) -> None:
        """Replace what is kept beside the bytes of a version, and record ``ObjectAcl:Put``."""
        with self.alone(stored.bucket, stored.key):
            if not self.is_there(stored):
                raise s3_error("NoSuchKey", Key=stored.key)
            self.metadata.describe(stored, json.dumps(headers))
            self._recorder.acl_put(stored, ids)

    def _remove(self, stored: StoredObject, ids: tuple[str, str]) -> Deletion:
        self.metadata.delete(stored)
        versioned = self.versioning(stored.bucket) is not None
        self._recorder.removed(stored, ids)
        self.files.remove(stored.files)
        return Deletion(
            version_id=stored.version_id if versioned else None, delete_marker=stored.delete_marker
        )

    def _mark(
        self, bucket: str, key: str, current: StoredObject | None, ids: tuple[str, str]
    ) -> Deletion:
        marker = StoredObject(
            bucket=bucket, key=key, modified=self._clock.now(), delete_marker=True
        )
        marker, replaced, hidden = self._versioned(marker, current)
        self.metadata.put(marker, replaced=replaced, hidden=hidden)
        self._recorder.marked(marker, ids)
        if replaced is not None:
            self.files.remove(replaced.files)
        return Deletion(version_id=marker.version_id, delete_marker=True)

    def _versioned(
        self, new: StoredObject, current: StoredObject | None
    ) -> tuple[StoredObject, StoredObject | None, StoredObject | None]:
        """Give a new version its id, with the version that it replaces and the one it hides."""
        status = self.versioning(new.bucket)
        if status is None:
            return new, current, None
        if status == ENABLED:
            new = with_default(new, self.metadata.configuration(new.bucket, OBJECT_LOCK))
            return replace(new, version_id=new_version_id()), None, current
        if current is None or current.version_id == NULL_VERSION:
            return new, current, None
        return new, self.metadata.find_version(new.bucket, new.key, NULL_VERSION), current

    @contextmanager
    def alone(self, bucket: str, key: str) -> Iterator[None]:
        """Let nobody else change a key of a bucket until the block ends.

        Raises:
            ServiceError: ``NoSuchBucket``.
        """
        with self._locks[hash((bucket, key)) % _LOCKS]:
            if not self.metadata.has_bucket(bucket):
                raise s3_error("NoSuchBucket", BucketName=bucket)
            yield
