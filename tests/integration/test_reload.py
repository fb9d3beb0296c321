"""A save is live for the next invocation: code, layers, template and API definition."""

import json
import re
import threading

import pytest
from fakes import eventually
from running import Emulator, fetch
from sample import write_application

HANDLERS = {
    "Greet": """
        import os
        STARTED = os.getpid()

        def handler(event, context):
            headers = {"pid": str(STARTED), "mood": os.environ.get("MOOD", "")}
            return {"statusCode": 200, "body": "one", "headers": headers}
        """,
    "Other": """
        import os

        def handler(event, context):
            return {"statusCode": 200, "body": "other", "headers": {"pid": str(os.getpid())}}
        """,
}
API = """
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      DefinitionBody:
        Fn::Transform:
          Name: AWS::Include
          Parameters:
            Location: api.yaml
  Files:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: files
"""
DEFINITION = """
openapi: "3.0.1"
info: {title: t, version: "1"}
paths:
"""
ROUTE = """
  %s:
    get:
      responses: {}
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri:
          Fn::Sub: arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/%s/invocations
"""


class Project:
    """An application under development, and its emulator."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "api.yaml").write_text(DEFINITION + ROUTE % ("/greet", "${Greet.Arn}"))
        self.template = write_application(folder, HANDLERS, more=API)
        self.emulator = Emulator(folder, template=self.template)

    def invoke(self, function):
        answer = self.emulator.client("lambda").invoke(FunctionName=function)
        return json.loads(answer["Payload"].read())

    def edit(self, name, old, new):
        """Save as editors do: beside, then renamed in."""
        file = self.folder / name
        text = file.read_text()
        assert old in text
        beside = file.with_name(file.name + "~")
        beside.write_text(text.replace(old, new))
        beside.replace(file)

    def says(self, pattern):
        return eventually(lambda: re.search(pattern, self.emulator.log()))


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    project.emulator.start()
    yield project
    project.emulator.stop()


def test_saved_code_is_live(project):
    """The next invocation after a save runs the new code, even saved twice in one second."""
    assert project.invoke("Greet")["body"] == "one"
    before = "one"
    for word in ("two", "six", "ten"):
        project.edit("src/greet.py", f'"{before}"', f'"{word}"')
        before = word

        assert project.invoke("Greet")["body"] == word


def test_busy_environment_finishes(project):
    """An invocation that runs while its code is saved ends with the code that it began with."""
    (project.folder / "src" / "greet.py").write_text(
        "import time, pathlib\n"
        "def handler(event, context):\n"
        "    flag = pathlib.Path('busy')\n"
        "    if event.get('wait'):\n"
        "        flag.touch()\n"
        "        while flag.exists():\n"
        "            time.sleep(0.01)\n"
        "    return 'old'\n"
    )
    answers = []
    client = project.emulator.client("lambda")

    def call():
        answer = client.invoke(FunctionName="Greet", Payload=b'{"wait": true}')
        answers.append(json.loads(answer["Payload"].read()))

    thread = threading.Thread(target=call)
    thread.start()
    flag = project.folder / "src" / "busy"
    eventually(flag.exists)
    project.edit("src/greet.py", "'old'", "'new'")
    assert project.invoke("Greet") == "new"
    flag.unlink()
    thread.join()

    assert answers == ["old"]


def test_syntax_error(project):
    """A syntax error is told when it is saved and when it is met; mended, everything goes on."""
    project.invoke("Other")
    project.edit("src/greet.py", "def handler(event, context):", "def handler(event, context:")
    project.says(r"src/greet\.py:\d+: SyntaxError: '\(' was never closed\n    def handler\(event")

    result = project.invoke("Greet")
    assert result["errorType"] == "Runtime.UserCodeSyntaxError"
    assert "greet.py" in result["errorMessage"] or "greet" in result["errorMessage"]
    assert fetch("GET", f"{project.emulator.api}/greet")[0] == 502
    assert project.invoke("Other")["body"] == "other"
    project.edit("src/greet.py", "def handler(event, context:", "def handler(event, context):")
    assert project.invoke("Greet")["body"] == "one"
    project.says(r"greet\.py is mended")


def test_what_a_saved_template_loses(project):
    """A runtime that does not run here is told when the template is saved, as at the start."""
    project.edit("template.yaml", "Runtime: python3.11", "Runtime: java21")

    project.says(r"template\.yaml: Greet\.Runtime: the emulator has no runtime java21")


def test_changed_function(project):
    """A changed function gets its new configuration; the others keep their environments."""
    project.invoke("Greet")
    other = project.invoke("Other")["headers"]["pid"]
    project.edit(
        "template.yaml",
        "      Handler: greet.handler\n",
        "      Handler: greet.handler\n      Environment: {Variables: {MOOD: good}}\n",
    )
    project.says("template.yaml is updated: Greet changed")

    assert project.invoke("Greet")["headers"]["mood"] == "good"
    assert project.invoke("Other")["headers"]["pid"] == other


def test_new_and_removed_parts(project):
    """Functions, buckets, tables and routes come and go with the template; data stays."""
    s3 = project.emulator.client("s3")
    s3.put_object(Bucket="files", Key="k", Body=b"kept")
    api = (
        "  Added:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {Runtime: python3.11, Handler: other.handler, CodeUri: src/}\n"
        "  Table:\n"
        "    Type: AWS::Serverless::SimpleTable\n"
        "    Properties: {TableName: things}\n"
        "  More:\n"
        "    Type: AWS::S3::Bucket\n"
        "    Properties: {BucketName: more}\n"
    )
    project.edit("template.yaml", "  Api:\n", f"{api}  Api:\n")
    project.says("Added is new, More is new, Table is new")

    assert project.invoke("Added")["body"] == "other"
    client = project.emulator.client("lambda")
    client.invoke(FunctionName="Added", InvocationType="Event")
    project.emulator.idle()
    s3.put_object(Bucket="more", Key="k", Body=b"x")
    assert "things" in project.emulator.client("dynamodb").list_tables()["TableNames"]
    assert s3.get_object(Bucket="files", Key="k")["Body"].read() == b"kept"
    project.edit("template.yaml", api, "")
    project.says("Added is gone")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="Added")


def test_api_definition(project):
    """A route that is added to the included definition answers, the function stays warm."""
    pid = project.invoke("Greet")["headers"]["pid"]
    assert fetch("GET", f"{project.emulator.api}/other")[0] == 403
    project.edit("api.yaml", DEFINITION, DEFINITION + ROUTE % ("/other", "${Other.Arn}"))
    project.says("template.yaml is updated: Api changed")

    status, _, body = fetch("GET", f"{project.emulator.api}/other")
    assert (status, body) == (200, b"other")
    assert project.invoke("Greet")["headers"]["pid"] == pid


def test_template_with_an_error(project):
    """A template that cannot be read is told in one line, and what ran goes on."""
    project.edit("template.yaml", "AWS::S3::Bucket", "AWS::S3::Bucket\n    Nonsense: [")
    line = project.says(r"emulator: .*template\.yaml:\d+: .*; what ran before goes on\n")

    assert "Traceback" not in project.emulator.log()
    assert line.group(0).count("\n") == 1
    assert project.invoke("Greet")["body"] == "one"
    project.edit("template.yaml", "\n    Nonsense: [", "")
    project.edit("template.yaml", "BucketName: files", "BucketName: documents")
    project.says("Files changed")


def test_key_of_a_table(project):
    """What cannot be changed while the application runs is said in one line."""
    table = (
        "  Table:\n    Type: AWS::Serverless::SimpleTable\n"
        "    Properties: {TableName: things, PrimaryKey: {Name: a, Type: String}}\n"
    )
    project.edit("template.yaml", "  Api:\n", f"{table}  Api:\n")
    project.says("Table is new")
    dynamodb = project.emulator.client("dynamodb")
    dynamodb.put_item(TableName="things", Item={"a": {"S": "x"}})
    project.edit("template.yaml", "Name: a, Type: String", "Name: b, Type: String")
    project.says(r"emulator: template\.yaml: table things: the template's key is")

    assert dynamodb.scan(TableName="things")["Count"] == 1


def test_schedule(project):
    """A schedule that is added fires; one that stays keeps its due time."""
    event = (
        "      Events:\n"
        "        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour), Name: hourly}}\n"
    )
    project.edit(
        "template.yaml", "      Handler: other.handler\n", f"      Handler: other.handler\n{event}"
    )
    project.says("hourly is new")
    due = project.emulator.control("health")[1]["schedules"]
    project.edit("template.yaml", "BucketName: files", "BucketName: documents")
    project.says("Files changed")

    assert [schedule["schedule"] for schedule in due] == ["hourly"]
    assert project.emulator.control("health")[1]["schedules"] == due
    project.emulator.control("clock", {"advance": "1h"})
    project.emulator.idle()
    eventually(lambda: "Other" in project.emulator.command("logs", "Other").stdout)


def test_layer(tmp_path):
    """An edited module of a layer is live like the function's own code."""
    folder = tmp_path / "layer" / "python"
    folder.mkdir(parents=True)
    (folder / "shared.py").write_text("WORD = 'one'\n")
    template = write_application(
        tmp_path,
        {"Greet": "import shared\n\ndef handler(event, context):\n    return shared.WORD\n"},
        more="""
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer/}
""",
    )
    template.write_text(
        template.read_text().replace("CodeUri: src/", "CodeUri: src/\n      Layers: [!Ref Shared]")
    )
    emulator = Emulator(tmp_path, template=template).start()
    try:
        client = emulator.client("lambda")
        found = []
        for word in ("one", "two", "six"):
            beside = tmp_path / "beside"
            beside.write_text(f"WORD = '{word}'\n")
            beside.replace(folder / "shared.py")
            found.append(json.loads(client.invoke(FunctionName="Greet")["Payload"].read()))
    finally:
        emulator.stop()

    assert found == ["one", "two", "six"]
