"""The emulator's side of a zygote: forks environments, and hears how they end."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.awslambda.process import wire

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_log = logging.getLogger(__name__)
_START = """\
import sys
sys.path[:0] = {path!r}
from emulator_runtime.zygote import main
main({descriptor}, preload={preload})
"""
_STOP_SECONDS = 1.5
_START_SECONDS = 30.0
_REAP_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class Child:
    """A forked process; ``code`` is its exit status, negative for a signal."""

    environment_id: str
    control: socket.socket
    log_descriptor: int
    pid: int | None = None
    code: int | None = None
    max_memory_bytes: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> int:
        """Wait for the end of a process that is ending; give its exit status."""
        self.ended.wait(_REAP_SECONDS)
        return -9 if self.code is None else self.code


class ZygoteProcess:
    """A zygote that boots while the emulator goes on.

    Args:
        search_path: what every environment finds besides its own code, first one first.
        preload: whether boto3 is loaded before the fork; not for code that brings its own.
    """

    def __init__(self, search_path: Sequence[Path], *, preload: bool) -> None:
        self._search_path = search_path
        self._preload = preload
        self._children: dict[str, Child] = {}
        self._lock = threading.Lock()
        self._up = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._reader = threading.Thread(target=self._read, name="zygote", daemon=True)

    def start(self) -> None:
        """Start it; ``fork`` waits until it is up."""
        ours, theirs = socket.socketpair()
        # Without `site` and the user's environment, Python finds its standard library only; then
        # comes what AWS's runtime has. UTF-8 as on Lambda, whatever the host's locale.
        code = _START.format(
            path=[str(path) for path in self._search_path],
            descriptor=theirs.fileno(),
            preload=self._preload,
        )
        command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", code]
        with theirs:
            self._process = subprocess.Popen(
                command,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C in the terminal is the emulator's to handle
            )
        self._channel = ours
        self._reader.start()

    def stop(self) -> None:
        """End it and every environment; twice does no harm."""
        if self._channel is None or self._process is None:
            return
        # The reader holds the socket, so that closing it would not end the conversation.
        with contextlib.suppress(OSError):  # it may have ended by itself
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_STOP_SECONDS)
        self._channel.close()
        self._channel = None

    def fork(self, configuration: dict[str, Any]) -> Child:
        """Fork an environment.

        Raises:
            ChildProcessError: the zygote has died.
        """
        if not self._up.wait(_START_SECONDS) or self._channel is None:
            raise ChildProcessError("the parent process of the functions did not start")
        control, remote_control = socket.socketpair()
        log, remote_log = os.pipe()
        child = Child(environment_id=uuid.uuid4().hex, control=control, log_descriptor=log)
        message = {"kind": "fork", "id": child.environment_id, "configuration": configuration}
        try:
            with self._lock:
                self._children[child.environment_id] = child
                socket.send_fds(self._channel, [b"!"], [remote_control.fileno(), remote_log])
                wire.send(self._channel, message)
        except OSError as error:
            control.close()
            os.close(log)
            raise ChildProcessError("the parent process of the functions has ended") from error
        finally:
            remote_control.close()
            os.close(remote_log)
        return child

    def kill(self, child: Child) -> None:
        """Kill an environment by SIGKILL; the zygote knows whether the process is still it."""
        with self._lock:
            if self._channel is None or child.ended.is_set():
                return
            try:
                self._channel.sendall(b"!")
                wire.send(self._channel, {"kind": "kill", "id": child.environment_id})
            except OSError:
                _log.debug("killed with its zygote")

    def _read(self) -> None:
        channel = self._channel
        try:
            while channel is not None:
                message, _ = wire.receive(channel)
                if message["kind"] == "up":
                    self._up.set()
                elif message["kind"] == "forked":
                    self._name(message["id"], message["pid"])
                elif message["kind"] == "exit":
                    self._bury(message["id"], message["code"], message["max_memory_bytes"])
        except (EOFError, OSError):
            pass  # stopped, or died: the environments have died with it
        finally:
            self._up.set()
            for environment_id in list(self._children):
                self._bury(environment_id, -9)

    def _name(self, environment_id: str, pid: int) -> None:
        with self._lock:
            if environment_id in self._children:
                self._children[environment_id].pid = pid

    def _bury(self, environment_id: str, code: int, max_memory_bytes: int = 0) -> None:
        with self._lock:
            child = self._children.pop(environment_id, None)
        if child is not None:
            child.code = code
            child.max_memory_bytes = max_memory_bytes
            child.ended.set()
