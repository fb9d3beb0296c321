"""Ten thousand invocations at eight clients; one in a hundred times out, exits, raises.

Every answer is checked; afterwards processes, file descriptors and temporary folders are counted,
and the memory of the emulator is compared with that after the first thousand.
"""

from __future__ import annotations

import http.client
import json
import random
import tempfile
import threading
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.running import Running
from benchmarks.standing import standing

if TYPE_CHECKING:
    from collections.abc import Callable

    Invoke = Callable[[dict[str, Any]], tuple[str | None, Any]]

SOURCE = """
import os, time

def mixed(event, context):
    if event["kind"] == "timeout":
        time.sleep(60)
    if event["kind"] == "exit":
        os._exit(3)
    if event["kind"] == "raise":
        raise ValueError(str(event["number"]))
    return event
"""
COUNT = 10_000
CLIENTS = 8
WARM_UP = 1000
# Each in one of a hundred invocations.
_KINDS = ("timeout", "exit", "raise", *["answer"] * 97)
_ERRORS = {
    "timeout": ("Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    "exit": ("Runtime.ExitError", "Runtime exited with error: exit status 3"),
    "raise": ("ValueError", ""),
}


class Soak:
    """Invocations from several clients, each answer checked.

    Args:
        invoke: gives the function error, if any, and the decoded payload; from several threads.
    """

    def __init__(self, invoke: Invoke, *, count: int, clients: int) -> None:
        self._invoke = invoke
        source = random.Random(count)  # noqa: S311 -- the same mixture each time
        kinds = [_KINDS[number % len(_KINDS)] for number in range(count)]
        source.shuffle(kinds)
        self._events = [{"number": n, "kind": kind} for n, kind in enumerate(kinds)]
        self._clients = clients
        self._lock = threading.Lock()
        self._wrong: list[str] = []

    def run(self) -> list[str]:
        """Invoke; give a line for each wrong answer."""
        threads = [threading.Thread(target=self._work) for _ in range(self._clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self._wrong

    def _work(self) -> None:
        while (event := self._next()) is not None:
            try:
                error, payload = self._invoke(event)
                right = _is_right(event, error, payload)
            except Exception as problem:  # noqa: BLE001 -- whatever it is, it is a wrong answer
                payload, right = problem, False
            if not right:
                with self._lock:
                    self._wrong.append(f"{event}: {payload!r}")

    def _next(self) -> dict[str, Any] | None:
        with self._lock:
            return self._events.pop() if self._events else None


def _is_right(event: dict[str, Any], error: str | None, payload: Any) -> bool:
    if event["kind"] == "answer":
        return error is None and payload == event
    error_type, message = _ERRORS[event["kind"]]
    expected = message or str(event["number"])
    return (
        error == "Unhandled"
        and payload["errorType"] == error_type
        and str(payload["errorMessage"]).endswith(expected)
    )


def _invoker(running: Running) -> Invoke:
    """Invoke by HTTP, with a connection for each thread."""
    parts = urlsplit(running.ready["aws"])
    own = threading.local()

    def invoke(event: dict[str, Any]) -> tuple[str | None, Any]:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(str(parts.hostname), parts.port)
        body = json.dumps(event).encode()
        own.connection.request("POST", "/2015-03-31/functions/Mixed/invocations", body)
        response = own.connection.getresponse()
        payload = json.loads(response.read())
        return response.headers.get("X-Amz-Function-Error"), payload

    return invoke


def main() -> None:
    """Print what stood before and after, and how many answers were wrong."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "app.py").write_text(SOURCE)
        properties = {
            "FunctionName": "Mixed",
            "Handler": "app.mixed",
            "Runtime": "python3.13",
            "CodeUri": ".",
            "Timeout": 1,
        }
        resources = {"Mixed": {"Type": "AWS::Serverless::Function", "Properties": properties}}
        template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
        (folder / "template.json").write_text(json.dumps(template))
        running = Running(folder, folder / "template.json")
        try:
            for count in (WARM_UP, COUNT):
                started = perf_counter()
                wrong = Soak(_invoker(running), count=count, clients=CLIENTS).run()
                seconds = perf_counter() - started
                print(
                    f"{count} invocations, {CLIENTS} clients: {len(wrong)} wrong answers,"
                    f" {count / seconds:.0f} a second"
                )
                temporary = folder / "data" / "lambda" / "tmp"
                print(f"  {standing(running.process.pid, temporary)}")
                print("".join(f"  {line}\n" for line in wrong[:5]), end="")
        finally:
            running.stop()
