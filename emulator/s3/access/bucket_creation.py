"""Who owns what is put into a new bucket, and who may reach it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.access.grants import PRIVATE, Grants, grants_of_headers, is_public, write_grants
from emulator.s3.access.public_access import ENFORCED, OWNERSHIP, OWNERSHIPS
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource

if TYPE_CHECKING:
    from emulator.s3.answer import Answer
    from emulator.s3.storage.metadata import Metadata


def with_access(operations: Operations, metadata: Metadata) -> Operations:
    """Give the table of operations with a ``CreateBucket`` that heeds what concerns access."""
    create = (Resource.BUCKET, "PUT", "")
    creation = BucketCreation(operations[create], metadata)
    return {**operations, create: creation.operation()}


class BucketCreation:
    """``CreateBucket``, with the headers that concern access."""

    def __init__(self, operation: Operation, metadata: Metadata) -> None:
        self._operation = operation
        self._metadata = metadata

    def operation(self) -> Operation:
        """Give the operation."""
        return Operation(self._operation.name, self._create)

    def _create(self, call: Call) -> Answer:
        headers = call.request.headers
        ownership = headers.get("x-amz-object-ownership", ENFORCED)
        if ownership not in OWNERSHIPS:
            raise s3_error(
                "InvalidArgument",
                f"Invalid x-amz-object-ownership header: {ownership}",
                ArgumentName="x-amz-object-ownership",
            )
        grants = grants_of_headers(headers) or PRIVATE
        _check(ownership, grants)
        existed = self._metadata.has_bucket(call.request.bucket)
        answer = self._operation.answer(call)
        if not existed:
            self._metadata.configure(call.request.bucket, OWNERSHIP, ownership)
            if grants != PRIVATE:
                self._metadata.configure(call.request.bucket, "acl", write_grants(grants))
        return answer


def _check(ownership: str, grants: Grants) -> None:
    if ownership == ENFORCED and grants != PRIVATE:
        raise s3_error(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        )
    if is_public(grants):  # every new bucket blocks that
        raise s3_error(
            "InvalidBucketAclWithBlockPublicAccessError",
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
        )
