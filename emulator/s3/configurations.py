"""Configurations of buckets that change nothing here: kept and shown, or refused by name.

Kept, because tools put them and read them back: lifecycle rules (they expire nothing here),
encryption with ``AES256``, requester pays off. Whatever would have to do something is refused:
website, replication, logging, acceleration, object lock, inventory, analytics, metrics.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import not_implemented, s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.s3.metadata import Metadata

_LIFECYCLE = "lifecycle"
# What a bucket answers that never had such a configuration, and can get none here.
_ABSENT = {
    "website": (
        "GetBucketWebsite",
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
    "replication": (
        "GetBucketReplication",
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    "object-lock": (
        "GetObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
}
_EMPTY = {
    "logging": ("GetBucketLogging", result("BucketLoggingStatus")),
    "accelerate": ("GetBucketAccelerateConfiguration", result("AccelerateConfiguration")),
    "requestPayment": (
        "GetBucketRequestPayment",
        result("RequestPaymentConfiguration", element("Payer", "BucketOwner")),
    ),
    "encryption": (
        "GetBucketEncryption",
        result(
            "ServerSideEncryptionConfiguration",
            element(
                "Rule",
                element("ApplyServerSideEncryptionByDefault", element("SSEAlgorithm", "AES256")),
                element("BucketKeyEnabled", "false"),
            ),
        ),
    ),
}


class Configurations:
    """The operations on configurations that only have to be remembered."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (bucket, "GET", _LIFECYCLE): Operation(
                "GetBucketLifecycleConfiguration", self.lifecycle
            ),
            (bucket, "PUT", _LIFECYCLE): Operation(
                "PutBucketLifecycleConfiguration", self.put_lifecycle
            ),
            (bucket, "DELETE", _LIFECYCLE): Operation(
                "DeleteBucketLifecycle", self.delete_lifecycle
            ),
            (bucket, "PUT", "encryption"): Operation("PutBucketEncryption", _put_encryption),
            (bucket, "DELETE", "encryption"): Operation(
                "DeleteBucketEncryption", lambda _: Answer(status=204)
            ),
            (bucket, "PUT", "requestPayment"): Operation("PutBucketRequestPayment", _put_payment),
            **{
                (bucket, "GET", name): Operation(operation, _absent(code, message))
                for name, (operation, code, message) in _ABSENT.items()
            },
            **{
                (bucket, "GET", name): Operation(operation, _constant(document))
                for name, (operation, document) in _EMPTY.items()
            },
            **{
                (bucket, "PUT", name): Operation(f"PutBucket{name.title()}", _refuse(name))
                for name in ("website", "replication", "object-lock", "logging", "accelerate")
            },
        }

    def lifecycle(self, call: Call) -> Answer:
        """``GetBucketLifecycleConfiguration``."""
        bucket = call.request.bucket
        document = self._metadata.configuration(bucket, _LIFECYCLE)
        if document is None:
            raise s3_error(
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist",
                status=404,
                BucketName=bucket,
            )
        return xml(document.encode())

    def put_lifecycle(self, call: Call) -> Answer:
        """``PutBucketLifecycleConfiguration``."""
        document = read_document(call.request)
        root = parse(document)
        if root is None or root.tag != "LifecycleConfiguration" or not root.findall("Rule"):
            raise s3_error("MalformedXML")
        self._metadata.configure(call.request.bucket, _LIFECYCLE, document.decode())
        return Answer()

    def delete_lifecycle(self, call: Call) -> Answer:
        """``DeleteBucketLifecycle``."""
        self._metadata.configure(call.request.bucket, _LIFECYCLE, None)
        return Answer(status=204)


def _put_encryption(call: Call) -> Answer:
    """``PutBucketEncryption``: what every object has anyway, or a refusal."""
    root = parse(read_document(call.request))
    rules = root.findall("Rule") if root is not None else []
    default = rules[0].find("ApplyServerSideEncryptionByDefault") if len(rules) == 1 else None
    algorithm = default.findtext("SSEAlgorithm") if default is not None else None
    if default is None or not algorithm:
        raise s3_error("MalformedXML")
    if algorithm != "AES256":
        raise not_implemented(f"SSEAlgorithm {algorithm}")
    if default.find("KMSMasterKeyID") is not None:
        raise s3_error(
            "InvalidArgument",
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or"
            " aws:kms:dsse",
            ArgumentName="ApplyServerSideEncryptionByDefault",
        )
    return Answer()


def _put_payment(call: Call) -> Answer:
    """``PutBucketRequestPayment``: the owner pays, or a refusal."""
    root = parse(read_document(call.request))
    payer = root.findtext("Payer") if root is not None else None
    if payer != "BucketOwner":
        raise not_implemented(f"Payer {payer}") if payer else s3_error("MalformedXML")
    return Answer()


def _absent(code: str, message: str) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        raise s3_error(code, message, status=404, BucketName=call.request.bucket)

    return answer


def _constant(document: bytes) -> Callable[[Call], Answer]:
    return lambda _: xml(document)


def _refuse(name: str) -> Callable[[Call], Answer]:
    def answer(_: Call) -> Answer:
        raise not_implemented(f"?{name}")

    return answer
