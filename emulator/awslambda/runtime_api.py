"""The Lambda Runtime API over HTTP, for runtimes that are not Python's: one port an environment.

    GET  /2018-06-01/runtime/invocation/next              waits for an event
    POST /2018-06-01/runtime/invocation/{id}/response     its result; streamed ones are collected
    POST /2018-06-01/runtime/invocation/{id}/error        its error
    POST /2018-06-01/runtime/init/error                   the runtime could not be initialized

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
On its other side it speaks the frames that the worker of Python functions speaks, so that an
environment of the emulator sees no difference.
Left out are the Extensions, Logs and Telemetry APIs.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.awslambda.outcome import LARGEST_RESPONSE_BYTES
from emulator.awslambda.process import wire
from emulator.wsgi import Server

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse

    from emulator.awslambda.zygote_process import Child

    Answer = tuple[str, list[tuple[str, str]], bytes]

_PREFIX = "/2018-06-01/runtime/"
_ANSWER = re.compile(r"invocation/([^/]+)/(response|error)")
_PEAK_MEMORY = re.compile(r"VmHWM:\s+(\d+) kB")
_JSON = [("Content-Type", "application/json")]
_ACCEPTED: Answer = ("202 Accepted", _JSON, b'{"status":"OK"}\n')


class RuntimeApi:
    """The Runtime API of one environment; ``control`` is the emulator's end of it."""

    def __init__(self) -> None:
        self.control, self.remote_control = socket.socketpair()
        self._child: Child | None = None
        self._initialized = False
        self._request_id: str | None = None
        self._server = Server("Runtime API", 0)
        self.address = f"127.0.0.1:{self._server.port}"
        self._server.start(self._app)

    def attach(self, child: Child) -> None:
        """Learn which process it serves."""
        self._child = child

    def disconnect(self) -> None:
        """End the conversation: the process has ended."""
        with contextlib.suppress(OSError):
            self.remote_control.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Close the port."""
        self.disconnect()
        self._server.stop()
        self.remote_control.close()

    def _app(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._route(environ)
        start_response(status, headers)
        return [body]

    def _route(self, environ: dict[str, Any]) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        call = path.removeprefix(_PREFIX) if path.startswith(_PREFIX) else ""
        answered = _ANSWER.fullmatch(call)
        if (method, call) == ("GET", "invocation/next"):
            return self._next()
        if method == "POST" and call == "init/error":
            return self._post("init-error", environ)
        if method == "POST" and answered:
            if answered[1] != self._request_id:
                return _refusal("400 Bad Request", "InvalidRequestID", "Invalid request ID")
            kind = "result" if answered[2] == "response" else "error"
            return self._post(kind, environ)
        return "404 Not Found", [("Content-Type", "text/plain")], b"404 page not found\n"

    def _next(self) -> Answer:
        try:
            self._send({"kind": "waiting" if self._initialized else "ready"})
            self._initialized = True
            header, body = wire.receive(self.remote_control)
        except (EOFError, OSError):
            return _refusal("410 Gone", "Runtime.Gone", "The environment has ended")
        headers = {name: str(value) for name, value in header["runtime_headers"].items() if value}
        self._request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        headers["Emulator-Clock-Offset-Seconds"] = str(header["offset_seconds"])
        return "200 OK", list(headers.items()), body

    def _post(self, kind: str, environ: dict[str, Any]) -> Answer:
        body = environ["wsgi.input"].read(LARGEST_RESPONSE_BYTES + 1)
        error_type = environ.get("HTTP_LAMBDA_RUNTIME_FUNCTION_ERROR_TYPE")
        if kind == "init-error":
            error_type = error_type or _error_type(body)
        else:
            self._request_id = None
        with contextlib.suppress(OSError):  # too late: the environment has ended
            self._send({"kind": kind, "error_type": error_type}, body)
        if len(body) > LARGEST_RESPONSE_BYTES:
            message = f"Exceeded maximum allowed payload size ({LARGEST_RESPONSE_BYTES} bytes)."
            return _refusal("413 Request Entity Too Large", "RequestEntityTooLarge", message)
        return _ACCEPTED

    def _send(self, header: dict[str, Any], body: bytes = b"") -> None:
        wire.send(self.remote_control, {**header, "max_memory_bytes": self._peak_memory()}, body)

    def _peak_memory(self) -> int:
        """Ask Linux; other systems tell it of one's own process only."""
        try:
            status = Path(f"/proc/{self._child.pid if self._child else 0}/status").read_text()
        except OSError:
            return 0
        found = _PEAK_MEMORY.search(status)
        return int(found[1]) * 1024 if found else 0


def _error_type(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    return str(document.get("errorType", "")) if isinstance(document, dict) else ""


def _refusal(status: str, error_type: str, message: str) -> Answer:
    document = {"errorMessage": message, "errorType": error_type}
    return status, _JSON, json.dumps(document).encode() + b"\n"
