"""What S3 takes as a configuration of a bucket, for those that are kept and shown.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html
Each check gives the document to keep, or ``None`` to forget what was there.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from emulator.s3.bucket_regions import LOCATION
from emulator.s3.encryption import KMS_METHODS
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from emulator.s3.storage.metadata import Metadata

_VERSIONING = "versioning"
_PROTOCOLS = (None, "http", "https")


def check_website(root: ET.Element, _bucket: str, _metadata: Metadata) -> ET.Element:
    """Check a ``WebsiteConfiguration``."""
    everything, index = root.find("RedirectAllRequestsTo"), root.find("IndexDocument")
    if everything is not None:
        if len(root) > 1:
            raise _argument(
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
                "RedirectAllRequestsTo",
                "not null",
            )
        if not everything.findtext("HostName"):
            raise s3_error("MalformedXML")
    elif index is None:
        raise _argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null",
        )
    else:
        suffix = index.findtext("Suffix") or ""
        if not suffix or "/" in suffix:
            message = "The IndexDocument Suffix is not well formed"
            raise _argument(message, "IndexDocument", suffix)
    _check_redirects(root)
    return root


def _check_redirects(root: ET.Element) -> None:
    error = root.find("ErrorDocument")
    if error is not None and not error.findtext("Key"):
        raise _argument("The ErrorDocument Key is not well formed", "ErrorDocument", "")
    if any(node.text not in _PROTOCOLS for node in root.iter("Protocol")):
        raise s3_error(
            "InvalidRequest",
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be"
            " selected automatically.",
        )
    rules = root.findall("RoutingRules/RoutingRule")
    if root.find("RoutingRules") is not None and not rules:
        raise s3_error("MalformedXML")
    for rule in rules:
        redirect = rule.find("Redirect")
        if redirect is None or len(redirect) == 0:
            raise s3_error("MalformedXML")
        both = ("ReplaceKeyWith", "ReplaceKeyPrefixWith")
        if all(redirect.find(name) is not None for name in both):
            raise s3_error(
                "InvalidRequest", "You can only define ReplaceKeyPrefix or ReplaceKey but not both."
            )


def check_replication(root: ET.Element, bucket: str, metadata: Metadata) -> ET.Element:
    """Check a ``ReplicationConfiguration``; rules without an ID get one."""
    if metadata.configuration(bucket, _VERSIONING) != "Enabled":
        raise s3_error(
            "InvalidRequest",
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        )
    rules = root.findall("Rule")
    if not rules or not root.findtext("Role"):
        raise s3_error("MalformedXML")
    for rule in rules:
        target = (rule.findtext("Destination/Bucket") or "").rpartition(":::")[2]
        if rule.findtext("Status") not in {"Enabled", "Disabled"} or not target:
            raise s3_error("MalformedXML")
        if not metadata.has_bucket(target):
            raise s3_error("InvalidRequest", "Destination bucket must exist.")
        if metadata.configuration(target, _VERSIONING) != "Enabled":
            raise s3_error("InvalidRequest", "Destination bucket must have versioning enabled.")
        _give_id(rule)
    return root


def _give_id(rule: ET.Element) -> None:
    identity = rule.find("ID")
    if identity is None:
        identity = ET.SubElement(rule, "ID")
    identity.text = identity.text or str(uuid.uuid4())


def check_logging(root: ET.Element, bucket: str, metadata: Metadata) -> ET.Element | None:
    """Check a ``BucketLoggingStatus``; an empty one ends logging."""
    enabled = root.find("LoggingEnabled")
    if enabled is None:
        return None
    target = enabled.findtext("TargetBucket")
    if not target or enabled.find("TargetPrefix") is None:
        raise s3_error("MalformedXML")
    if not metadata.has_bucket(target):
        raise s3_error(
            "InvalidTargetBucketForLogging",
            "The target bucket for logging does not exist",
            TargetBucket=target,
        )
    here, there = (metadata.configuration(name, LOCATION) for name in (bucket, target))
    if here != there:
        places = {"SourceBucketLocation": here, "TargetBucketLocation": there}
        raise s3_error(
            "CrossLocationLoggingProhibitted",
            "Cross S3 location logging not allowed. ",
            status=403,
            members={name: place for name, place in places.items() if place},
        )
    return root


def check_acceleration(root: ET.Element, bucket: str, metadata: Metadata) -> ET.Element | None:
    """Check an ``AccelerateConfiguration``; what never was cannot be suspended."""
    status = root.findtext("Status")
    if status not in {"Enabled", "Suspended"}:
        raise s3_error("MalformedXML")
    if "." in bucket:
        raise s3_error(
            "InvalidRequest",
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
        )
    if status == "Suspended" and metadata.configuration(bucket, "accelerate") is None:
        return None
    return root


def check_payment(root: ET.Element, _bucket: str, _metadata: Metadata) -> ET.Element:
    """Check a ``RequestPaymentConfiguration``."""
    if root.findtext("Payer") not in {"BucketOwner", "Requester"}:
        raise s3_error("MalformedXML")
    return root


def check_encryption(root: ET.Element, _bucket: str, _metadata: Metadata) -> ET.Element:
    """Check a ``ServerSideEncryptionConfiguration``; it is shown with all its members."""
    rules = root.findall("Rule")
    if len(rules) != 1:
        raise s3_error("MalformedXML")
    default = rules[0].find("ApplyServerSideEncryptionByDefault")
    algorithm = default.findtext("SSEAlgorithm") if default is not None else None
    if default is None or not algorithm:
        raise s3_error("MalformedXML")
    if algorithm not in {"AES256", *KMS_METHODS}:
        raise s3_error("MalformedXML")
    if algorithm == "AES256" and default.find("KMSMasterKeyID") is not None:
        raise _argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or"
            " aws:kms:dsse",
            "ApplyServerSideEncryptionByDefault",
        )
    if rules[0].find("BucketKeyEnabled") is None:
        ET.SubElement(rules[0], "BucketKeyEnabled").text = "false"
    return root


def _argument(message: str, name: str, value: str | None = None) -> Exception:
    given = {"ArgumentValue": value} if value is not None else {}
    return s3_error("InvalidArgument", message, members={"ArgumentName": name, **given})
