"""Event records of each write path, and notification configurations, as S3 has them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
Shapes recorded from AWS: LocalStack's ``s3/test_s3_notifications_sqs`` snapshots.
"""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from fakes import FakeClock
from s3_service import S3

from emulator.application import Bucket, BucketNotification
from emulator.errors import ServiceError, StartupError
from emulator.outbox import TRACE_ID

QUEUE = "arn:aws:sqs:us-east-1:123456789012:work"
TOPIC = "arn:aws:sns:us-east-1:123456789012:news"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:Uploaded"


class RecordingDestinations:
    """Knows three destinations, and records what they were sent."""

    def __init__(self):
        self.sent = []

    def check(self, arn):
        if arn not in {QUEUE, TOPIC, FUNCTION}:
            raise ServiceError("NotFound", arn)

    def send_test(self, arn, body):
        self.sent.append((arn, json.loads(body)))


@pytest.fixture
def destinations():
    return RecordingDestinations()


@pytest.fixture
def s3(tmp_path, destinations):
    clock = FakeClock(datetime.now(UTC))
    s3 = S3(
        tmp_path,
        clock,
        Bucket(logical_id="B", name="b", event_bridge=True),
        Bucket(logical_id="V", name="versioned", versioning=True, event_bridge=True),
        Bucket(logical_id="O", name="lists", object_ownership="ObjectWriter", event_bridge=True),
        destinations=destinations,
    )
    yield s3
    s3.stop()


def test_the_record_of_an_upload(s3):
    """Every field of version 2.1; the key is encoded as in a form, its slashes are not."""
    answer = s3("PUT", "/b/dir/a%20b%40%C3%A9.txt", b"something")
    record = s3.events()[0]

    assert record.pop(TRACE_ID).startswith("1-")
    assert re.fullmatch(r"[0-9A-F]{16,}", record["s3"]["object"].pop("sequencer"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("eventTime"))
    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:A3NL1KOZZKExample"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": answer.headers["x-amz-request-id"],
            "x-amz-id-2": answer.headers["x-amz-id-2"],
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {
                "name": "b",
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": "arn:aws:s3:::b",
            },
            "object": {
                "key": "dir/a+b%40%C3%A9.txt",
                "size": 9,
                "eTag": "437b930db84b8079c2dd804a71936b5f",
            },
        },
    }


def happened(s3):
    """Give name, version and members of each event."""
    return [
        (record["eventName"], record["eventVersion"], sorted(record["s3"]["object"]))
        for record in s3.events()
    ]


TAGS = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"


def test_each_write_path_is_one_event(s3):
    """Put, Copy, CompleteMultipartUpload, Delete, tags and lists: one event each, none more."""
    created = ["eTag", "key", "sequencer", "size"]
    s3("PUT", "/lists/a", b"x", {"x-amz-tagging": "a=b", "x-amz-acl": "private"})
    assert happened(s3) == [("ObjectCreated:Put", "2.1", created)]
    s3("PUT", "/lists/c", headers={"x-amz-copy-source": "/lists/a"})
    assert happened(s3) == [("ObjectCreated:Copy", "2.1", created)]
    upload = s3("POST", "/lists/m?uploads").member("UploadId")
    etag = s3("PUT", f"/lists/m?partNumber=1&uploadId={upload}", b"x").headers["ETag"]
    part = f"<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>"
    body = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
    assert s3("POST", f"/lists/m?uploadId={upload}", body).status == 200
    assert happened(s3) == [("ObjectCreated:CompleteMultipartUpload", "2.1", created)]
    s3("PUT", "/lists/a?tagging", TAGS)
    s3("DELETE", "/lists/a?tagging")
    s3("PUT", "/lists/a?acl", headers={"x-amz-acl": "private"})
    assert happened(s3) == [
        ("ObjectTagging:Put", "2.3", ["eTag", "key"]),
        ("ObjectTagging:Delete", "2.3", ["eTag", "key"]),
        ("ObjectAcl:Put", "2.3", ["eTag", "key"]),
    ]
    s3("DELETE", "/lists/a")
    s3("DELETE", "/lists/nothing")
    assert happened(s3) == [("ObjectRemoved:Delete", "2.1", ["key", "sequencer"])]


