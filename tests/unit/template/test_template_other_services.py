"""Queues, topics, rules, parameters, secrets and what concerns access to buckets, as resources.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

import json

from unit.template.template_folder import FUNCTION, SAM

from emulator.other_services import (
    EventRule,
    Queue,
    Secret,
    SsmParameter,
    Subscription,
    Topic,
)

TEMPLATE = (
    SAM
    + "Resources:\n"
    + FUNCTION
    + """\
      Events:
        News: {Type: SNS, Properties: {Topic: !Ref News, FilterPolicy: {kind: [a]}}}
  Ordered:
    Type: AWS::SQS::Queue
    Properties: {FifoQueue: true, DelaySeconds: "5", RedrivePolicy: {maxReceiveCount: 2}}
  News: {Type: AWS::SNS::Topic, Properties: {DisplayName: News}}
  Mail:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref News, Protocol: email, Endpoint: a@example.com}
  Level: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: "a:b"}}
  Password:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {PasswordLength: 9, GenerateStringKey: p}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      State: DISABLED
      EventPattern: {source: [aws.s3]}
      Targets:
        - {Id: a, Arn: !GetAtt Ordered.Arn, SqsParameters: {MessageGroupId: g}}
        - {Id: b, Arn: "arn:aws:states:eu-west-1:123456789012:stateMachine:x"}
  Open:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: open
      AccessControl: PublicRead
      OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
      NotificationConfiguration:
        QueueConfigurations: [{Event: "s3:ObjectCreated:*", Queue: !GetAtt Ordered.Arn}]
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties: {Bucket: !Ref Open, PolicyDocument: {Statement: [{Effect: Deny}]}}
Outputs:
  Value: {Value: !GetAtt Level.Value}
"""
)
QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:Ordered.fifo"
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:News"


def test_other_services(folder):
    """Each resource is what its API takes, with the names that Ref and GetAtt give."""
    application = folder.load(TEMPLATE)
    services = application.other_services

    assert services.queues == (
        Queue(
            name="Ordered.fifo",
            attributes=(
                ("DelaySeconds", "5"),
                ("FifoQueue", "true"),
                ("RedrivePolicy", '{"maxReceiveCount": 2}'),
            ),
        ),
    )
    assert services.topics == (Topic(name="News", attributes=(("DisplayName", "News"),)),)
    assert services.subscriptions == (
        Subscription(
            topic_arn=TOPIC_ARN,
            protocol="lambda",
            endpoint=f"arn:aws:lambda:eu-west-1:123456789012:function:{_function(application)}",
            attributes=(("FilterPolicy", '{"kind": ["a"]}'),),
        ),
    )
    assert services.parameters == (SsmParameter(name="Level", type="String", value="a:b"),)
    assert services.secrets == (Secret(name="Password", generate='{"PasswordLength": 9}', key="p"),)
    target = {"Arn": QUEUE_ARN, "Id": "a", "SqsParameters": {"MessageGroupId": "g"}}
    assert services.event_rules == (
        EventRule(
            name="Rule",
            event_bus="default",
            pattern='{"source": ["aws.s3"]}',
            targets=(json.dumps(target),),
            enabled=False,
        ),
    )
    assert [output.value for output in application.outputs] == ["a:b"]
    reasons = " ".join(note.reason for note in application.support_notes)
    assert "nothing is sent by email here" in reasons
    assert "stateMachine:x does not run here" in reasons


def _function(application):
    return application.functions[0].name


def test_access_to_buckets(folder):
    """Policy, list, ownership and queue of a bucket are the bucket's own."""
    (bucket,) = folder.load(TEMPLATE).buckets

    assert (bucket.access_control, bucket.object_ownership) == ("PublicRead", "ObjectWriter")
    assert bucket.policy == '{"Statement": [{"Effect": "Deny"}]}'
    assert [notification.target_arn for notification in bucket.notifications] == [QUEUE_ARN]
