"""What the plugin says of scenarios that are wrong, in a project that is not ours."""

import os
import subprocess
import sys

import pytest
from running import ROOT

TEMPLATE = """\
Resources:
  Hello:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: arn:aws:iam::123456789012:role/hello
      Code:
        ZipFile: "def handler(event, context): return 1 / event['x']"
"""
SCENARIO = """\
test_name: {name}
stages:
  - name: stage
    {stage}
"""
WRONG = {
    "a type that Lambda does not have": (
        "lambda_request: {function: Hello, invocation_type: Soon}",
        "invocation_type must be one of RequestResponse, Event, DryRun, not 'Soon'",
    ),
    "a matcher in an event": (
        "lambda_request: {function: Hello, payload: {x: !anyint }}",
        "matchers belong into lambda_response",
    ),
    "an answer without its question": (
        "request: {url: 'http://127.0.0.1:9'}\n    lambda_response: {payload: 1}",
        "lambda_response",
    ),
    "a function that is not there": (
        "lambda_request: {function: Nope}",
        "'Nope' cannot be invoked: An error occurred (ResourceNotFoundException)",
    ),
    "a function that fails": (
        "lambda_request: {function: Hello, payload: {x: 0}}\n    lambda_response: {payload: 1}",
        "the function has failed with ZeroDivisionError: division by zero",
    ),
}


@pytest.mark.slow
def test_a_wrong_scenario_is_told_in_a_few_lines(tmp_path):
    """Each failure says what is wrong, without the frames of Tavern or of the plugin."""
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nemulator_template = template.yaml\n")
    documents = [SCENARIO.format(name=name, stage=stage) for name, (stage, _) in WRONG.items()]
    (tmp_path / "test_wrong.tavern.yaml").write_text("---\n".join(documents))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist"]
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "AWS_"))
    }
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**variables, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert done.returncode == 1, done.stdout
    assert [message for _, message in WRONG.values() if message not in done.stdout] == []
    assert "tavern_lambda/request.py" not in done.stdout
    assert "tavern/_core" not in done.stdout
    assert len(done.stdout.splitlines()) < 40 * len(WRONG)
