"""S3 events on their way to functions, queues, topics and event buses, in a running emulator."""

import json

import pytest
from botocore.exceptions import ClientError
from fakes import eventually
from running import Emulator

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: uploads
      NotificationConfiguration:
        EventBridgeConfiguration: {EventBridgeEnabled: true}
        QueueConfigurations:
          - {Event: "s3:ObjectRemoved:*", Queue: !GetAtt Direct.Arn}
        TopicConfigurations:
          - Event: "s3:ObjectTagging:*"
            Topic: !Ref News
            Filter: {S3Key: {Rules: [{Name: suffix, Value: .txt}]}}
  Own: {Type: AWS::S3::Bucket, Properties: {BucketName: own}}
  Direct: {Type: AWS::SQS::Queue}
  ByTopic: {Type: AWS::SQS::Queue}
  Seen: {Type: AWS::SQS::Queue}
  News:
    Type: AWS::SNS::Topic
    Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt ByTopic.Arn}]}
  Listener:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      InlineCode: |
        import boto3, json, os
        def handler(event, context):
            queue, body = os.environ["SEEN"], json.dumps(event)
            boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
      Environment: {Variables: {SEEN: !Ref Seen}}
      Events:
        Created:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [aws.s3]
              detail-type: [Object Created]
              detail: {bucket: {name: [uploads]}, object: {key: [{prefix: in/}]}}
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    (folder / "template.yaml").write_text(TEMPLATE)
    emulator = Emulator(folder, template=folder / "template.yaml").start()
    yield emulator
    emulator.stop()


def receive(emulator, name):
    """Take the next message of a queue, as JSON."""
    client = emulator.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    message = eventually(lambda: client.receive_message(QueueUrl=url).get("Messages"))[0]
    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])


def test_destinations_of_the_template(emulator):
    """A rule's function, a queue and a topic each get what they asked for, in their own form."""
    s3 = emulator.client("s3")
    s3.put_object(Bucket="uploads", Key="in/é a.txt", Body=b"123")
    event = receive(emulator, "Seen")
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["resources"] == ["arn:aws:s3:::uploads"]
    assert event["detail"]["object"]["key"] == "in/é a.txt"
    assert (event["detail"]["object"]["size"], event["detail"]["reason"]) == (3, "PutObject")
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    s3.put_object_tagging(Bucket="uploads", Key="in/é a.txt", Tagging=tags)
    published = receive(emulator, "ByTopic")
    assert published["Subject"] == "Amazon S3 Notification"
    record = json.loads(published["Message"])["Records"][0]
    assert (record["eventName"], record["eventVersion"]) == ("ObjectTagging:Put", "2.3")
    s3.delete_object(Bucket="uploads", Key="in/é a.txt")
    record = receive(emulator, "Direct")["Records"][0]
    assert (record["eventName"], record["s3"]["object"]["key"]) == (
        "ObjectRemoved:Delete",
        "in/%C3%A9+a.txt",
    )


def test_configuration_by_api(emulator):
    """A queue that is configured by API gets the test event, and then what it asked for."""
    s3, sqs = emulator.client("s3"), emulator.client("sqs")
    sqs.create_queue(QueueName="by-api")
    wanted = {
        "QueueArn": "arn:aws:sqs:us-east-1:123456789012:by-api",
        "Events": ["s3:ObjectCreated:Put"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "x/"}]}},
    }
    s3.put_bucket_notification_configuration(
        Bucket="own", NotificationConfiguration={"QueueConfigurations": [wanted]}
    )
    assert receive(emulator, "by-api")["Event"] == "s3:TestEvent"
    for key in ("y/no", "x/yes"):
        s3.put_object(Bucket="own", Key=key)
    assert receive(emulator, "by-api")["Records"][0]["s3"]["object"]["key"] == "x/yes"
    shown = s3.get_bucket_notification_configuration(Bucket="own")["QueueConfigurations"]
    assert shown[0]["Filter"]["Key"]["FilterRules"] == [{"Name": "Prefix", "Value": "x/"}]
    wanted["QueueArn"] += "-gone"
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        s3.put_bucket_notification_configuration(
            Bucket="own", NotificationConfiguration={"QueueConfigurations": [wanted]}
        )
