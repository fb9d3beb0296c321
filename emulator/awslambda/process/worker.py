"""One execution environment: AWS's own runtime client around the user's handler.

``awslambdaric`` talks to the Runtime API through a native module, ``runtime_client``; here a module
of that name speaks frames on a socket that the emulator holds the other end of.
Everything else (context, marshalling, error payloads, log formats) is AWS's code.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import network_guard, wire
from .debugger import listen, make_breakpoint_hook, wait_for_client
from .virtual_clock import VirtualClock

if TYPE_CHECKING:
    from socket import socket


def run(configuration: dict[str, Any], control: socket) -> None:
    """Become the environment that ``configuration`` describes; returns when it is to end.

    Args:
        configuration: ``environment``, ``task_root``, ``handler``, ``path`` (what Python searches
            before its own libraries), ``layers``, ``offset_seconds``, ``terminal``, ``debug_port``
            and ``debugger_directory``.
        control: frames of invocations come in, frames of results go out.
    """
    os.environ.clear()
    os.environ.update(configuration["environment"])
    time.tzset()
    os.chdir(configuration["task_root"])
    # A file that is changed twice within a second, to the same size, would run from its old .pyc.
    sys.dont_write_bytecode = True
    sys.path[:0] = [configuration["task_root"], *configuration["path"]]
    sys.argv = ["bootstrap", configuration["handler"]]
    # Log records leave as frames through the pipe of stdout and stderr, so that one stream has
    # them all in order, and a record with line feeds in it stays one event.
    os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(os.dup(1))
    network_guard.install(Path(os.environ["LAMBDA_RUNTIME_DIR"]))
    conversation = _Conversation(control, [configuration["task_root"], *configuration["layers"]])
    conversation.clock.set_offset(configuration["offset_seconds"])
    sys.breakpointhook = make_breakpoint_hook(
        configuration["terminal"], conversation.stop_for_debugger, conversation.resume
    )
    if configuration["debug_port"] is not None:
        conversation.wait_for_debugger(
            configuration["debugger_directory"], configuration["debug_port"]
        )
    sys.modules["runtime_client"] = conversation.as_module()
    _serve(configuration["handler"], conversation)


def _serve(handler: str, conversation: _Conversation) -> None:
    # Only now: the module reads its settings from the environment when it is imported.
    from awslambdaric import bootstrap  # noqa: PLC0415
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: PLC0415
    from awslambdaric.lambda_runtime_marshaller import to_json  # noqa: PLC0415

    class Client(LambdaRuntimeClient):  # type: ignore[misc]  # awslambdaric has no types
        """Reports a failed initialization on the socket, where AWS's client would use HTTP."""

        def post_init_error(self, error: dict[str, Any], error_type: str | None = None) -> None:
            """Send the error object; the environment ends afterwards."""
            header = {"kind": "init-error", "error_type": error_type or error["errorType"]}
            conversation.send(header, to_json(error).encode())

    _hide_endpoint()
    try:
        bootstrap.run(handler, Client("unused"))
    except EOFError:
        os._exit(0)  # the emulator has let go of the environment: no exit handlers, as on Lambda


def _hide_endpoint() -> None:
    """Keep botocore from logging that ``AWS_ENDPOINT_URL`` is set, which it is not on AWS."""
    logger = logging.getLogger("botocore.configprovider")
    logger.addFilter(lambda record: not str(record.msg).startswith("Found endpoint for"))


class _Conversation:
    """What ``runtime_client`` does, over the control socket."""

    def __init__(self, control: socket, roots: list[str]) -> None:
        self._control = control
        self._roots = tuple(str(Path(root)) + os.sep for root in roots)
        self._initialized = False
        self._module_count = 0
        self.clock = VirtualClock()

    def as_module(self) -> types.ModuleType:
        """Stand in for the native module."""
        module = types.ModuleType("runtime_client")
        vars(module).update(
            initialize_client=lambda _user_agent: None,
            next=self._next,
            post_invocation_result=self._post_result,
            post_error=self._post_error,
        )
        return module

    def send(self, header: dict[str, Any], body: bytes) -> None:
        """Send a frame, with what the emulator wants to know about this process."""
        # On Linux in kilobytes, on macOS in bytes.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        header["max_memory_bytes"] = peak if sys.platform == "darwin" else peak * 1024
        if len(sys.modules) != self._module_count:
            self._module_count = len(sys.modules)
            header["files"] = self._own_files()
        wire.send(self._control, header, body)

    def wait_for_debugger(self, directory: str, port: int) -> None:
        """Let a debugger attach before the handler is imported."""
        try:
            listen(directory, port)
        except RuntimeError as error:
            self.send({"kind": "listening", "problem": str(error)}, b"")
            raise SystemExit(1) from error
        self.send({"kind": "listening", "problem": None}, b"")
        wait_for_client()

    def stop_for_debugger(self) -> None:
        """Tell that somebody talks to a debugger, and wait until the terminal is free for that."""
        sys.stdout.flush()
        self.send({"kind": "stopped"}, b"")
        wire.receive(self._control)

    def resume(self) -> None:
        """Tell that the handler goes on."""
        self.send({"kind": "resumed"}, b"")

    def _own_files(self) -> list[str]:
        """List the modules that came from code and layers: who changes them wants a reload."""
        files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        return [file for file in files if file and file.startswith(self._roots)]

    def _next(self) -> tuple[bytes, dict[str, str]]:
        if not self._initialized:
            self._initialized = True
            self.send({"kind": "ready"}, b"")
        header, body = wire.receive(self._control)
        self.clock.set_offset(header["offset_seconds"])
        return body, header["runtime_headers"]

    def _post_result(self, _id: str, result: bytes, content_type: str, *_: object) -> None:
        self.send({"kind": "result", "content_type": content_type}, result)

    def _post_error(self, _id: str, error: str | bytes, *_: object) -> None:
        body = error.encode("utf-8", "replace") if isinstance(error, str) else error
        self.send({"kind": "error"}, body)