def test_versions(s3):
    """Where versions are kept, each event tells its own."""
    version = s3("PUT", "/versioned/a", b"x").headers["x-amz-version-id"]
    s3("DELETE", "/versioned/a")
    s3("DELETE", f"/versioned/a?versionId={version}")
    events = s3.events()

    assert [event["eventName"] for event in events] == [
        "ObjectCreated:Put",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRemoved:Delete",
    ]
    assert [event["s3"]["object"]["versionId"] for event in events][::2] == [version, version]


def test_sequencers(s3, tmp_path):
    """A later event of a key has a greater sequencer, whatever happens to clock and process."""
    for hours in (0, 5, -20):
        s3.clock.advance(timedelta(hours=hours))
        s3("PUT", "/b/a", b"x", {"x-amz-date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")})
    s3.stop()
    again = S3(tmp_path, s3.clock, Bucket(logical_id="B", name="b", event_bridge=True))
    again("PUT", "/b/a", b"x")
    sequencers = [event["s3"]["object"]["sequencer"] for event in again.events()]
    again.stop()

    assert sequencers == sorted(set(sequencers))
    assert len({len(sequencer) for sequencer in sequencers}) == 1


def configuration(kind="Queue", arn=QUEUE, event="s3:ObjectCreated:*", *, more="", name=""):
    """Write a configuration of one destination."""
    outer = "CloudFunctionConfiguration" if kind == "CloudFunction" else f"{kind}Configuration"
    identifier = f"<Id>{name}</Id>" if name else ""
    return f"<{outer}>{identifier}<{kind}>{arn}</{kind}><Event>{event}</Event>{more}</{outer}>"


def put(s3, *configurations, **headers):
    """Put a notification configuration."""
    inner = "".join(configurations)
    body = f"<NotificationConfiguration>{inner}</NotificationConfiguration>".encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return s3("PUT", "/b?notification", body, sent)


def filtered(**rules):
    """Write a filter."""
    inner = "".join(
        f"<FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule>"
        for name, value in rules.items()
    )
    return f"<Filter><S3Key>{inner}</S3Key></Filter>"


def test_configurations_by_api(s3, destinations):
    """What is put is shown, filters capitalised, and queues and topics get a test event."""
    s3("PUT", "/new-bucket")
    assert s3("GET", "/new-bucket?notification").text.endswith(
        '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        "</NotificationConfiguration>"
    )
    answer = put(
        s3,
        configuration(name="queue", more=filtered(prefix="in/", suffix=".txt")),
        configuration("Topic", TOPIC, "s3:ObjectRemoved:*", name="topic"),
        configuration("CloudFunction", FUNCTION, "s3:ObjectTagging:Put"),
        "<EventBridgeConfiguration/>",
    )
    assert answer.status == 200, answer.text
    text = s3("GET", "/b?notification").text
    assert (
        "<QueueConfiguration><Id>queue</Id><Queue>"
        f"{QUEUE}</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key>"
        "<FilterRule><Name>Prefix</Name><Value>in/</Value></FilterRule>"
        "<FilterRule><Name>Suffix</Name><Value>.txt</Value></FilterRule>"
        "</S3Key></Filter></QueueConfiguration>"
    ) in text
    assert re.search(r"<CloudFunctionConfiguration><Id>[0-9a-f-]{36}</Id>", text)
    assert text.endswith(
        "<EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>"
    )
    assert [arn for arn, _ in destinations.sent] == [QUEUE, TOPIC, FUNCTION]
    event = destinations.sent[0][1]
    assert (event["Service"], event["Event"], event["Bucket"]) == (
        "Amazon S3",
        "s3:TestEvent",
        "b",
    )
    assert sorted(event) == ["Bucket", "Event", "HostId", "RequestId", "Service", "Time"]
    assert put(s3).status == 200
    assert "Queue" not in s3("GET", "/b?notification").text


UNABLE = "Unable to validate the following destination configurations"


