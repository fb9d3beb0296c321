"""Functions of several runtimes behind one API, some of which this machine cannot run."""

import pytest
from botocore.exceptions import ClientError
from fakes import eventually
from lambda_functions import needs_curl, needs_node
from running import Emulator, children_of, fetch, is_alive

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Python:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return {"statusCode": 200, "body": "python"}
      Events: {Get: {Type: Api, Properties: {Path: /python, Method: get}}}
  Node:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      InlineCode: "exports.handler = async () => ({ statusCode: 200, body: 'node' });"
      Events: {Get: {Type: Api, Properties: {Path: /node, Method: get}}}
  Own:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: any
      CodeUri: own
      Events: {Get: {Type: Api, Properties: {Path: /own, Method: get}}}
  Image:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      ImageUri: 1.dkr.ecr.us-east-1.amazonaws.com/image:latest
      Events: {Get: {Type: Api, Properties: {Path: /image, Method: get}}}
  Ruby:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: ruby3.3
      Handler: a.b
      CodeUri: own
      Events: {Get: {Type: Api, Properties: {Path: /ruby, Method: get}}}
"""
BOOTSTRAP = """#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  curl -sS -D "$TMPDIR/head" -o /dev/null "$api/next" || exit 1
  id=$(grep -i '^lambda-runtime-aws-request-id:' "$TMPDIR/head" | tr -d '\\r' | cut -d' ' -f2)
  curl -sS -o /dev/null -d '{"statusCode": 200, "body": "own"}' "$api/$id/response"
done
"""


@pytest.fixture(scope="module", params=["fork", "spawn"])
def emulator(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runtimes")
    (folder / "own").mkdir()
    (folder / "own" / "bootstrap").write_text(BOOTSTRAP)
    (folder / "own" / "bootstrap").chmod(0o755)
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    emulator = Emulator(folder, "--lambda-engine", request.param, template=template)
    try:
        yield emulator.start()
    finally:
        emulator.stop()


def get(emulator, path):
    """Call the API; give status and text."""
    status, _, body = fetch("GET", f"{emulator.api}/{path}")
    return status, body.decode()


def test_python(emulator):
    """Python functions answer, however their processes start."""
    assert get(emulator, "python") == (200, "python")


@needs_node
def test_node(emulator):
    """Node.js functions answer."""
    assert get(emulator, "node") == (200, "node")


@needs_curl
def test_own(emulator):
    """Custom runtimes answer."""
    assert get(emulator, "own") == (200, "own")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "Image",
            "container images are not run: 1.dkr.ecr.us-east-1.amazonaws.com/image:latest",
        ),
        ("Ruby", "the emulator has no runtime ruby3.3"),
    ],
)
def test_what_cannot_run(emulator, name, reason):
    """It is named at start, the API answers 502 and Invoke says why; the others run."""
    eventually(lambda: reason in emulator.log())
    assert get(emulator, name.lower()) == (502, '{"message":"Internal server error"}')
    functions = emulator.client("lambda")
    image = next(
        function["FunctionName"]
        for function in functions.list_functions()["Functions"]
        if function["FunctionName"].startswith(name) or f"-{name}-" in function["FunctionName"]
    )
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName=image)
    assert refused.value.response["Error"]["Code"] == "InvalidRuntimeException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
    assert refused.value.response["Error"]["Message"] == f"{image} cannot run: {reason}"


@needs_node
@needs_curl
def test_a_crash_leaves_no_process(emulator):
    """Programs end with the emulator, even when it is killed."""
    for path in ("python", "node", "own"):
        assert get(emulator, path)[0] == 200
    processes = children_of(emulator.process.pid)
    assert processes
    emulator.kill()
    try:
        for pid in processes:
            eventually(lambda pid=pid: not is_alive(pid))
    finally:
        emulator.start()
