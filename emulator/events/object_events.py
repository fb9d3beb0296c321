"""Events of S3 as EventBridge has them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

_TYPES = {
    "ObjectCreated": "Object Created",
    "ObjectRemoved": "Object Deleted",
    "ObjectTagging:Put": "Object Tags Added",
    "ObjectTagging:Delete": "Object Tags Deleted",
    "ObjectAcl:Put": "Object ACL Updated",
}
_REASONS = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Post": "POST Object",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "ObjectRemoved:Delete": "DeleteObject",
    "ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}
_DELETIONS = {
    "ObjectRemoved:Delete": "Permanently Deleted",
    "ObjectRemoved:DeleteMarkerCreated": "Delete Marker Created",
}
_MEMBERS = {"size": "size", "eTag": "etag", "versionId": "version-id", "sequencer": "sequencer"}


def to_detail(record: dict[str, Any], account_id: str) -> tuple[str, dict[str, Any]]:
    """Give ``detail-type`` and ``detail`` of the event for a notification's record."""
    name = record["eventName"]
    described = record["s3"]["object"]
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": record["s3"]["bucket"]["name"]},
        "object": {
            "key": unquote_plus(described["key"]),
            **{new: described[old] for old, new in _MEMBERS.items() if old in described},
        },
        "request-id": record["responseElements"]["x-amz-request-id"],
        "requester": account_id,
        "source-ip-address": record["requestParameters"]["sourceIPAddress"],
    }
    if name in _REASONS:
        detail["reason"] = _REASONS[name]
    if name in _DELETIONS:
        detail["deletion-type"] = _DELETIONS[name]
    return _TYPES.get(name) or _TYPES[name.partition(":")[0]], detail