@pytest.mark.parametrize(
    ("configurations", "code", "message"),
    [
        ([configuration(arn="nonsense")], "InvalidArgument", "The ARN could not be parsed"),
        ([configuration(arn=FUNCTION)], "InvalidArgument", "The ARN could not be parsed"),
        ([configuration(arn=f"{QUEUE}2")], "InvalidArgument", UNABLE),
        ([configuration("CloudFunction", f"{FUNCTION}2")], "InvalidArgument", UNABLE),
        (
            [configuration(event="s3:ObjectEaten:*")],
            "InvalidArgument",
            "A specified event is not supported for notifications.",
        ),
        (
            [configuration(more=filtered(middle="x"))],
            "InvalidArgument",
            "filter rule name must be either prefix or suffix",
        ),
        (
            [configuration(more=filtered(prefix="a", Prefix="b"))],
            "InvalidArgument",
            "Cannot specify more than one prefix rule in a filter.",
        ),
        (
            [configuration(), configuration("Topic", TOPIC, "s3:ObjectCreated:Put")],
            "InvalidArgument",
            (
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two"
                " rules if the prefixes are overlapping for the same event type."
            ),
        ),
        (["<QueueConfiguration><Queue>x</Queue>"], "MalformedXML", None),
    ],
)
def test_refused_configurations(s3, configurations, code, message):
    """What S3 would not take is refused in its words, and nothing changes."""
    answer = put(s3, *configurations)

    assert (answer.status, answer.code) == (400, code)
    assert message in {None, answer.message}
    assert "<Event>" not in s3("GET", "/b?notification").text


def test_validation_can_be_skipped(s3):
    """Destinations that are not there yet are taken when the client says so."""
    skip = {"x_amz_skip_destination_validation": "true"}

    assert put(s3, configuration(arn=f"{QUEUE}2"), **skip).status == 200


def test_template_and_overlaps(tmp_path):
    """The template's destinations are those of the bucket; ambiguous ones stop the start."""
    wanted = BucketNotification(
        configuration_id="a", events=("s3:ObjectCreated:*",), target_arn=QUEUE
    )
    bucket = Bucket(logical_id="B", name="b", notifications=(wanted,), event_bridge=True)
    s3 = S3(tmp_path, FakeClock(datetime.now(UTC)), bucket)
    found = s3.service.listeners("b")
    s3.stop()

    assert (found.notifications, found.event_bridge) == ((wanted,), True)
    twice = Bucket(logical_id="B", name="b", notifications=(wanted, wanted))
    with pytest.raises(StartupError, match="ambiguously defined"):
        S3(tmp_path, FakeClock(), twice)


@pytest.mark.parametrize("rule", ["", "<Name>prefix</Name>", "<Value>in/</Value>"])
def test_filter_rules_that_are_not_whole(s3, rule):
    """Name and value are both needed."""
    filtering = f"<Filter><S3Key><FilterRule>{rule}</FilterRule></S3Key></Filter>"
    answer = put(s3, configuration(more=filtering))

    assert answer.status == 400
    assert "<Code>MalformedXML</Code>" in answer.text


def test_every_missing_destination_is_named(s3):
    """Recorded on AWS: numbered; a function is one that S3 may not invoke."""
    one, two = f"{QUEUE}-1", f"{QUEUE}-2"
    queues = put(s3, configuration(arn=one), configuration(arn=two, event="s3:ObjectRemoved:*"))
    function = put(s3, configuration("CloudFunction", f"{FUNCTION}2"))

    gone = "The destination queue does not exist"
    assert (
        f"<ArgumentName1>{one}</ArgumentName1><ArgumentValue1>{gone}</ArgumentValue1>"
        f"<ArgumentName2>{two}</ArgumentName2><ArgumentValue2>{gone}</ArgumentValue2>"
    ) in queues.text
    assert (
        f"<ArgumentName1>{FUNCTION}2, null</ArgumentName1>"
        f"<ArgumentValue1>Not authorized to invoke function [{FUNCTION}2]</ArgumentValue1>"
    ) in function.text
