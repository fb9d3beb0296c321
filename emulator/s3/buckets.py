"""Operations on buckets as such: make, delete, list, find, keep versions.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingBucket.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from emulator.s3.answer import XML, Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.bucket_regions import (
    DEFAULT_REGION,
    LOCATION,
    chosen_region,
    endpoint_region,
    read_configuration,
    read_listed_region,
)
from emulator.s3.errors import not_implemented, s3_error
from emulator.s3.listing import owner_element
from emulator.s3.locks import OBJECT_LOCK
from emulator.s3.object_lock import enable_locks
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.pages import read_limit
from emulator.s3.storage.store import VERSIONING
from emulator.s3.tags import TAGGING, read_new_tags
from emulator.s3.xml import element, parse, result, timestamp

if TYPE_CHECKING:
    from emulator.clock import Clock
    from emulator.s3.request import S3Request
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.uploads import Uploads

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"(\d+\.){3}\d+")
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_MOST_BUCKETS = 10_000
_LOCKED = "x-amz-bucket-object-lock-enabled"


class Buckets:
    """The buckets of one account."""

    def __init__(self, store: ObjectStore, uploads: Uploads, clock: Clock, *, region: str) -> None:
        self._store = store
        self._metadata = store.metadata
        self._uploads = uploads
        self._clock = clock
        self._region = region

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (Resource.SERVICE, "GET", ""): Operation("ListBuckets", self.list),
            (bucket, "PUT", ""): Operation("CreateBucket", self.create),
            (bucket, "DELETE", ""): Operation("DeleteBucket", self.delete),
            (bucket, "HEAD", ""): Operation("HeadBucket", self.head),
            (bucket, "GET", "location"): Operation("GetBucketLocation", self.locate),
            (bucket, "GET", "versioning"): Operation("GetBucketVersioning", self.versioning),
            (bucket, "PUT", "versioning"): Operation("PutBucketVersioning", self.keep_versions),
        }

    def list(self, call: Call) -> Answer:
        """``ListBuckets``."""
        request = call.request
        prefix = request.parameter("prefix") or ""
        limit = read_limit(request, "max-buckets", _MOST_BUCKETS)
        start = _untoken(request.parameter("continuation-token"))
        region = read_listed_region(request)
        found = [
            (name, created)
            for name, created in self._metadata.buckets()
            if name.startswith(prefix)
            and name > start
            and (region is None or self._region_of(name) == region)
        ]
        paged = any(map(request.has, ("max-buckets", "prefix", "bucket-region")))
        buckets = [
            element(
                "Bucket",
                element("Name", name),
                element("CreationDate", timestamp(created)),
                *((element("BucketRegion", self._region_of(name)),) if paged else ()),
            )
            for name, created in found[:limit]
        ]
        more = len(found) > limit
        fields = [owner_element(), element("Buckets", *buckets)]
        fields += [element("Prefix", prefix)] if prefix else []
        fields += [element("ContinuationToken", _token(found[limit - 1][0]))] if more else []
        return xml(result("ListAllMyBucketsResult", *fields))

    def create(self, call: Call) -> Answer:
        """``CreateBucket``."""
        request = call.request
        name = request.bucket
        if not is_bucket_name(name):
            raise s3_error("InvalidBucketName", BucketName=name)
        if request.headers.get("x-amz-bucket-namespace", "global") != "global":
            raise not_implemented("x-amz-bucket-namespace")
        configuration = read_configuration(request)
        region = chosen_region(configuration, endpoint_region(request, self._region))
        tags = read_new_tags(configuration.findall("Tags/Tag")) if configuration is not None else {}
        created = self._metadata.create_bucket(name, self._clock.now())
        # Making one's own bucket again is an error, but in us-east-1 only with tags.
        if not created and (tags or {region, self._region_of(name)} != {DEFAULT_REGION}):
            raise s3_error("BucketAlreadyOwnedByYou", BucketName=name)
        if created and region != self._region:
            self._metadata.configure(name, LOCATION, region)
        if created and request.headers.get(_LOCKED, "").lower() == "true":
            enable_locks(self._store, name)
        if tags:
            self._metadata.configure(name, TAGGING, json.dumps(tags))
        named = configuration is not None and configuration.find("LocationConstraint") is not None
        location = f"http://{name}.{_host(request)}/" if named else f"/{name}"
        return Answer(headers=(("Location", location), _arn(name)))

    def delete(self, call: Call) -> Answer:
        """``DeleteBucket``: only an empty one; uploads that were never completed go with it."""
        name = call.request.bucket
        if not self._metadata.delete_bucket(name):
            versioned = self._store.versioning(name) is not None
            message = "The bucket you tried to delete is not empty"
            if versioned:
                message += ". You must delete all versions in the bucket."
            raise s3_error("BucketNotEmpty", message, BucketName=name)
        for upload_id in self._uploads.ids(name):
            self._store.files.remove(self._uploads.end(upload_id))
        return Answer(status=204)

    def head(self, call: Call) -> Answer:
        """``HeadBucket``."""
        region = ("x-amz-bucket-region", self._region_of(call.request.bucket))
        alias = ("x-amz-access-point-alias", "false")
        return Answer(headers=(_arn(call.request.bucket), region, alias, *XML))

    def locate(self, call: Call) -> Answer:
        """``GetBucketLocation``; us-east-1 has none."""
        region = self._region_of(call.request.bucket)
        return xml(
            result("LocationConstraint", b"" if region == DEFAULT_REGION else region.encode())
        )

    def _region_of(self, bucket: str) -> str:
        return self._metadata.configuration(bucket, LOCATION) or self._region

    def versioning(self, call: Call) -> Answer:
        """``GetBucketVersioning``."""
        status = self._store.versioning(call.request.bucket)
        return xml(
            result("VersioningConfiguration", *((element("Status", status),) if status else ()))
        )

    def keep_versions(self, call: Call) -> Answer:
        """``PutBucketVersioning``; MFA delete is not emulated."""
        root = parse(read_document(call.request))
        if root is None or root.tag != "VersioningConfiguration":
            raise s3_error("MalformedXML")
        if root.findtext("MfaDelete") == "Enabled":
            raise not_implemented("MfaDelete")
        status = root.findtext("Status")
        if not status:
            raise s3_error(
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified",
            )
        if status not in {"Enabled", "Suspended"}:
            raise s3_error("MalformedXML")
        bucket = call.request.bucket
        if status == "Suspended" and self._metadata.configuration(bucket, OBJECT_LOCK):
            raise s3_error(
                "InvalidBucketState",
                "An Object Lock configuration is present on this bucket, so the versioning state"
                " cannot be changed.",
                status=409,
            )
        self._metadata.configure(bucket, VERSIONING, status)
        return Answer()


def is_bucket_name(name: str) -> bool:
    """Tell whether a bucket may be called so."""
    return (
        bool(_NAME.fullmatch(name))
        and not any(pair in name for pair in ("..", ".-", "-."))
        and not _ADDRESS.fullmatch(name)
        and not name.startswith(_RESERVED_PREFIXES)
        and not name.endswith(_RESERVED_SUFFIXES)
    )


def _arn(name: str) -> tuple[str, str]:
    return ("x-amz-bucket-arn", f"arn:aws:s3:::{name}")


def _host(request: S3Request) -> str:
    """Give the host under which a bucket has a name of its own."""
    host, _, port = request.headers.get("host", "").partition(":")
    name = "localhost" if _ADDRESS.fullmatch(host) else host.removeprefix(f"{request.bucket}.")
    return f"{name}:{port}" if port else name


def _token(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _untoken(token: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode() if token else ""
    except ValueError as error:
        raise s3_error("InvalidArgument", "The continuation token is not valid") from error
