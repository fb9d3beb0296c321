"""Cold starts by runtime and engine, of a handler that says hello: first invocation of each.

The peers of the same run are the bare programs: a Python and a Node.js that do nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.figures import row, times_of
from benchmarks.running import Running

if TYPE_CHECKING:
    from collections.abc import Iterator

COLD = 30
WARM = 300
OWN = f"python{sys.version_info.major}.{sys.version_info.minor}"
PYTHON = "def handler(event, context):\n    return 'hello'\n"
NODE = "exports.handler = async () => 'hello';\n"


def main() -> None:
    """Print the rows."""
    row("peer: an empty Python", times_of(lambda: _run(sys.executable, "-I", "-S", "-c", ""), 10))
    _measure("Python, fork", OWN, "fork")
    _measure("Python, spawn", OWN, "spawn")
    other = "python3.12" if OWN != "python3.12" else "python3.13"
    _measure(f"{other}, fork", other, "fork")
    node = shutil.which("node")
    if node is None:
        print("no Node.js on PATH: its rows are left out")
        return
    row("peer: an empty Node.js", times_of(lambda: _run(node, "--eval", ""), 10))
    _measure("Node.js", "nodejs20.x", "fork")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _measure(name: str, runtime: str, engine: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "template.json").write_text(json.dumps(_template(runtime)))
        running = Running(folder, folder / "template.json", "--lambda-engine", engine)
        client = boto3.client(
            "lambda",
            endpoint_url=running.ready["aws"],
            region_name="us-east-1",
            aws_access_key_id="bench",
            aws_secret_access_key="bench",
        )

        def invoke(function: str) -> None:
            client.invoke(FunctionName=function)["Payload"].read()

        try:
            invoke("Warm")  # what it starts from may still be booting
            cold: Iterator[int] = iter(range(COLD))
            times = times_of(lambda: invoke(f"Cold{next(cold)}"), COLD, warm_up=0)
            row(f"{name}: cold, hello", times)
            row(f"{name}: warm, hello", times_of(lambda: invoke("Warm"), WARM))
        finally:
            running.stop()


def _template(runtime: str) -> dict[str, Any]:
    code = NODE if runtime.startswith("node") else PYTHON
    properties = {"Runtime": runtime, "Handler": "index.handler", "InlineCode": code}
    names = ["Warm", *(f"Cold{number}" for number in range(COLD))]
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            name: {
                "Type": "AWS::Serverless::Function",
                "Properties": {**properties, "FunctionName": name},
            }
            for name in names
        },
    }
