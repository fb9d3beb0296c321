"""S3 event notifications: from one event record to the functions that asked for it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
Destinations other than functions are left out.
"""

from __future__ import annotations

import json
import logging
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from emulator.errors import ServiceError
from emulator.invocation import Invocation, Invoker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.application import Bucket, BucketNotification

_log = logging.getLogger(__name__)


def deliver_object_event(
    buckets: Iterable[Bucket],
    invoker: Invoker,
    *,
    new_request_id: Callable[[], str] = lambda: str(uuid.uuid4()),
) -> Callable[[bytes], None]:
    """Make the handler of ``s3-event`` records: it invokes every function that is configured."""
    notifications = {bucket.name: bucket.notifications for bucket in buckets}

    def deliver(content: bytes) -> None:
        record = json.loads(content)
        for notification in notifications.get(record["s3"]["bucket"]["name"], ()):
            if matches(notification, record):
                _invoke(invoker, notification, to_event(notification, record), new_request_id())

    return deliver


def matches(notification: BucketNotification, record: dict[str, Any]) -> bool:
    """Tell whether a configuration asks for an event, by its type and the object's key."""
    event_name = f"s3:{record['eventName']}"
    key = unquote_plus(record["s3"]["object"]["key"])
    return (
        any(_covers(event, event_name) for event in notification.events)
        and key.startswith(notification.prefix)
        and key.endswith(notification.suffix)
    )


def to_event(notification: BucketNotification, record: dict[str, Any]) -> bytes:
    """Write the event that a function gets; one record each, as S3 sends them."""
    configured = {
        "s3SchemaVersion": record["s3"]["s3SchemaVersion"],
        "configurationId": notification.configuration_id,
        **record["s3"],
    }
    document = {"Records": [{**record, "s3": configured}]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _covers(event: str, event_name: str) -> bool:
    return event_name.startswith(event[:-1]) if event.endswith("*") else event_name == event


def _invoke(
    invoker: Invoker, notification: BucketNotification, payload: bytes, request_id: str
) -> None:
    invocation = Invocation(
        function_name=notification.function_name,
        payload=payload,
        request_id=request_id,
        source="s3",
    )
    try:
        invoker.invoke_async(invocation)
    except ServiceError as error:
        # The template changed between the upload and now; S3 drops such events as well.
        if error.code != "ResourceNotFoundException":
            raise
        _log.warning("An S3 event has no function to go to: %s", error)
