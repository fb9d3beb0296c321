"""Configurations of buckets that change nothing here: checked as S3 checks them, kept and shown.

Kept, because tools put them and read them back: lifecycle (nothing expires), website (nothing is
served), replication (nothing is copied), logging (nothing is logged), acceleration, who pays, and
encryption, which new objects have in name. What lies under an id is in
``numbered_configurations``.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.configurations.checks import (
    check_acceleration,
    check_encryption,
    check_logging,
    check_payment,
    check_replication,
    check_website,
)
from emulator.s3.configurations.lifecycle import (
    SMALLEST_SIZE,
    SMALLEST_SIZES,
    check_lifecycle,
    read_smallest_size,
)
from emulator.s3.encryption import ENCRYPTION
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, parse, result, write_node

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree import ElementTree as ET

    from emulator.application import Pairs
    from emulator.s3.storage.metadata import Metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A kind of configuration.

    Args:
        name: of the operations, behind ``Get``, ``Put`` and ``Delete``.
        root: of its document.
        check: gives what to keep of a document; ``None`` forgets what was kept.
        without: code and message, or the document, of a bucket that has none.
        delete: the operation that forgets it, if there is one.
    """

    name: str
    root: str
    check: Callable[[ET.Element, str, Metadata], ET.Element | None]
    without: tuple[str, str] | bytes
    delete: str | None = None


_AES256 = result(
    "ServerSideEncryptionConfiguration",
    element(
        "Rule",
        element("ApplyServerSideEncryptionByDefault", element("SSEAlgorithm", "AES256")),
        element("BucketKeyEnabled", "false"),
    ),
)
_KINDS = {
    "lifecycle": _Kind(
        name="BucketLifecycleConfiguration",
        root="LifecycleConfiguration",
        check=check_lifecycle,
        without=("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        delete="DeleteBucketLifecycle",
    ),
    "website": _Kind(
        name="BucketWebsite",
        root="WebsiteConfiguration",
        check=check_website,
        without=(
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        delete="DeleteBucketWebsite",
    ),
    "replication": _Kind(
        name="BucketReplication",
        root="ReplicationConfiguration",
        check=check_replication,
        without=(
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        ),
        delete="DeleteBucketReplication",
    ),
    ENCRYPTION: _Kind(
        name="BucketEncryption",
        root="ServerSideEncryptionConfiguration",
        check=check_encryption,
        without=_AES256,
        delete="DeleteBucketEncryption",
    ),
    "logging": _Kind(
        name="BucketLogging",
        root="BucketLoggingStatus",
        check=check_logging,
        without=result("BucketLoggingStatus"),
    ),
    "accelerate": _Kind(
        name="BucketAccelerateConfiguration",
        root="AccelerateConfiguration",
        check=check_acceleration,
        without=result("AccelerateConfiguration"),
    ),
    "requestPayment": _Kind(
        name="BucketRequestPayment",
        root="RequestPaymentConfiguration",
        check=check_payment,
        without=result("RequestPaymentConfiguration", element("Payer", "BucketOwner")),
    ),
}


class Configurations:
    """The operations on configurations that only have to be remembered."""

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        table = {}
        for subresource, kind in _KINDS.items():
            get, put = self._get(subresource, kind), self._put(subresource, kind)
            table[Resource.BUCKET, "GET", subresource] = Operation(f"Get{kind.name}", get)
            table[Resource.BUCKET, "PUT", subresource] = Operation(f"Put{kind.name}", put)
            if kind.delete is not None:
                delete = Operation(kind.delete, self._delete(subresource))
                table[Resource.BUCKET, "DELETE", subresource] = delete
        return table

    def _get(self, subresource: str, kind: _Kind) -> Callable[[Call], Answer]:
        def get(call: Call) -> Answer:
            bucket = call.request.bucket
            document = self._metadata.configuration(bucket, subresource)
            if document is not None:
                return xml(document.encode(), *self._sizes(bucket, subresource))
            if isinstance(kind.without, bytes):
                return xml(kind.without)
            raise s3_error(*kind.without, status=404, BucketName=bucket)

        return get

    def _put(self, subresource: str, kind: _Kind) -> Callable[[Call], Answer]:
        def put(call: Call) -> Answer:
            bucket = call.request.bucket
            document = read_document(call.request)
            if not document:
                raise s3_error("MissingRequestBodyError", "Request Body is empty")
            root = parse(document)
            if root is None or root.tag != kind.root:
                raise s3_error("MalformedXML")
            kept = kind.check(root, bucket, self._metadata)
            text = None if kept is None else result(kept.tag, *map(write_node, kept)).decode()
            smallest = read_smallest_size(call.request) if subresource == "lifecycle" else None
            self._metadata.configure(bucket, subresource, text)
            if smallest is not None:
                self._metadata.configure(bucket, SMALLEST_SIZE, smallest)
            return Answer(headers=self._sizes(bucket, subresource))

        return put

    def _sizes(self, bucket: str, subresource: str) -> Pairs:
        if subresource != "lifecycle":
            return ()
        kept = self._metadata.configuration(bucket, SMALLEST_SIZE)
        return ((SMALLEST_SIZE, kept or SMALLEST_SIZES[0]),)

    def _delete(self, subresource: str) -> Callable[[Call], Answer]:
        def delete(call: Call) -> Answer:
            self._metadata.configure(call.request.bucket, subresource, None)
            return Answer(status=204)

        return delete
