"""Filestore under ``emulator up``: the figures that a developer feels.

Start to ready and to the first answer; ``POST /file`` warm; from the PUT's 200 to the item
completed; the whole scenario suite.
The peer of the same run is the bare minimum of a call: an empty handler through the same gateway.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from benchmarks.figures import rate_of, rate_row, row, times_of
from benchmarks.running import ROOT, Running

STARTS = 5
CALLS = 300
UPLOADS = 200
CLIENTS = 8


def _caller(running: Running, method: str, path: str, body: Any) -> Any:
    parts = urlsplit(running.api)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
    document = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "x-api-key": running.ready["api_key"]}

    def call() -> Any:
        connection.request(method, parts.path + path, document, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(answer)
        return json.loads(answer)

    return call


def _put(url: str, content: bytes) -> None:
    request = urllib.request.Request(url, data=content, method="PUT")
    with urllib.request.urlopen(request) as response:
        response.read()


def _seconds_to_completion(running: Running, dynamodb: Any, table: str) -> float:
    """Read the item itself: POST /files/ would be a second function on the same two cores."""
    answer = _caller(running, "POST", "/file", {"name": "a.txt"})()
    _put(answer["url"], b"x" * 1000)
    acknowledged = perf_counter()
    key = {"id": {"S": answer["id"]}}
    while "uploaded_at" not in dynamodb("GetItem", {"TableName": table, "Key": key})["Item"]:
        time.sleep(0.0005)
    return perf_counter() - acknowledged


def _dynamodb(running: Running) -> Any:
    parts = urlsplit(running.ready["aws"])
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port)

    def call(operation: str, body: dict[str, Any]) -> Any:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/dynamodb/"
            "aws4_request, SignedHeaders=host, Signature=0",
        }
        connection.request("POST", "/", json.dumps(body).encode(), headers)
        return json.loads(connection.getresponse().read())

    return call


def _starts(folder: Path) -> None:
    ready, first = [], []
    for _ in range(STARTS + 1):
        running = Running(folder, ROOT / "filestore" / "template.yaml")
        _caller(running, "POST", "/file", {"name": "a"})()
        first.append(perf_counter() - running.started)
        ready.append(running.ready_seconds)
        running.stop()
    row("emulator up to ready, data folder warm", ready[1:])
    row("emulator up to the first 200 of POST /file", first[1:])


def _calls(folder: Path) -> None:
    running = Running(folder, ROOT / "filestore" / "template.yaml")
    try:
        row(
            "POST /file, 1 client",
            times_of(_caller(running, "POST", "/file", {"name": "a"}), CALLS),
        )
        seconds = rate_of(
            lambda: _caller(running, "POST", "/file", {"name": "a"}), CLIENTS, CALLS // 4
        )
        rate_row(f"POST /file, {CLIENTS} clients", CLIENTS * (CALLS // 4), seconds)
        dynamodb = _dynamodb(running)
        [table] = dynamodb("ListTables", {})["TableNames"]
        times = [_seconds_to_completion(running, dynamodb, table) for _ in range(UPLOADS)]
        row("PUT's 200 to the item completed", times)
        row(
            "POST /files/ of one id, 1 client",
            times_of(_caller(running, "POST", "/files/?nonstored=yes", ["x"]), CALLS),
        )
    finally:
        running.stop()


def _empty_handler(folder: Path) -> None:
    (folder / "app.py").write_text("def handler(event, context):\n    return {'body': '{}'}\n")
    events = {"Post": {"Type": "Api", "Properties": {"Path": "/file", "Method": "post"}}}
    properties = {
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "CodeUri": ".",
        "Events": events,
    }
    function = {"Type": "AWS::Serverless::Function", "Properties": properties}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Empty": function}}
    (folder / "template.json").write_text(json.dumps(template))
    running = Running(folder, folder / "template.json")
    try:
        row(
            "peer: an empty handler, 1 client",
            times_of(_caller(running, "POST", "/file", {}), CALLS),
        )
    finally:
        running.stop()


def _scenarios() -> None:
    started = perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "TEST_HOST"}
    command = [sys.executable, "-m", "pytest", "-q", "scenarios"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    verdict = done.stdout.decode().strip().rpartition("\n")[2]
    print(
        f"{'scenario suite, start of the emulator included':<58}"
        f" {perf_counter() - started:8.1f} s   ({verdict})"
    )


def main() -> None:
    """Print the rows."""
    with tempfile.TemporaryDirectory() as folder:
        _starts(Path(folder))
        _calls(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        _empty_handler(Path(folder))
    _scenarios()
