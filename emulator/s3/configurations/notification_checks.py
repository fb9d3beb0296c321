"""What S3 refuses in a notification configuration.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from emulator.arns import parse_arn
from emulator.errors import ServiceError
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.application import BucketNotification

_NAMES = {"sns": "topic", "sqs": "queue"}
_SERVICE_OF_KIND = {"CloudFunction": "lambda", "Queue": "sqs", "Topic": "sns"}
_EVENTS = frozenset(
    """
    s3:IntelligentTiering
    s3:LifecycleExpiration:* s3:LifecycleExpiration:Delete
    s3:LifecycleExpiration:DeleteMarkerCreated s3:LifecycleTransition s3:ObjectAcl:Put
    s3:ObjectCreated:* s3:ObjectCreated:CompleteMultipartUpload s3:ObjectCreated:Copy
    s3:ObjectCreated:Post s3:ObjectCreated:Put
    s3:ObjectRemoved:* s3:ObjectRemoved:Delete s3:ObjectRemoved:DeleteMarkerCreated
    s3:ObjectRestore:* s3:ObjectRestore:Completed s3:ObjectRestore:Delete s3:ObjectRestore:Post
    s3:ObjectTagging:* s3:ObjectTagging:Delete s3:ObjectTagging:Put
    s3:ReducedRedundancyLostObject
    s3:Replication:* s3:Replication:OperationFailedReplication
    s3:Replication:OperationMissedThreshold s3:Replication:OperationNotTracked
    s3:Replication:OperationReplicatedAfterThreshold
    """.split()  # noqa: SIM905 -- a list of words reads best as one
)


def wrong(message: str, name: str, value: str) -> Exception:
    """Make the error about an argument."""
    return s3_error("InvalidArgument", message, ArgumentName=name, ArgumentValue=value)


def check_arn(arn: str, kind: str) -> None:
    """Refuse what is no ARN of a destination of its kind.

    Raises:
        ServiceError: ``InvalidArgument``.
    """
    try:
        parsed = parse_arn(arn)
    except ServiceError as error:
        raise wrong("The ARN could not be parsed", kind, arn) from error
    if parsed.service != _SERVICE_OF_KIND[kind]:
        raise wrong("The ARN could not be parsed", kind, arn)
    if arn.endswith(".fifo"):
        raise wrong("FIFO SQS queues and SNS topics are not supported.", kind, arn)


def check_destinations(arns: Iterable[str], check: Callable[[str], None]) -> None:
    """Refuse destinations that are not there, all of them at once.

    Raises:
        ServiceError: ``InvalidArgument``.
    """
    missing = []
    for arn in arns:
        try:
            check(arn)
        except ServiceError:
            missing.append(_missing(arn))
    if missing:
        raise s3_error(
            "InvalidArgument",
            "Unable to validate the following destination configurations",
            members={
                f"Argument{name}{number}": text
                for number, pair in enumerate(missing, 1)
                for name, text in zip(("Name", "Value"), pair, strict=True)
            },
        )


def _missing(arn: str) -> tuple[str, str]:
    """Say what S3 says of a destination that is not there; of a function, that it may not ask."""
    service = parse_arn(arn).service
    if service == "lambda":
        return f"{arn}, null", f"Not authorized to invoke function [{arn}]"
    return arn, f"The destination {_NAMES[service]} does not exist"


def check_events(events: Iterable[str]) -> None:
    """Refuse events that S3 does not have.

    Raises:
        ServiceError: ``MalformedXML`` without events, ``InvalidArgument``.
    """
    listed = tuple(events)
    if not listed:
        raise s3_error("MalformedXML")
    for event in listed:
        if event not in _EVENTS:
            message = "A specified event is not supported for notifications."
            raise wrong(message, "Event", event)


def check_overlaps(notifications: tuple[BucketNotification, ...]) -> None:
    """Refuse two configurations that one event would reach.

    Raises:
        ServiceError: ``InvalidArgument``.
    """
    ids = [notification.configuration_id for notification in notifications]
    for one, other in combinations(notifications, 2):
        if _share_an_event(one, other) and _overlap(one, other):
            raise s3_error(
                "InvalidArgument",
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two"
                " rules if the prefixes are overlapping for the same event type.",
            )
    if len(set(ids)) < len(ids):
        message = "Same ID used for multiple configurations. IDs must be unique"
        raise s3_error("InvalidArgument", message)


def _share_an_event(one: BucketNotification, other: BucketNotification) -> bool:
    return any(_covers(a, b) or _covers(b, a) for a in one.events for b in other.events)


def _covers(event: str, other: str) -> bool:
    return other.startswith(event[:-1]) if event.endswith("*") else event == other


def _overlap(one: BucketNotification, other: BucketNotification) -> bool:
    prefixes = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
    suffixes = one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)
    return prefixes and suffixes
