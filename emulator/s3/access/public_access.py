"""The public access block and the object ownership of a bucket.

New buckets block everything public, and take no access control lists (since April 2023).
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from emulator.application import PublicAccessBlock
from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from emulator.s3.storage.metadata import Metadata

BLOCK = "publicAccessBlock"
OWNERSHIP = "ownershipControls"
ENFORCED = "BucketOwnerEnforced"
OWNERSHIPS = (ENFORCED, "BucketOwnerPreferred", "ObjectWriter")
_NOTHING = "none"  # deleted, which is not the same as never put
_SETTINGS = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}
OPEN = PublicAccessBlock(**dict.fromkeys(_SETTINGS.values(), False))


class PublicAccess:
    """The operations on both, and what holds for a bucket."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (bucket, "GET", BLOCK): Operation("GetPublicAccessBlock", self.get_block),
            (bucket, "PUT", BLOCK): Operation("PutPublicAccessBlock", self.put_block),
            (bucket, "DELETE", BLOCK): Operation("DeletePublicAccessBlock", self.delete_block),
            (bucket, "GET", OWNERSHIP): Operation("GetBucketOwnershipControls", self.get_ownership),
            (bucket, "PUT", OWNERSHIP): Operation("PutBucketOwnershipControls", self.put_ownership),
            (bucket, "DELETE", OWNERSHIP): Operation(
                "DeleteBucketOwnershipControls", self.delete_ownership
            ),
        }

    def block(self, bucket: str) -> PublicAccessBlock:
        """Tell what a bucket blocks."""
        document = self._metadata.configuration(bucket, BLOCK)
        if document is None:
            return PublicAccessBlock()
        return OPEN if document == _NOTHING else PublicAccessBlock(**json.loads(document))

    def ownership(self, bucket: str) -> str:
        """Tell who owns what is put into a bucket; ``BucketOwnerEnforced`` has no lists."""
        ownership = self._metadata.configuration(bucket, OWNERSHIP) or ENFORCED
        return "ObjectWriter" if ownership == _NOTHING else ownership

    def get_block(self, call: Call) -> Answer:
        """``GetPublicAccessBlock``."""
        bucket = call.request.bucket
        if self._metadata.configuration(bucket, BLOCK) == _NOTHING:
            raise s3_error(
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
                status=404,
                BucketName=bucket,
            )
        block = self.block(bucket)
        settings = [
            element(name, str(getattr(block, field)).lower()) for name, field in _SETTINGS.items()
        ]
        return xml(result("PublicAccessBlockConfiguration", *settings))

    def put_block(self, call: Call) -> Answer:
        """``PutPublicAccessBlock``."""
        root = parse(read_document(call.request))
        if root is None or root.tag != "PublicAccessBlockConfiguration":
            raise s3_error("MalformedXML")
        given = {
            field: (root.findtext(name) or "").lower() == "true"
            for name, field in _SETTINGS.items()
        }
        self._metadata.configure(
            call.request.bucket, BLOCK, write_block(PublicAccessBlock(**given))
        )
        return Answer()

    def delete_block(self, call: Call) -> Answer:
        """``DeletePublicAccessBlock``."""
        self._metadata.configure(call.request.bucket, BLOCK, _NOTHING)
        return Answer(status=204)

    def get_ownership(self, call: Call) -> Answer:
        """``GetBucketOwnershipControls``."""
        bucket = call.request.bucket
        if self._metadata.configuration(bucket, OWNERSHIP) == _NOTHING:
            raise s3_error(
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
                status=404,
                BucketName=bucket,
            )
        rule = element("Rule", element("ObjectOwnership", self.ownership(bucket)))
        return xml(result("OwnershipControls", rule))

    def put_ownership(self, call: Call) -> Answer:
        """``PutBucketOwnershipControls``."""
        root = parse(read_document(call.request))
        rules = root.findall("Rule") if root is not None else []
        ownership = rules[0].findtext("ObjectOwnership") if len(rules) == 1 else None
        if ownership not in OWNERSHIPS:
            raise s3_error("MalformedXML")
        self._metadata.configure(call.request.bucket, OWNERSHIP, ownership)
        return Answer()

    def delete_ownership(self, call: Call) -> Answer:
        """``DeleteBucketOwnershipControls``."""
        self._metadata.configure(call.request.bucket, OWNERSHIP, _NOTHING)
        return Answer(status=204)


def write_block(block: PublicAccessBlock) -> str:
    """Write a block as it is kept."""
    return json.dumps(asdict(block))
