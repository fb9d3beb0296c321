"""Which operation a request asks for: one table by resource, method and subresource.

Each family of operations gives its own part of the table (``operations``), and the service joins
them; a subresource that nobody supplies is refused by name.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from emulator.s3.errors import not_implemented, s3_error

if TYPE_CHECKING:
    from emulator.s3.answer import Answer
    from emulator.s3.request import S3Request

# Query parameters that choose an operation; any other qualifies one, or is nobody's concern.
_SUBRESOURCES = frozenset(
    """
    abac accelerate acl analytics annotation attributes cors delete encryption intelligent-tiering
    inventory legal-hold lifecycle list-type location logging metadataAnnotationTable
    metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable metrics
    notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject
    replication requestPayment restore retention select session tagging torrent uploadId uploads
    versioning versions website
    """.split()  # noqa: SIM905 -- a list of words reads best as one
)
# What the others that are not emulated are called, is in their names already.
_REFUSED = {
    "renameObject": "RenameObject",
    "select": "SelectObjectContent",
    "session": "CreateSession",
    "torrent": "GetObjectTorrent",
}


class Resource(StrEnum):
    """What a path names, in the spelling of ``ResourceType`` in errors."""

    SERVICE = "SERVICE"
    BUCKET = "BUCKET"
    OBJECT = "OBJECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was let in.

    Args:
        ids: ``x-amz-request-id`` and ``x-amz-id-2`` of the answer.
        access_key: who has signed it; ``None`` is anonymous.
    """

    request: S3Request
    ids: tuple[str, str]
    access_key: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation under AWS's name for it, for example ``PutObject``."""

    name: str
    answer: Callable[[Call], Answer]


# The subresource is "" without one; "copy" and "uploadId+copy" have ``x-amz-copy-source``.
Operations = Mapping[tuple[Resource, str, str], Operation]


def find_operation(operations: Operations, request: S3Request) -> Operation:
    """Find what a request asks for.

    Raises:
        ServiceError: nothing of this method, or a subresource that is not emulated.
    """
    resource = _resource_of(request)
    subresource = _subresource_of(request)
    found = operations.get((resource, request.method, subresource))
    if found is not None:
        return found
    if any(known[2] == subresource for known in operations if known[0] == resource):
        raise s3_error(
            "MethodNotAllowed",
            members={"Method": request.method, "ResourceType": resource.value},
        )
    named = _REFUSED.get(subresource)
    raise not_implemented(f"?{subresource} ({named})" if named else f"?{subresource}")


def _resource_of(request: S3Request) -> Resource:
    if request.key:
        return Resource.OBJECT
    return Resource.BUCKET if request.bucket else Resource.SERVICE


def _subresource_of(request: S3Request) -> str:
    named = next((name for name, _ in request.query if name in _SUBRESOURCES), "")
    if request.method != "PUT" or "x-amz-copy-source" not in request.headers:
        return named
    return f"{named}+copy" if named else "copy"
