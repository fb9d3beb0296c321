"""S3 event notifications: from one event record to everybody who asked for it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_plus

from emulator.errors import ServiceError
from emulator.events.object_events import to_detail
from emulator.message import Message
from emulator.outbox import TRACE_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.application import BucketNotification
    from emulator.events.event_bus import EventBridge
    from emulator.events.targets import Targets
    from emulator.tracing.trace import Trace

_log = logging.getLogger(__name__)
_OUR_FAULT = 500
_SUBJECT = "Amazon S3 Notification"


class Listeners(Protocol):
    """Who hears of what happens in a bucket."""

    @property
    def notifications(self) -> tuple[BucketNotification, ...]:
        """Functions, queues and topics."""

    @property
    def event_bridge(self) -> bool:
        """Tell whether the default event bus gets every event."""


def deliver_object_event(
    listeners: Callable[[str], Listeners],
    targets: Targets,
    event_bridge: EventBridge,
    trace: Trace,
) -> Callable[[bytes], None]:
    """Make the handler of ``s3-event`` records: it sends them to all that is configured.

    Args:
        listeners: tells who hears of a bucket.
        targets: the functions, queues and topics.
        event_bridge: the event buses.
        trace: whose current trace becomes that of the request that the record names.
    """

    def deliver(content: bytes) -> None:
        record = json.loads(content)
        with trace.following(record.pop(TRACE_ID, None)):
            hand_out(record)

    def hand_out(record: dict[str, Any]) -> None:
        configured = listeners(record["s3"]["bucket"]["name"])
        for notification in configured.notifications:
            if matches(notification, record):
                _send(targets, notification, to_event(notification, record))
        if configured.event_bridge:
            bucket = record["s3"]["bucket"]["arn"]
            detail_type, detail = to_detail(record, event_bridge.account_id)
            event_bridge.publish("aws.s3", detail_type, [bucket], detail)

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
    """Write the event that a destination gets; one record each, as S3 sends them."""
    configured = {
        "s3SchemaVersion": record["s3"]["s3SchemaVersion"],
        "configurationId": notification.configuration_id,
        **record["s3"],
    }
    document = {"Records": [{**record, "s3": configured}]}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _covers(event: str, event_name: str) -> bool:
    return event_name.startswith(event[:-1]) if event.endswith("*") else event_name == event


def _send(targets: Targets, notification: BucketNotification, payload: bytes) -> None:
    try:
        targets.send(notification.target_arn, Message(body=payload, source="s3", subject=_SUBJECT))
    except ServiceError as error:
        if error.status >= _OUR_FAULT:
            raise  # the pump tries again
        # It went away between the configuration and now; S3 drops such events as well.
        _log.warning("An S3 event cannot go to %s: %s", notification.target_arn, error)
