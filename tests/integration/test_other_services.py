"""SQS, SNS, SSM, Secrets Manager, EventBridge and STS beside an application."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from fakes import eventually
from running import Emulator, fetch

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: orders}}
  Dead: {Type: AWS::SQS::Queue}
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 7
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Ordered: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true, ContentBasedDeduplication: true}}
  News:
    Type: AWS::SNS::Topic
    Properties:
      Subscription: [{Protocol: sqs, Endpoint: !GetAtt Work.Arn}]
  Level: {Type: AWS::SSM::Parameter, Properties: {Name: /app/level, Type: String, Value: "a:b"}}
  Password:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString:
        SecretStringTemplate: '{"user": "me"}'
        GenerateStringKey: password
        PasswordLength: 20
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: {source: [shop], detail: {total: [{numeric: [">", 10]}]}}
      Targets:
        - {Id: queue, Arn: !GetAtt Work.Arn, InputPath: $.detail}
  Listener:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      InlineCode: |
        import boto3, json, os
        def handler(event, context):
            queue = boto3.client("sqs")
            queue.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
            return boto3.client("sts").get_caller_identity()["Arn"]
      Environment: {Variables: {SEEN: !Ref Dead, LEVEL: !GetAtt Level.Value}}
      Events:
        News: {Type: SNS, Properties: {Topic: !Ref News}}
        Orders:
          Type: EventBridgeRule
          Properties:
            EventBusName: orders
            Pattern: {source: [shop], detail-type: [{prefix: Order}]}
Outputs:
  Queue: {Value: !Ref Work}
  Fifo: {Value: !GetAtt Ordered.QueueName}
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    emulator = Emulator(folder, template=template).start()
    yield emulator
    emulator.stop()


@pytest.fixture(autouse=True)
def _empty(emulator):
    assert emulator.command("reset").returncode == 0


def receive(emulator, name):
    """Take the next message of a queue, as JSON."""
    client = emulator.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]

    def next_message():
        return client.receive_message(QueueUrl=url).get("Messages")

    message = eventually(next_message)[0]
    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])


def test_the_template_creates_what_it_says(emulator):
    """Queues, parameters and secrets are there, under the names that Ref and GetAtt give."""
    outputs = emulator.ready["outputs"]
    sqs = emulator.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=outputs["Queue"], AttributeNames=["All"])
    secret = emulator.client("secretsmanager").get_secret_value(SecretId="Password")
    parameter = emulator.client("ssm").get_parameter(Name="/app/level")

    assert outputs["Queue"] == f"{emulator.ready['aws']}/123456789012/Work"
    assert attributes["Attributes"]["VisibilityTimeout"] == "7"
    assert outputs["Fifo"] == "Ordered.fifo"
    assert len(json.loads(secret["SecretString"])["password"]) == 20
    assert parameter["Parameter"]["Value"] == "a:b"


def test_a_topic_reaches_queue_and_function(emulator):
    """What is published goes to the queue, and to the function in Lambda's own event."""
    topic = emulator.client("sns").list_topics()["Topics"][0]["TopicArn"]
    emulator.client("sns").publish(TopicArn=topic, Message="hello", Subject="s")

    assert receive(emulator, "Work")["Message"] == "hello"
    record = receive(emulator, "Dead")["Records"][0]
    assert (record["EventSource"], record["Sns"]["Message"]) == ("aws:sns", "hello")


def test_rules_go_by_their_patterns(emulator):
    """An event reaches each target whose rule asks for it, in the form that the target wants."""
    entry = {
        "Source": "shop",
        "DetailType": "OrderPlaced",
        "Detail": json.dumps({"total": 11}),
        "EventBusName": "orders",
    }
    answer = emulator.client("events").put_events(Entries=[entry, {**entry, "Source": "aws.s3"}])

    assert answer["Entries"][1]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert receive(emulator, "Work") == {"total": 11}
    event = receive(emulator, "Dead")
    assert event["id"] == answer["Entries"][0]["EventId"]
    assert (event["detail-type"], event["detail"]) == ("OrderPlaced", {"total": 11})


