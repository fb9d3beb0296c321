"""Which functions hear of an object, and what they hear."""

import itertools
import json
from dataclasses import replace

import pytest
from fakes import FakeClock, RecordingInvoker

from emulator.application import Bucket, BucketNotification
from emulator.errors import ServiceError
from emulator.events import deliver_object_event
from emulator.events.notifications import matches
from emulator.events.targets import Targets
from emulator.invocation import Invocation
from emulator.tracing.trace import Trace


def record(event_name="ObjectCreated:Put", key="report.pdf", bucket="uploads"):
    return {
        "eventVersion": "2.1",
        "eventName": event_name,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket}, "object": {"key": key}},
    }


def arn(function_name):
    return f"arn:aws:lambda:us-east-1:123456789012:function:{function_name}"


def notification(**members):
    defaults = {
        "configuration_id": "on-upload",
        "events": ("s3:ObjectCreated:*",),
        "target_arn": arn("Uploaded"),
    }
    return BucketNotification(**{**defaults, **members})


class RecordingEventBridge:
    """Records what is published."""

    account_id = "123456789012"

    def __init__(self):
        self.published = []

    def publish(self, *event):
        self.published.append(event)


def deliverer(invoker, *notifications, event_bridge=None):
    ids = (f"request-{number}" for number in itertools.count(1))
    nobody = Bucket(logical_id="Other", name="other")
    listeners = {
        "uploads": replace(
            nobody, notifications=notifications, event_bridge=event_bridge is not None
        )
    }
    trace = Trace(FakeClock())
    return deliver_object_event(
        lambda name: listeners.get(name, nobody),
        Targets(invoker, None, trace, new_request_id=ids.__next__),
        event_bridge or RecordingEventBridge(),
        trace,
    )


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
        notification(configuration_id="other", target_arn=arn("Scan")),
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

    expected = f"An S3 event cannot go to {arn('Uploaded')}: Function not found: Uploaded"
    assert caplog.messages == [expected]


def test_a_refusal_for_another_reason_keeps_the_record():
    """The pump tries again."""

    class FullInvoker(RecordingInvoker):
        def invoke_async(self, invocation):
            raise ServiceError("ServiceException", invocation.source, status=500)

    deliver = deliverer(FullInvoker(), notification())

    with pytest.raises(ServiceError, match="s3"):
        deliver(json.dumps(record()).encode())


def test_the_event_bus_gets_every_event():
    """EventBridge has names, reasons and unencoded keys of its own."""
    event_bridge = RecordingEventBridge()
    deliver = deliverer(RecordingInvoker(), event_bridge=event_bridge)
    deliver(json.dumps(whole_record("ObjectCreated:Put", size=9, eTag="e", sequencer="1")).encode())
    deliver(json.dumps(whole_record("ObjectRemoved:DeleteMarkerCreated", versionId="v")).encode())
    deliver(json.dumps(whole_record("ObjectTagging:Delete", eTag="e")).encode())
    common = {
        "version": "0",
        "bucket": {"name": "uploads"},
        "request-id": "REQUEST",
        "requester": "123456789012",
        "source-ip-address": "127.0.0.1",
    }
    key = {"key": "in box/é.txt"}
    created = {
        **common,
        "object": {**key, "size": 9, "etag": "e", "sequencer": "1"},
        "reason": "PutObject",
    }
    deleted = {
        **common,
        "object": {**key, "version-id": "v"},
        "reason": "DeleteObject",
        "deletion-type": "Delete Marker Created",
    }
    resources = ["arn:aws:s3:::uploads"]

    assert event_bridge.published == [
        ("aws.s3", "Object Created", resources, created),
        ("aws.s3", "Object Deleted", resources, deleted),
        ("aws.s3", "Object Tags Deleted", resources, {**common, "object": {**key, "etag": "e"}}),
    ]


def whole_record(event_name, **described):
    """Make a record with what EventBridge takes of it."""
    return {
        "eventName": event_name,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "REQUEST"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": "uploads", "arn": "arn:aws:s3:::uploads"},
            "object": {"key": "in+box/%C3%A9.txt", **described},
        },
    }
