"""The operations on access control lists of buckets and objects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.access.grants import (
    PRIVATE,
    Grants,
    acl_document,
    grants_of_headers,
    is_public,
    read_acl,
    read_grants,
    write_grants,
)
from emulator.s3.access.public_access import ENFORCED
from emulator.s3.answer import Answer, xml
from emulator.s3.attributes import ACL_GRANTS
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.versions import marker_refused

if TYPE_CHECKING:
    from emulator.s3.access.public_access import PublicAccess
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import StoredObject

ACL = "acl"


class AccessControlLists:
    """The lists of buckets and objects."""

    def __init__(self, store: ObjectStore, public_access: PublicAccess) -> None:
        self._store = store
        self._metadata = store.metadata
        self._public_access = public_access

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket, thing = Resource.BUCKET, Resource.OBJECT
        return {
            (bucket, "GET", ACL): Operation("GetBucketAcl", self.get_of_bucket),
            (bucket, "PUT", ACL): Operation("PutBucketAcl", self.put_of_bucket),
            (thing, "GET", ACL): Operation("GetObjectAcl", self.get_of_object),
            (thing, "PUT", ACL): Operation("PutObjectAcl", self.put_of_object),
        }

    def of_bucket(self, bucket: str) -> Grants:
        """Give the list of a bucket."""
        if self._public_access.ownership(bucket) == ENFORCED:
            return PRIVATE
        return read_grants(self._metadata.configuration(bucket, ACL))

    def of_object(self, stored: StoredObject) -> Grants:
        """Give the list of an object."""
        if self._public_access.ownership(stored.bucket) == ENFORCED:
            return PRIVATE
        return read_grants(stored.headers.get(ACL_GRANTS))

    def get_of_bucket(self, call: Call) -> Answer:
        """``GetBucketAcl``."""
        return xml(acl_document(self.of_bucket(call.request.bucket)))

    def put_of_bucket(self, call: Call) -> Answer:
        """``PutBucketAcl``."""
        grants = self._wanted(call)
        self._metadata.configure(call.request.bucket, ACL, write_grants(grants))
        return Answer()

    def get_of_object(self, call: Call) -> Answer:
        """``GetObjectAcl``."""
        return xml(acl_document(self.of_object(self._find(call))))

    def put_of_object(self, call: Call) -> Answer:
        """``PutObjectAcl``."""
        self._find(call)
        kept = write_grants(self._wanted(call))
        # The body has been read; only now may nobody else change what is kept beside the object.
        with self._store.alone(call.request.bucket, call.request.key):
            stored = self._find(call)
            self._store.describe(stored, {**stored.headers, ACL_GRANTS: kept}, call.ids)
        return Answer()

    def check_headers(self, call: Call) -> None:
        """Refuse the list that an upload asks for, if its bucket takes none or no public ones.

        Raises:
            ServiceError: ``AccessControlListNotSupported`` or ``AccessDenied``.
        """
        grants = grants_of_headers(call.request.headers)
        if grants is not None:
            self._check(call.request.bucket, grants, call.request.headers.get("x-amz-acl"))

    def _wanted(self, call: Call) -> Grants:
        grants = grants_of_headers(call.request.headers)
        body = read_document(call.request)
        if grants is not None and body:
            message = "This request does not support content"
            raise s3_error("UnexpectedContent", message)
        if grants is None and not body:
            raise s3_error(
                "MissingSecurityHeader",
                "Your request was missing a required header",
                MissingHeaderName="x-amz-acl",
            )
        grants = read_acl(body) if grants is None else grants
        self._check(call.request.bucket, grants, call.request.headers.get("x-amz-acl"))
        return grants

    def _check(self, bucket: str, grants: Grants, canned: str | None) -> None:
        if self._public_access.ownership(bucket) == ENFORCED:
            # Full control of the owner is what there is anyway.
            if canned != "bucket-owner-full-control" and (canned is not None or grants != PRIVATE):
                message = "The bucket does not allow ACLs"
                raise s3_error("AccessControlListNotSupported", message)
        elif self._public_access.block(bucket).block_public_acls and is_public(grants):
            raise s3_error("AccessDenied")

    def _find(self, call: Call) -> StoredObject:
        request = call.request
        version_id = request.parameter("versionId")
        if version_id is None and request.method == "PUT":
            current = self._metadata.find(request.bucket, request.key)
            if current is not None and current.delete_marker:
                raise marker_refused(current, request.method)
        return self._store.find(request.bucket, request.key, version_id, method=request.method)
