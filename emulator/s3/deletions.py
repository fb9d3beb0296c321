"""DeleteObjects: up to a thousand keys or versions in one request.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from emulator.errors import ServiceError
from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.errors import s3_error
from emulator.s3.object_lock import bypasses_governance
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.pages import LARGEST_PAGE
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree import ElementTree as ET

    from emulator.s3.access.decision import Access
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.versions import Deletion


class Deletions:
    """The operation that deletes many objects at once."""

    def __init__(self, store: ObjectStore, access: Access) -> None:
        self._store = store
        self._access = access

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        return {(Resource.BUCKET, "POST", "delete"): Operation("DeleteObjects", self.delete)}

    def delete(self, call: Call) -> Answer:
        """``DeleteObjects``: what is not there counts as deleted."""
        self._access.check_expected_owner(call)
        _require_digest(call.request.headers)
        root = parse(read_document(call.request))
        nodes = root.findall("Object") if root is not None and root.tag == "Delete" else []
        if root is None or not 1 <= len(nodes) <= LARGEST_PAGE:
            raise s3_error("MalformedXML")
        if not all(node.findtext("Key") for node in nodes):
            raise s3_error("MalformedXML")
        quiet = root.findtext("Quiet") == "true"
        answers = [self._delete_one(call, node, quiet=quiet) for node in nodes]
        return xml(result("DeleteResult", *answers))

    def _delete_one(self, call: Call, node: ET.Element, *, quiet: bool) -> bytes:
        key, version_id = node.findtext("Key") or "", node.findtext("VersionId")
        named = element("Key", key)
        version = (element("VersionId", version_id),) if version_id else ()
        try:
            self._access.check(_call_for(call, key, version_id), "DeleteObject")
            deletion = self._store.delete(
                call.request.bucket,
                key,
                ids=call.ids,
                version_id=version_id,
                etag=node.findtext("ETag"),
                bypass=bypasses_governance(call.request),
            )
        except ServiceError as error:
            if version_id and error.code == "InvalidArgument":
                error = s3_error("NoSuchVersion")  # here S3 makes no difference
            reason = (element("Code", error.code), element("Message", error.message))
            return element("Error", named, *version, *reason)
        if quiet:
            return b""
        return element("Deleted", named, *version, *_marker(deletion))


def _call_for(call: Call, key: str, version_id: str | None) -> Call:
    """Give the call that would delete one key, which is what the sender must be allowed to."""
    parameters = {"versionId": version_id} if version_id else {}
    return replace(call, request=replace(call.request, key=key, parameters=parameters))


def _marker(deletion: Deletion) -> tuple[bytes, ...]:
    if not deletion.delete_marker:
        return ()
    return (
        element("DeleteMarker", "true"),
        element("DeleteMarkerVersionId", deletion.version_id or ""),
    )


def _require_digest(headers: Mapping[str, str]) -> None:
    checked = "content-md5" in headers or "x-amz-trailer" in headers
    if not checked and not any(name.startswith("x-amz-checksum-") for name in headers):
        raise s3_error("InvalidRequest", "Missing required header for this request: Content-MD5")
