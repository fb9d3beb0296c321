"""The operations on bucket policies.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.access.policy import read_policy
from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, result

if TYPE_CHECKING:
    from emulator.s3.access.policy import Statement
    from emulator.s3.access.public_access import PublicAccess
    from emulator.s3.storage.metadata import Metadata

POLICY = "policy"
_LARGEST_BYTES = 20 * 1024


class BucketPolicies:
    """The policies of buckets."""

    def __init__(self, metadata: Metadata, public_access: PublicAccess) -> None:
        self._metadata = metadata
        self._public_access = public_access

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (bucket, "GET", POLICY): Operation("GetBucketPolicy", self.get),
            (bucket, "PUT", POLICY): Operation("PutBucketPolicy", self.put),
            (bucket, "DELETE", POLICY): Operation("DeleteBucketPolicy", self.delete),
            (bucket, "GET", "policyStatus"): Operation("GetBucketPolicyStatus", self.status),
        }

    def statements(self, bucket: str) -> tuple[Statement, ...]:
        """Give the statements of a bucket's policy; none without one."""
        document = self._metadata.configuration(bucket, POLICY)
        return read_policy(document, bucket) if document else ()

    def is_public(self, bucket: str) -> bool:
        """Tell whether a bucket's policy lets anybody in."""
        return any(statement.public for statement in self.statements(bucket))

    def get(self, call: Call) -> Answer:
        """``GetBucketPolicy``: the text as it was put."""
        return Answer(
            headers=(("Content-Type", "application/json"),), body=self._document(call).encode()
        )

    def put(self, call: Call) -> Answer:
        """``PutBucketPolicy``."""
        bucket = call.request.bucket
        body = read_document(call.request)
        if len(body) > _LARGEST_BYTES:
            raise s3_error("PolicyTooLarge", "Policies must be less than 20480 bytes in size")
        text = body.decode("utf-8", "replace")
        statements = read_policy(text, bucket)
        blocked = self._public_access.block(bucket).block_public_policy
        if blocked and any(statement.public for statement in statements):
            raise s3_error("AccessDenied")
        self._metadata.configure(bucket, POLICY, text)
        return Answer(status=204)

    def delete(self, call: Call) -> Answer:
        """``DeleteBucketPolicy``."""
        self._metadata.configure(call.request.bucket, POLICY, None)
        return Answer(status=204)

    def status(self, call: Call) -> Answer:
        """``GetBucketPolicyStatus``."""
        self._document(call)
        public = str(self.is_public(call.request.bucket)).lower()
        return xml(result("PolicyStatus", element("IsPublic", public)))

    def _document(self, call: Call) -> str:
        document = self._metadata.configuration(call.request.bucket, POLICY)
        if document is None:
            raise s3_error(
                "NoSuchBucketPolicy",
                "The bucket policy does not exist",
                status=404,
                BucketName=call.request.bucket,
            )
        return document
