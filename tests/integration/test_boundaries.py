"""What stays inside: calls of handlers to AWS itself, and S3 without signatures only if asked."""

import json

import pytest
from fakes import eventually
from running import Emulator, fetch

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: open}}
  Caller:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.12
      InlineCode: |
        import boto3, urllib.request
        def handler(event, context):
            if "url" in event:
                return urllib.request.urlopen(event["url"], timeout=1).status
            url = event.get("endpoint")
            return len(boto3.client("s3", endpoint_url=url).list_buckets()["Buckets"])
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("boundaries")
    (folder / "template.yaml").write_text(TEMPLATE)
    emulator = Emulator(folder, "--insecure-s3", template=folder / "template.yaml").start()
    yield emulator
    emulator.stop()


def invoke(emulator, **event):
    """Give the answer of the function."""
    answer = emulator.client("lambda").invoke(FunctionName="Caller", Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def test_calls_to_aws_are_stopped(emulator):
    """An endpoint of AWS is refused by name, at once, with both remedies; the emulator's is not."""
    assert invoke(emulator) == 1
    for event in (
        {"endpoint": "https://s3.eu-central-1.amazonaws.com"},
        {"url": "https://sts.amazonaws.com/"},
        {"url": "http://169.254.169.254/latest/meta-data/"},
    ):
        error = invoke(emulator, **event)
        assert "the emulator stopped a call to" in error["errorMessage"], error
        assert "emulator up --allow-host" in error["errorMessage"]
    eventually(lambda: "stopped a call to sts.amazonaws.com" in emulator.log())


def test_insecure_s3(emulator):
    """`--insecure-s3` takes requests that nobody has signed, and the banner says so."""
    url = f"{emulator.ready['aws']}/open/key"

    assert fetch("PUT", url, b"x")[0] == 200
    assert fetch("GET", url)[2] == b"x"
    eventually(lambda: "no signature is verified (--insecure-s3)" in emulator.log())
