"""The tags of objects and of buckets.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.tags import BUCKET_TAGS, OBJECT_TAGS, TAGGING, read_tagging, tagging_document
from emulator.s3.versions import marker_refused

if TYPE_CHECKING:
    from emulator.application import Pairs
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import StoredObject


class Tagging:
    """The operations on tags."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._metadata = store.metadata

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket, thing = Resource.BUCKET, Resource.OBJECT
        return {
            (thing, "GET", TAGGING): Operation("GetObjectTagging", self.get),
            (thing, "PUT", TAGGING): Operation("PutObjectTagging", self.put),
            (thing, "DELETE", TAGGING): Operation("DeleteObjectTagging", self.delete),
            (bucket, "GET", TAGGING): Operation("GetBucketTagging", self.get_bucket),
            (bucket, "PUT", TAGGING): Operation("PutBucketTagging", self.put_bucket),
            (bucket, "DELETE", TAGGING): Operation("DeleteBucketTagging", self.delete_bucket),
        }

    def get(self, call: Call) -> Answer:
        """``GetObjectTagging``."""
        stored = self._find(call)
        return xml(tagging_document(stored.tags), *self._version(stored))

    def put(self, call: Call) -> Answer:
        """``PutObjectTagging``."""
        stored = self._find(call)
        tags = read_tagging(read_document(call.request), OBJECT_TAGS)
        self._store.tag(stored, tags, "Put", call.ids)
        return Answer(headers=self._version(stored))

    def delete(self, call: Call) -> Answer:
        """``DeleteObjectTagging``."""
        stored = self._find(call)
        self._store.tag(stored, {}, "Delete", call.ids)
        return Answer(status=204, headers=self._version(stored))

    def _find(self, call: Call) -> StoredObject:
        request = call.request
        version_id = request.parameter("versionId")
        current = self._metadata.find(request.bucket, request.key) if version_id is None else None
        if current is not None and current.delete_marker:
            raise marker_refused(current, request.method)
        if current is None and version_id is None and request.method == "GET":
            raise s3_error("NoSuchKey", Key=f"{request.bucket}/{request.key}")  # as S3 names it
        return self._store.find(request.bucket, request.key, version_id, method=request.method)

    def _version(self, stored: StoredObject) -> Pairs:
        versioned = self._store.versioning(stored.bucket) is not None
        return (("x-amz-version-id", stored.version_id),) if versioned else ()

    def get_bucket(self, call: Call) -> Answer:
        """``GetBucketTagging``."""
        bucket = call.request.bucket
        tags = self._metadata.configuration(bucket, TAGGING)
        if tags is None:
            raise s3_error("NoSuchTagSet", BucketName=bucket)
        return xml(tagging_document(json.loads(tags)))

    def put_bucket(self, call: Call) -> Answer:
        """``PutBucketTagging``."""
        tags = read_tagging(read_document(call.request), BUCKET_TAGS)
        self._metadata.configure(call.request.bucket, TAGGING, json.dumps(tags) if tags else None)
        return Answer(status=204)

    def delete_bucket(self, call: Call) -> Answer:
        """``DeleteBucketTagging``."""
        self._metadata.configure(call.request.bucket, TAGGING, None)
        return Answer(status=204)
