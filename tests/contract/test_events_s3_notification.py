"""The payload of an S3 event notification, as S3 sends it to a function."""

import json

from fakes import FakeClock, RecordingInvoker

from emulator.application import Bucket, BucketNotification
from emulator.events import deliver_object_event
from emulator.events.targets import Targets
from emulator.tracing.trace import Trace

RECORD = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "awsRegion": "us-east-1",
    "eventTime": "1970-01-01T00:00:00.000Z",
    "eventName": "ObjectCreated:Put",
    "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
    "requestParameters": {"sourceIPAddress": "127.0.0.1"},
    "responseElements": {
        "x-amz-request-id": "C3D13FE58DE4C810",
        "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
    },
    "s3": {
        "s3SchemaVersion": "1.0",
        "bucket": {
            "name": "amzn-s3-demo-bucket",
            "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
            "arn": "arn:aws:s3:::amzn-s3-demo-bucket",
        },
        "object": {
            "key": "HappyFace.jpg",
            "size": 1024,
            "eTag": "d41d8cd98f00b204e9800998ecf8427e",
            "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
            "sequencer": "0055AED6DCD90281E5",
        },
    },
}


def test_the_event_of_an_upload():
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html"""  # noqa: D415 -- the source
    invoker = RecordingInvoker()
    notification = BucketNotification(
        configuration_id="testConfigRule",
        events=("s3:ObjectCreated:*",),
        target_arn="arn:aws:lambda:us-east-1:123456789012:function:Uploaded",
    )
    bucket = Bucket(logical_id="Bucket", name="amzn-s3-demo-bucket", notifications=(notification,))
    trace = Trace(FakeClock())
    targets = Targets(invoker, None, trace)
    deliver_object_event(lambda _: bucket, targets, None, trace)(json.dumps(RECORD).encode())
    expected = {
        "Records": [{**RECORD, "s3": {**RECORD["s3"], "configurationId": "testConfigRule"}}]
    }

    assert [json.loads(invocation.payload) for invocation in invoker.invocations] == [expected]