def test_reset_forgets_messages(emulator):
    """A reset empties the queues, and the template's resources are there again."""
    sqs = emulator.client("sqs")
    url = emulator.ready["outputs"]["Queue"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.create_queue(QueueName="own")
    emulator.command("reset")

    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    names = {queue.rpartition("/")[2] for queue in sqs.list_queues()["QueueUrls"]}
    assert names == {"Dead", "Work", "Ordered.fifo"}


def test_unsigned_and_unknown_services(emulator):
    """A query protocol is known without a signature; a service that is not there is named."""
    form = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, body = fetch("POST", emulator.ready["aws"] + "/", form, headers)

    assert (status, b"123456789012" in body) == (200, True)
    headers["Origin"] = "http://evil.example"
    answered = fetch("POST", emulator.ready["aws"] + "/", form, headers)[1]
    assert answered["Access-Control-Allow-Origin"] is None
    with pytest.raises(Exception, match="no service 'braket'"):
        emulator.client("braket").search_devices(filters=[])
    assert "braket" in emulator.log()


def test_assumed_roles_use_s3(emulator):
    """S3 takes the keys that STS gave out, with their token."""
    arn = "arn:aws:iam::123456789012:role/Anybody"
    role = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")
    keys = role["Credentials"]
    client = boto3.client(
        "s3",
        endpoint_url=emulator.ready["aws"],
        region_name="us-east-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )

    assert client.list_buckets()["Buckets"] == []
    emulator.command("reset")
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        client.list_buckets()


def test_who_calls(emulator):
    """STS names the account's root from outside, the role's session within a function."""
    of_root = emulator.client("sts").get_caller_identity()
    answer = emulator.client("lambda").invoke(FunctionName="Listener", Payload=b"{}")
    of_function = json.loads(answer["Payload"].read())
    account = "123456789012"

    assert (of_root["Arn"], of_root["UserId"], of_root["Account"]) == (
        *(f"arn:aws:iam::{account}:root", account, account),
    )
    assert of_function == f"arn:aws:sts::{account}:assumed-role/ListenerRole/Listener"


def test_a_rule_of_another_region(emulator):
    """A rule delivers to the queue of its target's region."""

    def client(service):
        return boto3.client(
            service,
            endpoint_url=emulator.ready["aws"],
            region_name="eu-west-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    events, sqs = client("events"), client("sqs")
    url = sqs.create_queue(QueueName="elsewhere")["QueueUrl"]
    arn = "arn:aws:sqs:eu-west-1:123456789012:elsewhere"
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": "{}"}])

    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1


DEEP = "[" * 100_000 + "]" * 100_000


def post(emulator, service, body, **headers):
    scope = f"Credential=test/20240101/us-east-1/{service}/aws4_request"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers["Authorization"] = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"
    status, _, answer = fetch("POST", emulator.ready["aws"] + "/", body.encode(), headers)
    return status, answer.decode()


@pytest.mark.parametrize(
    ("service", "target"),
    [
        ("events", "AWSEvents.PutEvents"),
        ("events", "AWSEvents.PutRule"),
        ("sqs", "AmazonSQS.SendMessage"),
        ("ssm", "AmazonSSM.PutParameter"),
        ("secretsmanager", "secretsmanager.CreateSecret"),
        ("logs", "Logs_20140328.PutLogEvents"),
    ],
)
def test_bodies_that_nest_too_deeply(emulator, service, target):
    """JSON that nests a hundred thousand times is refused, as what cannot be read."""
    for body in (DEEP, f'{{"Name": {DEEP}}}', '{"a":' * 100_000 + "1" + "}" * 100_000):
        status, answer = post(
            emulator,
            service,
            body,
            X_Amz_Target=target,
            Content_Type="application/x-amz-json-1.1",
        )

        assert (status, "SerializationException" in answer) == (400, True), answer


def test_documents_that_nest_too_deeply(emulator):
    """A document within a request is refused in the words of what it is."""
    events, sns = emulator.client("events"), emulator.client("sns")
    nested = f'{{"a": {DEEP}}}'
    entry = {"Source": "shop", "DetailType": "d", "Detail": nested}
    topic = sns.list_topics()["Topics"][0]["TopicArn"]
    queue = "arn:aws:sqs:us-east-1:123456789012:Dead"
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]

    assert events.put_events(Entries=[entry])["Entries"][0]["ErrorCode"] == "MalformedDetail"
    with pytest.raises(ClientError, match="Exception"):
        events.put_rule(Name="deep", EventPattern=nested)
    with pytest.raises(ClientError, match="ValidationError"):
        sns.set_subscription_attributes(
            SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue=nested
        )
    with pytest.raises(ClientError, match="InvalidRequestContent"):
        emulator.client("lambda").invoke(FunctionName="Listener", Payload=nested.encode())
    assert "Traceback" not in emulator.log()
