"""Invocations, cold and warm, by Invoke API and gateway, and what an environment weighs.

The peer of the same run is the direct call of the handler in this process, and a Python process
that does the same imports by itself.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.figures import rate_of, rate_row, row, times_of
from benchmarks.running import Running

if TYPE_CHECKING:
    from collections.abc import Callable

COLD = 40
WARM = 2000
EACH = 500
CLIENTS = 8
SOURCE = """\
import json
import os
import time

import boto3

s3 = boto3.client("s3")
dynamodb = boto3.client("dynamodb")


def handler(event, context):
    time.sleep(event.get("seconds", 0))
    return {"statusCode": 200, "body": json.dumps({"pid": os.getpid()})}
"""
_EVENT = json.dumps({"text": "x" * 1000}).encode()


def main() -> None:
    """Print the rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "app.py").write_text(SOURCE)
        (folder / "template.json").write_text(json.dumps(_template()))
        _direct(folder)
        running = Running(folder, folder / "template.json")
        try:
            _cold(running)
            _warm(running)
            _memory(running)
        finally:
            running.stop()


def _template() -> dict[str, Any]:
    events = {"Post": {"Type": "Api", "Properties": {"Path": "/post", "Method": "post"}}}
    properties = {"Handler": "app.handler", "Runtime": "python3.13", "CodeUri": "."}
    names = [f"Cold{number}" for number in range(COLD)]
    functions = dict.fromkeys(names, properties) | {"Warm": {**properties, "Events": events}}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": {"Function": {"Timeout": 20, "MemorySize": 512}},
        "Resources": {
            name: {"Type": "AWS::Serverless::Function", "Properties": properties}
            for name, properties in functions.items()
        },
    }


def _direct(folder: Path) -> None:
    imported = f"import sys; sys.path.insert(0, {str(folder)!r}); import app"
    environment = {"AWS_DEFAULT_REGION": "us-east-1", "PATH": os.defpath}

    def start() -> None:
        subprocess.run([sys.executable, "-c", imported], env=environment, check=True)

    row("peer: a process that imports the handler", times_of(start, 10))
    code = SOURCE.replace("boto3.client", "str")  # clients cost nothing once they are there
    namespace: dict[str, Any] = {}
    exec(code, namespace)  # noqa: S102 -- our own text, above
    handler = namespace["handler"]
    direct = times_of(lambda: json.dumps(handler(json.loads(_EVENT), None)), WARM)
    row("peer: the handler called directly", direct)


def _poster(url: str, path: str, event: bytes = _EVENT) -> Callable[[], bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)

    def post() -> bytes:
        connection.request("POST", parts.path + path, event, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(answer)
        return answer

    return post


def _invoker(running: Running, function: str, event: bytes = _EVENT) -> Callable[[], bytes]:
    return _poster(running.ready["aws"], f"/2015-03-31/functions/{function}/invocations", event)


def _cold(running: Running) -> None:
    _invoker(running, "Warm")()  # the zygote may still be booting
    times = []
    for number in range(COLD):
        invoke = _invoker(running, f"Cold{number}")
        started = perf_counter()
        invoke()
        times.append(perf_counter() - started)
    row("cold: first invocation of a handler with two clients", times)


def _warm(running: Running) -> None:
    row("warm, Invoke API, 1 client", times_of(_invoker(running, "Warm"), WARM))
    row("warm, gateway, 1 client", times_of(_poster(running.api, "/post"), WARM))
    for name, make in (
        ("Invoke API", lambda: _invoker(running, "Warm")),
        ("gateway", lambda: _poster(running.api, "/post")),
    ):
        rate_of(make, CLIENTS, 20)  # every environment is there
        rate_row(f"warm, {name}, {CLIENTS} clients", CLIENTS * EACH, rate_of(make, CLIENTS, EACH))


def _memory(running: Running) -> None:
    event = json.dumps({"seconds": 0.5}).encode()
    with ThreadPoolExecutor(CLIENTS) as pool:
        invokers = [_invoker(running, "Warm", event) for _ in range(CLIENTS)]
        answers = [json.loads(answer) for answer in pool.map(lambda invoke: invoke(), invokers)]
    sizes = sorted(_pss_megabytes(pid) for pid in {json.loads(a["body"])["pid"] for a in answers})
    name = f"memory (PSS) of an idle environment, {len(sizes)} of them"
    print(f"{name:<58} {median(sizes):8.1f} MB")


def _pss_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("Pss:"))
    return int(kilobytes) / 1024
