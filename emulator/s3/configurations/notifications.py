"""The notification configuration of a bucket: read, checked, kept, shown.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from emulator.application import BucketNotification
from emulator.s3.answer import Answer, xml
from emulator.s3.bodies import read_document
from emulator.s3.configurations.notification_checks import (
    check_arn,
    check_destinations,
    check_events,
    check_overlaps,
    wrong,
)
from emulator.s3.errors import s3_error
from emulator.s3.operations import Call, Operation, Operations, Resource
from emulator.s3.xml import element, parse, result, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree import ElementTree as ET

    from emulator.clock import Clock
    from emulator.s3.storage.metadata import Metadata

NOTIFICATION = "notification"
_KINDS = {
    "TopicConfiguration": "Topic",
    "QueueConfiguration": "Queue",
    "CloudFunctionConfiguration": "CloudFunction",
}
_EVENT_BRIDGE = "EventBridgeConfiguration"


class Destinations(Protocol):
    """Functions, queues and topics, by their ARNs."""

    def check(self, arn: str) -> None:
        """Raise a ``ServiceError`` if nothing of this ARN is there."""

    def send_test(self, arn: str, body: bytes) -> None:
        """Send the message by which S3 tries a destination."""


class NoDestinations:
    """Takes everything, and sends nothing."""

    def check(self, arn: str) -> None:
        """Take it."""

    def send_test(self, arn: str, body: bytes) -> None:
        """Send nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationConfiguration:
    """Who hears of what happens in a bucket."""

    notifications: tuple[BucketNotification, ...] = ()
    event_bridge: bool = False


class NotificationConfigurations:
    """The operations on notification configurations, and that of each bucket."""

    def __init__(self, metadata: Metadata, clock: Clock, destinations: Destinations) -> None:
        self._metadata = metadata
        self._clock = clock
        self._destinations = destinations

    def operations(self) -> Operations:
        """Give the family's part of the table."""
        bucket = Resource.BUCKET
        return {
            (bucket, "GET", NOTIFICATION): Operation(
                "GetBucketNotificationConfiguration", self.get
            ),
            (bucket, "PUT", NOTIFICATION): Operation(
                "PutBucketNotificationConfiguration", self.put
            ),
        }

    def of_bucket(self, bucket: str) -> NotificationConfiguration:
        """Tell who hears of what happens in a bucket."""
        document = self._metadata.configuration(bucket, NOTIFICATION)
        return _read(document) if document else NotificationConfiguration()

    def get(self, call: Call) -> Answer:
        """``GetBucketNotificationConfiguration``."""
        found = self.of_bucket(call.request.bucket)
        elements = [_element(notification) for notification in found.notifications]
        elements += [element(_EVENT_BRIDGE)] if found.event_bridge else []
        return xml(result("NotificationConfiguration", *elements))

    def put(self, call: Call) -> Answer:
        """``PutBucketNotificationConfiguration``: destinations are tried, as S3 does."""
        root = parse(read_document(call.request))
        if root is None or root.tag != "NotificationConfiguration":
            raise s3_error("MalformedXML")
        wanted = NotificationConfiguration(
            notifications=tuple(_notification(node) for node in root if node.tag in _KINDS),
            event_bridge=root.find(_EVENT_BRIDGE) is not None,
        )
        check_overlaps(wanted.notifications)
        skipped = call.request.headers.get("x-amz-skip-destination-validation", "").lower()
        if skipped != "true":
            self._try(wanted, call)
        self._metadata.configure(call.request.bucket, NOTIFICATION, write_notifications(wanted))
        return Answer()

    def _try(self, wanted: NotificationConfiguration, call: Call) -> None:
        arns = dict.fromkeys(notification.target_arn for notification in wanted.notifications)
        check_destinations(arns, self._destinations.check)
        for arn in arns:
            self._destinations.send_test(arn, self._test_event(call))

    def _test_event(self, call: Call) -> bytes:
        return json.dumps(
            {
                "Service": "Amazon S3",
                "Event": "s3:TestEvent",
                "Time": timestamp(self._clock.now()),
                "Bucket": call.request.bucket,
                "RequestId": call.ids[0],
                "HostId": call.ids[1],
            }
        ).encode()


def write_notifications(configuration: NotificationConfiguration) -> str | None:
    """Write a configuration as it is kept; ``None`` for an empty one."""
    if configuration == NotificationConfiguration():
        return None
    return json.dumps(asdict(configuration))


@lru_cache(maxsize=256)
def _read(document: str) -> NotificationConfiguration:
    fields = json.loads(document)
    return NotificationConfiguration(
        notifications=tuple(
            BucketNotification(**{**notification, "events": tuple(notification["events"])})
            for notification in fields["notifications"]
        ),
        event_bridge=fields["event_bridge"],
    )


def _notification(node: ET.Element) -> BucketNotification:
    kind = _KINDS[node.tag]
    arn = node.findtext(kind) or ""
    events = tuple(child.text or "" for child in node.findall("Event"))
    check_arn(arn, kind)
    check_events(events)
    rules = _filter_rules(node)
    return BucketNotification(
        configuration_id=node.findtext("Id") or str(uuid.uuid4()),
        events=events,
        target_arn=arn,
        prefix=rules.get("prefix", ""),
        suffix=rules.get("suffix", ""),
    )


def _filter_rules(node: ET.Element) -> dict[str, str]:
    rules: dict[str, str] = {}
    for rule in node.findall("Filter/S3Key/FilterRule"):
        if rule.find("Name") is None or rule.find("Value") is None:
            raise s3_error("MalformedXML")
        name = (rule.findtext("Name") or "").lower()
        if name not in {"prefix", "suffix"}:
            raise wrong(
                "filter rule name must be either prefix or suffix",
                "FilterRule.Name",
                rule.findtext("Name") or "",
            )
        if name in rules:
            raise wrong(
                f"Cannot specify more than one {name} rule in a filter.",
                "FilterRule",
                rule.findtext("Value") or "",
            )
        rules[name] = rule.findtext("Value") or ""
    return rules


def _element(notification: BucketNotification) -> bytes:
    service = notification.target_arn.split(":")[2]
    kind = {"sns": "Topic", "sqs": "Queue"}.get(service, "CloudFunction")
    name = next(name for name, member in _KINDS.items() if member == kind)
    return element(
        name,
        element("Id", notification.configuration_id),
        element(kind, notification.target_arn),
        *(element("Event", event) for event in notification.events),
        *_filter(notification),
    )


def _filter(notification: BucketNotification) -> Iterable[bytes]:
    rules = [
        element("FilterRule", element("Name", name), element("Value", value))
        for name, value in (("Prefix", notification.prefix), ("Suffix", notification.suffix))
        if value
    ]
    return [element("Filter", element("S3Key", *rules))] if rules else []
