"""Objects in the archive: they cannot be read until they are restored, and then for some days.

A restoration takes its hours on the emulator's clock, which can be moved on.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
Left out: events of restorations, output locations, and the tiers of Intelligent-Tiering.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from emulator.s3.answer import Answer
from emulator.s3.attributes import RESTORATION, STORAGE_CLASS
from emulator.s3.bodies import read_document
from emulator.s3.errors import not_implemented, s3_error
from emulator.s3.numbers import read_whole
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree import ElementTree as ET

    from emulator.application import Pairs
    from emulator.s3.storage.store import ObjectStore
    from emulator.s3.storage.stored import StoredObject

# How long AWS takes at most, by class and tier.
_HOURS = {
    "GLACIER": {"Expedited": 5 / 60, "Standard": 5.0, "Bulk": 12.0},
    "DEEP_ARCHIVE": {"Standard": 12.0, "Bulk": 48.0},
}


class Restorations:
    """The operation that brings objects back from the archive."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        return {(Resource.OBJECT, "POST", "restore"): Operation("RestoreObject", self.restore)}

    def restore(self, call: Call) -> Answer:
        """``RestoreObject``: 202 begins a restoration, 200 gives a restored copy other days."""
        request = call.request
        with self._store.alone(request.bucket, request.key):
            version_id = request.parameter("versionId")
            stored = self._store.find(request.bucket, request.key, version_id, method="POST")
            if stored.headers.get(STORAGE_CLASS) not in _HOURS:
                raise s3_error(
                    "InvalidObjectState",
                    "Restore is not allowed for the object's current storage class",
                    StorageClass=stored.headers.get(STORAGE_CLASS, "STANDARD"),
                )
            days, duration = _read_request(read_document(request), stored.headers[STORAGE_CLASS])
            now = self._store.now()
            ready, expiry = _times(stored.headers) or (now, now)
            if ready > now:
                message = "Object restore is already in progress"
                raise s3_error("RestoreAlreadyInProgress", message, status=409)
            restored = expiry > now
            ready = ready if restored else now + duration
            self._keep(stored, ready, max(ready, now) + timedelta(days=days))
        return Answer(status=200 if restored else 202)

    def _keep(self, stored: StoredObject, ready: datetime, until: datetime) -> None:
        # A restored copy goes at the midnight after its last day.
        expiry = until.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        kept = f"{ready.isoformat()} {expiry.isoformat()}"
        headers = {**stored.headers, RESTORATION: kept}
        self._store.metadata.describe(stored, json.dumps(headers))


def _read_request(document: bytes, storage_class: str) -> tuple[int, timedelta]:
    root = parse(document)
    if root is None or root.tag != "RestoreRequest":
        raise s3_error("MalformedXML")
    for name in ("Type", "SelectParameters", "OutputLocation"):
        if root.find(name) is not None:
            raise not_implemented(f"RestoreRequest.{name}")
    days = root.findtext("Days") or ""
    count = read_whole(days) or 0
    if not 0 < count <= timedelta.max.days // 1000:
        raise s3_error("MalformedXML")
    return count, _duration(root, storage_class)


def _duration(root: ET.Element, storage_class: str) -> timedelta:
    tier = root.findtext("GlacierJobParameters/Tier") or root.findtext("Tier") or "Standard"
    if tier not in _HOURS["GLACIER"]:
        raise s3_error("MalformedXML")
    hours = _HOURS[storage_class].get(tier)
    if hours is None:
        message = "Retrieval option is not supported by this storage class"
        raise s3_error("InvalidArgument", message)
    return timedelta(hours=hours)


def check_not_archived(headers: Mapping[str, str], now: datetime) -> None:
    """Refuse to read what would have to be restored first.

    Raises:
        ServiceError: ``InvalidObjectState``.
    """
    if headers.get(STORAGE_CLASS) not in _HOURS:
        return
    ready, expiry = _times(headers) or (now, now)
    if not ready <= now < expiry:
        raise s3_error("InvalidObjectState", StorageClass=headers[STORAGE_CLASS])


def restoration(headers: Mapping[str, str], now: datetime) -> Pairs:
    """Tell what a read shows of a restoration that goes on, or of the copy that it made."""
    times = _times(headers)
    if times is None or times[1] <= now:
        return ()
    ready, expiry = times
    done = f'ongoing-request="false", expiry-date="{format_datetime(expiry, usegmt=True)}"'
    return (("x-amz-restore", 'ongoing-request="true"' if ready > now else done),)


def _times(headers: Mapping[str, str]) -> tuple[datetime, datetime] | None:
    """Read when an object is restored, and when that ends."""
    kept = headers.get(RESTORATION)
    if kept is None:
        return None
    ready, expiry = map(datetime.fromisoformat, kept.split(" "))
    return ready, expiry
