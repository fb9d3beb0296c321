"""Configurations of which a bucket has several, each under an id: kept and shown, without effect.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAnalyticsConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html
Left out: pages of their listings, and what S3 checks beyond the id but for inventories.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, parse, result, write_node

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree import ElementTree as ET

    from emulator.s3.storage.metadata import Metadata

_KINDS = {
    "inventory": "Inventory",
    "analytics": "Analytics",
    "metrics": "Metrics",
    "intelligent-tiering": "IntelligentTiering",
}


# Those whose documents S3 takes for nonsense if they have another id than the request.
_MALFORMED = frozenset({"analytics", "intelligent-tiering"})
_FORMATS = frozenset({"CSV", "ORC", "Parquet"})
_FREQUENCIES = frozenset({"Daily", "Weekly"})
_VERSIONS = frozenset({"All", "Current"})
_FIELDS = frozenset(
    {
        *("Size", "LastModifiedDate", "StorageClass", "ETag", "IsMultipartUploaded"),
        *("ReplicationStatus", "EncryptionStatus", "ObjectLockRetainUntilDate", "ObjectLockMode"),
        *("ObjectLockLegalHoldStatus", "IntelligentTieringAccessTier", "BucketKeyStatus"),
        *("ChecksumAlgorithm", "ObjectAccessControlList", "ObjectOwner", "LifecycleExpirationDate"),
    }
)


class NumberedConfigurations:
    """The operations on them; ``GET`` lists them all if no id is given."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        table = {}
        for subresource, kind in _KINDS.items():
            name = f"Bucket{kind}Configuration"
            for method, verb, answer in (
                ("GET", "Get", self._get(subresource, f"{kind}Configuration")),
                ("PUT", "Put", self._put(subresource, f"{kind}Configuration")),
                ("DELETE", "Delete", self._delete(subresource)),
            ):
                operation = Operation(f"{verb}{name}", answer)
                table[Resource.BUCKET, method, subresource] = operation
        return table

    def _kept(self, bucket: str, subresource: str) -> dict[str, str]:
        kept: dict[str, str] = json.loads(self._metadata.configuration(bucket, subresource) or "{}")
        return kept

    def _get(self, subresource: str, root: str) -> Callable[[Call], Answer]:
        def get(call: Call) -> Answer:
            kept = self._kept(call.request.bucket, subresource)
            identity = call.request.parameter("id")
            if identity is None:
                listed = [kept[name].encode() for name in sorted(kept)]
                truncated = element("IsTruncated", "false")
                return xml(result(f"List{root}sResult", *listed, truncated))
            if identity not in kept:
                raise _absent()
            inner = kept[identity].removeprefix(f"<{root}>").removesuffix(f"</{root}>")
            return xml(result(root, inner.encode()))

        return get

    def _put(self, subresource: str, name: str) -> Callable[[Call], Answer]:
        def put(call: Call) -> Answer:
            bucket, identity = call.request.bucket, call.request.parameter("id")
            root = parse(read_document(call.request))
            if root is None or root.tag != name or not root.findtext("Id"):
                raise s3_error("MalformedXML")
            if identity is None or identity != root.findtext("Id"):
                if subresource in _MALFORMED:
                    raise s3_error("MalformedXML")
                message = "Document ID does not match the specified configuration ID."
                raise s3_error("IdMismatch", message)
            if subresource == "inventory":
                _check_inventory(root)
            kept = self._kept(bucket, subresource)
            kept[identity] = write_node(root).decode()
            self._metadata.configure(bucket, subresource, json.dumps(kept))
            return Answer(status=204)

        return put

    def _delete(self, subresource: str) -> Callable[[Call], Answer]:
        def delete(call: Call) -> Answer:
            bucket = call.request.bucket
            kept = self._kept(bucket, subresource)
            if kept.pop(call.request.parameter("id") or "", None) is None:
                raise _absent()
            self._metadata.configure(bucket, subresource, json.dumps(kept) if kept else None)
            return Answer(status=204)

        return delete


def _check_inventory(root: ET.Element) -> None:
    destination = "Destination/S3BucketDestination"
    if not (root.findtext(f"{destination}/Bucket") or "").startswith("arn:aws:s3:::"):
        raise s3_error("InvalidS3DestinationBucket", "Invalid bucket ARN.")
    known = (
        root.findtext(f"{destination}/Format") in _FORMATS
        and root.findtext("Schedule/Frequency") in _FREQUENCIES
        and root.findtext("IncludedObjectVersions") in _VERSIONS
        and all(node.text in _FIELDS for node in root.findall("OptionalFields/Field"))
    )
    if not known:
        raise s3_error("MalformedXML")


def _absent() -> Exception:
    message = "The specified configuration does not exist."
    return s3_error("NoSuchConfiguration", message, status=404)
