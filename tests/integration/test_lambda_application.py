"""Functions of a template that call each other, fail, and are called by boto3 and by URL."""

import json
import threading
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from fakes import eventually
from running import Emulator, fetch

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, CodeUri: src, Timeout: 20}}
Resources:
  Results: {Type: AWS::SQS::Queue}
  News:
    Type: AWS::SNS::Topic
    Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Results.Arn}]}
  Chain: {Type: AWS::Serverless::Function, Properties: {Handler: app.chain, FunctionName: Chain}}
  Forever:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.forever, FunctionName: Forever}
  Other: {Type: AWS::Serverless::Function, Properties: {Handler: app.chain, FunctionName: Other}}
  Appends:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.appends, FunctionName: Appends}
  Fails:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: Fails
      Handler: app.fails
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: {OnFailure: {Type: SQS}}
  Tells:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: Tells
      Handler: app.echo
      AutoPublishAlias: live
      EventInvokeConfig:
        DestinationConfig:
          OnSuccess: {Type: SNS, Destination: !Ref News}
      FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ["*"]}}
  About:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: About
      Handler: app.about
      AutoPublishAlias: live
      EventInvokeConfig:
        DestinationConfig: {OnSuccess: {Type: SQS, Destination: !GetAtt Results.Arn}}
      Events:
        Api: {Type: Api, Properties: {Path: /about, Method: get}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day), Name: daily}}
  Dead:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: Dead
      Handler: app.fails
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Results.Arn}
      EventInvokeConfig: {MaximumRetryAttempts: 0}
  Forwards:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: Forwards
      Handler: app.echo
      EventInvokeConfig:
        DestinationConfig: {OnSuccess: {Type: Lambda, Destination: !GetAtt Appends.Arn}}
Outputs:
  Url: {Value: !GetAtt TellsUrl.FunctionUrl}
"""
SOURCE = """
import json, boto3

def echo(event, context):
    return event

def fails(event, context):
    raise ValueError("on purpose")

def about(event, context):
    seen = [context.function_version, context.invoked_function_arn.rpartition(":")[2]]
    return {"statusCode": 200, "body": json.dumps(seen)}

def chain(event, context):
    if not event["rest"]:
        return [context.function_name]
    name, *rest = event["rest"]
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"rest": rest}))
    return [context.function_name, *json.load(answer["Payload"])]

def forever(event, context):
    answer = boto3.client("lambda").invoke(FunctionName="Forever", Payload=b"{}")
    return json.load(answer["Payload"])

def appends(event, context):
    event = event.get("requestPayload", event)
    with open(event["file"], "a") as file:
        file.write(context.aws_request_id + "\\n")
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lambda")
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text(SOURCE)
    (folder / "template.yaml").write_text(TEMPLATE)
    emulator = Emulator(folder, "--concurrency", "1", template=folder / "template.yaml")
    yield emulator.start()
    emulator.stop()


@pytest.fixture
def client(emulator):
    return emulator.client("lambda")


def receive(emulator, queue_url):
    """Wait for one message; give its body and attributes."""
    queues = emulator.client("sqs")

    def message():
        answer = queues.receive_message(QueueUrl=queue_url, MessageAttributeNames=["All"])
        return answer.get("Messages")

    (found,) = eventually(message)
    queues.delete_message(QueueUrl=queue_url, ReceiptHandle=found["ReceiptHandle"])
    return json.loads(found["Body"]), found.get("MessageAttributes")


def results(emulator):
    return emulator.client("sqs").get_queue_url(QueueName="Results")["QueueUrl"]


def invoke(client, name, event, **further):
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event), **further)
    return answer, json.loads(answer["Payload"].read() or b"null")


def test_functions_that_call_each_other_at_the_cap(client):
    """A calls B calls A and itself, with one place each: nobody waits for a caller."""
    rest = ["Other", "Chain", "Chain", "Other"]
    _, names = invoke(client, "Chain", {"rest": rest})

    assert names == ["Chain", *rest]


def test_function_that_calls_itself_without_end(emulator, client):
    """It is throttled at ten times the cap, and the log says why."""
    _, payload = invoke(client, "Forever", {})

    assert payload["errorType"] == "TooManyRequestsException"
    eventually(lambda: "waiting is hopeless; one that calls itself needs an end" in emulator.log())


