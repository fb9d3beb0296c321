"""Operations on buckets as such: make, delete, list, find.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.s3.answer import XML, Answer, xml
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, result

if TYPE_CHECKING:
    from emulator.clock import Clock
    from emulator.s3.metadata import Metadata

_BUCKET_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class Buckets:
    """The buckets of one account."""

    def __init__(self, metadata: Metadata, clock: Clock, *, region: str, account_id: str) -> None:
        self._metadata = metadata
        self._clock = clock
        self._region = region
        self._account_id = account_id

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (Resource.SERVICE, "GET", ""): Operation("ListBuckets", self.list),
            (bucket, "PUT", ""): Operation("CreateBucket", self.create),
            (bucket, "DELETE", ""): Operation("DeleteBucket", self.delete),
            (bucket, "HEAD", ""): Operation("HeadBucket", self.head),
            (bucket, "GET", "location"): Operation("GetBucketLocation", self.locate),
        }

    def list(self, call: Call) -> Answer:
        """``ListBuckets``."""
        del call
        buckets = [
            element(
                "Bucket",
                element("Name", name),
                element("CreationDate", f"{created:%Y-%m-%dT%H:%M:%S.000Z}"),
            )
            for name, created in self._metadata.buckets()
        ]
        owner = element("Owner", element("ID", self._account_id))
        listed = element("Buckets", *buckets)
        return xml(result("ListAllMyBucketsResult", owner, listed))

    def create(self, call: Call) -> Answer:
        """``CreateBucket``."""
        name = call.request.bucket
        if not _BUCKET_NAME.fullmatch(name):
            raise s3_error("InvalidBucketName", BucketName=name)
        created = self._metadata.create_bucket(name, self._clock.now())
        # Making one's own bucket again is an error everywhere but in us-east-1.
        if not created and self._region != "us-east-1":
            raise s3_error("BucketAlreadyOwnedByYou", BucketName=name)
        return Answer(headers=(("Location", f"/{name}"),))

    def delete(self, call: Call) -> Answer:
        """``DeleteBucket``: only an empty one."""
        name = call.request.bucket
        if self._metadata.page(name, after="", prefix="", limit=1):
            raise s3_error("BucketNotEmpty", BucketName=name)
        self._metadata.delete_bucket(name)
        return Answer(status=204)

    def head(self, call: Call) -> Answer:
        """``HeadBucket``."""
        del call
        return Answer(headers=(("x-amz-bucket-region", self._region), *XML))

    def locate(self, call: Call) -> Answer:
        """``GetBucketLocation``; us-east-1 has none."""
        del call
        place = "" if self._region == "us-east-1" else self._region
        return xml(result("LocationConstraint", place.encode()))
