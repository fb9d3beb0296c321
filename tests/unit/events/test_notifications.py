"""Which functions hear of an object, and what they hear."""

import itertools
import json

import pytest
from fakes import RecordingInvoker

from emulator.application import Bucket, BucketNotification
from emulator.errors import ServiceError
from emulator.events import deliver_object_event
from emulator.events.notifications import matches
from emulator.invocation import Invocation


def record(event_name="ObjectCreated:Put", key="report.pdf", bucket="uploads"):
    return {
        "eventVersion": "2.1",
        "eventName": event_name,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket}, "object": {"key": key}},
    }


def notification(**members):
    defaults = {
        "configuration_id": "on-upload",
        "events": ("s3:ObjectCreated:*",),
        "function_name": "Uploaded",
    }
    return BucketNotification(**{**defaults, **members})


def bucket(*notifications):
    return Bucket(logical_id="Uploads", name="uploads", notifications=notifications)


def deliverer(invoker, *notifications):
    ids = (f"request-{number}" for number in itertools.count(1))
    return deliver_object_event((bucket(*notifications),), invoker, new_request_id=ids.__next__)


@pytest.mark.parametrize(
    ("event", "event_name", "expected"),
    [
        ("s3:ObjectCreated:*", "ObjectCreated:Put", True),
        ("s3:ObjectCreated:*", "ObjectCreated:CompleteMultipartUpload", True),
        ("s3:ObjectCreated:Put", "ObjectCreated:Put", True),
        ("s3:ObjectCreated:Put", "ObjectCreated:Post", False),
        ("s3:ObjectCreated:*", "ObjectRemoved:Delete", False),
        ("s3:ObjectRemoved:*", "ObjectRemoved:Delete", True),
    ],
)
def test_events_match_by_name_or_wildcard(event, event_name, expected):
    """A configuration asks for one type of event, or for a family."""
    assert matches(notification(events=(event,)), record(event_name)) is expected


def test_one_matching_event_of_several_is_enough():
    """A configuration may list several types."""
    events = ("s3:ObjectRemoved:*", "s3:ObjectCreated:Post")

    assert matches(notification(events=events), record("ObjectCreated:Post"))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("in+box/caf%C3%A9.pdf", True),
        ("in%20box/a.pdf", True),
        ("in+box/caf%C3%A9.PDF", False),
        ("inbox/a.pdf", False),
    ],
)
def test_prefix_and_suffix_hold_of_the_decoded_key(key, expected):
    """Filters are written as the key is, while the record has it encoded."""
    assert matches(notification(prefix="in box/", suffix=".pdf"), record(key=key)) is expected


def test_each_matching_configuration_is_one_invocation():
    """Every function that asked is invoked, with its configuration's ID and a request ID."""
    invoker = RecordingInvoker()
    deliver = deliverer(
        invoker,
        notification(),
        notification(configuration_id="other", function_name="Scan"),
        notification(configuration_id="never", suffix=".png"),
    )
    deliver(json.dumps(record()).encode())

    assert [
        (
            invocation.function_name,
            json.loads(invocation.payload)["Records"][0]["s3"]["configurationId"],
            invocation.request_id,
        )
        for invocation in invoker.invocations
    ] == [("Uploaded", "on-upload", "request-1"), ("Scan", "other", "request-2")]


def test_the_record_is_passed_on_whole():
    """The function gets the record in a list, with the configuration's ID beside the bucket."""
    invoker = RecordingInvoker()
    deliverer(invoker, notification())(json.dumps(record(key="é.pdf")).encode())

    assert invoker.invocations == [
        Invocation(
            function_name="Uploaded",
            payload=(
                '{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put",'
                '"s3":{"s3SchemaVersion":"1.0","configurationId":"on-upload",'
                '"bucket":{"name":"uploads"},"object":{"key":"é.pdf"}}}]}'
            ).encode(),
            request_id="request-1",
            source="s3",
        )
    ]


def test_a_bucket_that_nobody_listens_to_is_no_mistake():
    """The record counts as delivered."""
    invoker = RecordingInvoker()
    deliverer(invoker, notification())(json.dumps(record(bucket="elsewhere")).encode())

    assert invoker.invocations == []


def test_a_function_that_is_gone_does_not_keep_the_record(caplog):
    """The template changed meanwhile: the event is dropped, with a warning."""
    invoker = RecordingInvoker(unknown=["Uploaded"])
    deliverer(invoker, notification())(json.dumps(record()).encode())

    assert caplog.messages == ["An S3 event has no function to go to: Function not found: Uploaded"]


def test_a_refusal_for_another_reason_keeps_the_record():
    """The pump tries again."""

    class FullInvoker(RecordingInvoker):
        def invoke_async(self, invocation):
            raise ServiceError("ServiceException", invocation.source, status=500)

    deliver = deliverer(FullInvoker(), notification())

    with pytest.raises(ServiceError, match="s3"):
        deliver(json.dumps(record()).encode())


def test_request_ids_are_uuids_unless_given():
    """Two deliveries differ in their request IDs."""
    invoker = RecordingInvoker()
    deliver = deliver_object_event((bucket(notification()),), invoker)
    for _ in range(2):
        deliver(json.dumps(record()).encode())
    first, second = invoker.invocations

    assert (len(first.request_id), first.request_id != second.request_id) == (36, True)
