"""The recorder: what happened to an object, as one event record in the outbox.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
Version 2.1 of the record, 2.3 for tags and access control lists as on AWS; without
``configurationId``: which configuration listens is decided when the record is delivered.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from emulator.arns import bucket_arn
from emulator.outbox import TRACE_ID
from emulator.s3.storage.stored import NULL_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.clock import Clock
    from emulator.outbox import Outbox
    from emulator.s3.storage.stored import StoredObject
    from emulator.tracing.trace import Trace

RECORD_KIND = "s3-event"
_OWNER = "A3NL1KOZZKExample"


class Recorder:
    """Writes event records.

    Args:
        listened: tells whether anybody listens to a bucket; of others there are no records.
    """

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        region: str,
        listened: Callable[[str], bool],
        trace: Trace,
    ) -> None:
        self._listened = listened
        self._outbox = outbox
        self._clock = clock
        self._region = region
        self._trace = trace
        self._latest = 0
        self._counting = threading.Lock()

    def created(self, name: str, stored: StoredObject, request_ids: tuple[str, str]) -> None:
        """Record that an object was created, and how: ``Put``, ``Post``, ``Copy``."""
        detail = {"size": stored.size, "eTag": stored.etag}
        self._record(f"ObjectCreated:{name}", stored, detail, request_ids)

    def removed(self, stored: StoredObject, request_ids: tuple[str, str]) -> None:
        """Record ``ObjectRemoved:Delete``; such a record has neither size nor ETag."""
        self._record("ObjectRemoved:Delete", stored, {}, request_ids)

    def marked(self, marker: StoredObject, request_ids: tuple[str, str]) -> None:
        """Record ``ObjectRemoved:DeleteMarkerCreated``."""
        self._record("ObjectRemoved:DeleteMarkerCreated", marker, {}, request_ids)

    def tagged(self, name: str, stored: StoredObject, request_ids: tuple[str, str]) -> None:
        """Record ``ObjectTagging:Put`` or ``Delete``."""
        self._record(f"ObjectTagging:{name}", stored, {"eTag": stored.etag}, request_ids)

    def acl_put(self, stored: StoredObject, request_ids: tuple[str, str]) -> None:
        """Record ``ObjectAcl:Put``."""
        self._record("ObjectAcl:Put", stored, {"eTag": stored.etag}, request_ids)

    def _sequencer(self) -> str:
        """Count up in nanoseconds of real time, which no moved clock and no restart turns back."""
        with self._counting:
            self._latest = max(self._latest + 1, time.time_ns())
            return f"{self._latest:018X}"

    def _record(
        self,
        event_name: str,
        stored: StoredObject,
        detail: dict[str, Any],
        request_ids: tuple[str, str],
    ) -> None:
        if not self._listened(stored.bucket):
            return
        now = self._clock.now()
        if stored.version_id != NULL_VERSION:
            detail = {**detail, "versionId": stored.version_id}
        version = "2.3"
        if event_name.startswith(("ObjectCreated", "ObjectRemoved")):
            # Ordered for each key, since a key's writes are recorded one after the other.
            version, detail = "2.1", {**detail, "sequencer": self._sequencer()}
        record: dict[str, Any] = {
            "eventVersion": version,
            "eventSource": "aws:s3",
            "awsRegion": self._region,
            "eventTime": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            "eventName": event_name,
            "userIdentity": {"principalId": f"AWS:{_OWNER}"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": request_ids[0], "x-amz-id-2": request_ids[1]},
            "s3": {
                "s3SchemaVersion": "1.0",
                "bucket": {
                    "name": stored.bucket,
                    "ownerIdentity": {"principalId": _OWNER},
                    "arn": bucket_arn(stored.bucket),
                },
                "object": {
                    "key": quote_plus(stored.key, safe="/"),
                    **detail,
                },
            },
        }
        subject = f"{event_name} {stored.bucket}/{stored.key}"
        with self._trace.step("event", subject) as step:
            step.outcome = "queued"
            record[TRACE_ID] = step.trace_id
            self._outbox.put(RECORD_KIND, json.dumps(record).encode())
