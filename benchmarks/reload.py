"""From a save to the new answer: a handler is saved, then invoked until it answers anew.

python -m benchmarks reload
"""

from __future__ import annotations

import http.client
import json
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.figures import row
from benchmarks.running import Running

_TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Handler:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.11, Handler: app.handler, CodeUri: src/, Timeout: 5}
"""
_HANDLER = """\
import boto3
client = boto3.client("s3")

def handler(event, context):
    return %d
"""
_SAVES = 40


def main() -> None:
    """Print how long a save takes to be live; the first answer after it must be the new one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "src").mkdir()
        (folder / "template.yaml").write_text(_TEMPLATE)
        _save(folder, 0)
        running = Running(folder, folder / "template.yaml")
        try:
            row("save to new answer, handler with boto3 client", list(_measure(folder, running)))
        finally:
            running.stop()


def _measure(folder: Path, running: Running) -> list[float]:
    _invoke(running)
    times = []
    for number in range(1, _SAVES + 1):
        started = perf_counter()
        _save(folder, number)
        answer = _invoke(running)
        times.append(perf_counter() - started)
        if answer != number:
            raise RuntimeError(f"save {number} was answered by {answer}")
        _invoke(running)
    return times


def _save(folder: Path, number: int) -> None:
    beside = folder / "src" / "app.py~"
    beside.write_text(_HANDLER % number)
    beside.replace(folder / "src" / "app.py")


def _invoke(running: Running) -> int:
    connection = http.client.HTTPConnection(running.ready["aws"].removeprefix("http://"))
    connection.request("POST", "/2015-03-31/functions/Handler/invocations", b"{}")
    answer: int = json.loads(connection.getresponse().read())
    connection.close()
    return answer