def test_others_wait_at_the_cap(client):
    """Eight clients and one place: all are answered, one after the other."""
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(invoke(client, "Chain", {"rest": []})[1]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [["Chain"]] * 8


def test_failure_destination_that_sam_makes(emulator, client):
    """The queue that SAM adds gets the record, after the retry a minute later."""
    answer, _ = invoke(client, "Fails", {"a": 1}, InvocationType="Event")
    emulator.idle()
    emulator.command("clock", "advance", "1m")
    emulator.idle()
    (url,) = [
        url
        for url in emulator.client("sqs").list_queues()["QueueUrls"]
        if not url.endswith("/Results")
    ]
    record, _ = receive(emulator, url)

    assert answer["StatusCode"] == 202
    assert record["requestContext"]["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorMessage"] == "on purpose"


def test_success_destination_by_topic(emulator, client):
    """A topic hands the record of the alias's invocation on to its queue."""
    invoke(client, "Tells", {"a": 2}, InvocationType="Event", Qualifier="live")
    notification, _ = receive(emulator, results(emulator))
    record = json.loads(notification["Message"])

    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["functionArn"].endswith(":function:Tells:live")
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "1"}


def test_events_go_to_the_alias(emulator, client):
    """With ``AutoPublishAlias`` the API and the schedule invoke the alias, as it is configured."""
    status, _, body = fetch("GET", f"{emulator.api}/about")
    emulator.command("fire", "daily")
    record, _ = receive(emulator, results(emulator))

    assert (status, json.loads(body)) == (200, ["1", "live"])
    assert record["requestContext"]["functionArn"].endswith(":function:About:live")
    assert json.loads(record["responsePayload"]["body"]) == ["1", "live"]


def test_dead_letter_queue(emulator, client):
    """It gets the event and three attributes, one of them a number."""
    answer, _ = invoke(client, "Dead", {"a": 3}, InvocationType="Event")
    event, attributes = receive(emulator, results(emulator))

    assert event == {"a": 3}
    assert {name: (a["DataType"], a["StringValue"]) for name, a in attributes.items()} == {
        "RequestID": ("String", answer["ResponseMetadata"]["RequestId"]),
        "ErrorCode": ("Number", "200"),
        "ErrorMessage": ("String", "on purpose"),
    }


def test_success_destination_that_is_a_function(client, tmp_path):
    """Another function is invoked with the record."""
    seen = tmp_path / "seen"
    invoke(client, "Forwards", {"file": str(seen)}, InvocationType="Event")

    assert eventually(seen.exists)


def test_accepted_events_survive_a_crash(emulator, client, tmp_path):
    """Each event that was accepted before kill -9 is handled afterwards, under its request id."""
    seen = tmp_path / "seen"
    ids = []
    for _ in range(30):
        answer, _ = invoke(client, "Appends", {"file": str(seen)}, InvocationType="Event")
        ids.append(answer["ResponseMetadata"]["RequestId"])
    emulator.kill()
    emulator.start()
    emulator.idle()

    assert set(ids) == set(Path(seen).read_text().split())


def test_retries_survive_a_crash(emulator, client):
    """An event that has failed once is tried again after kill -9, when its minute is over."""
    answer, _ = invoke(client, "Fails", {"a": 5}, InvocationType="Event")
    emulator.idle()
    emulator.kill()
    emulator.start()
    emulator.command("clock", "advance", "1m")
    emulator.idle()
    queues = emulator.client("sqs").list_queues()["QueueUrls"]
    (url,) = [url for url in queues if not url.endswith("/Results")]
    context = receive(emulator, url)[0]["requestContext"]

    assert context["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert context["approximateInvokeCount"] == 2


def test_function_url(emulator, client):
    """The template's output, the API and the ready file give the URL that answers."""
    url = emulator.ready["outputs"]["Url"]
    status, headers, body = fetch("POST", f"{url}a/b?c=d", b"{}", {"Origin": "https://any.example"})
    event = json.loads(body)

    assert status == 200
    assert (event["rawPath"], event["queryStringParameters"]) == ("/a/b", {"c": "d"})
    assert headers["Access-Control-Allow-Origin"] == "*"
    described = client.get_function_url_config(FunctionName="Tells", Qualifier="live")
    assert described["FunctionUrl"] == url
    assert emulator.ready["function_urls"] == {"Tells:live": url}
    eventually(lambda: url in emulator.log())
    host = {"Host": f"{described['FunctionUrl'].split('/')[-2]}.lambda-url.us-east-1.localhost"}
    assert (
        json.loads(fetch("GET", f"{emulator.ready['aws']}/x", headers=host)[2])["rawPath"] == "/x"
    )


def test_sdk_reads_and_is_refused(client):
    """boto3's own parsers take the answers; what would change a function says what to do."""
    assert client.get_alias(FunctionName="Tells", Name="live")["FunctionVersion"] == "1"
    names = [f["FunctionName"] for f in client.list_functions()["Functions"]]
    assert {"Tells", "Chain"} <= set(names)
    with pytest.raises(ClientError, match="UpdateFunctionConfiguration of Lambda"):
        client.update_function_configuration(FunctionName="Tells", Timeout=5)
