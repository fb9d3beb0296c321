"""The emulator's side of a zygote: forks environments, and hears how they end."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import threading
import uuid
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

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
# Without `site` and the user's environment, Python finds its standard library only.
ISOLATED = ("-I", "-S", "-X", "utf8")
# Nothing of the host's: not its variables, not the profiles of the AWS CLI in the home folder.
BARE_ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_STOP_SECONDS = 1.5
_START_SECONDS = 30.0
_REAP_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program, not Python code, that is an execution environment."""

    command: list[str]
    environment: dict[str, str]
    folder: str


class Link(Protocol):
    """Stands between an environment's control socket and a process that speaks otherwise."""

    def attach(self, child: Child) -> None:
        """Learn which process it serves."""

    def disconnect(self) -> None:
        """End the conversation: the process has ended. Does not wait for anything."""

    def stop(self) -> None:
        """Let go of everything."""


@dataclass(slots=True, kw_only=True)
class Child:
    """A process of an execution environment; ``code`` is its exit status, negative for a signal.

    Args:
        control: frames to the process and from it.
        pid: ``None`` until the zygote has told it.
        max_memory_bytes: known once it has ended.
        link: what else the conversation with it needs, if anything.
    """

    zygote: ZygoteProcess
    environment_id: str
    control: socket.socket
    log_descriptor: int
    link: Link | None = None
    started: float = field(default_factory=perf_counter)
    pid: int | None = None
    code: int | None = None
    max_memory_bytes: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def kill(self) -> None:
        """Kill it by SIGKILL, and what it has started."""
        self.zygote.kill(self)

    def close(self) -> None:
        """Let go of it; it ends by itself if it still runs."""
        self.control.close()
        os.close(self.log_descriptor)
        if self.link is not None:
            self.link.stop()

    def wait(self) -> int:
        """Wait for the end of a process that is ending; give its exit status."""
        self.ended.wait(_REAP_SECONDS)
        return -9 if self.code is None else self.code


class ZygoteProcess:
    """A zygote that boots while the emulator goes on.

    Args:
        python: the interpreter.
        search_path: what every environment finds besides its own code, first one first.
        preload: whether boto3 is loaded before the fork; not for code that brings its own.
    """

    def __init__(self, python: Path, search_path: Sequence[Path], *, preload: bool) -> None:
        self._python = python
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
        code = _START.format(
            path=[str(path) for path in self._search_path],
            descriptor=theirs.fileno(),
            preload=self._preload,
        )
        with theirs:
            self._process = subprocess.Popen(
                [str(self._python), *ISOLATED, "-c", code],
                env=BARE_ENVIRONMENT,
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

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs, or is about to."""
        return self._process is not None and self._process.poll() is None

    def fork(self, configuration: dict[str, Any]) -> Child:
        """Fork an environment.

        Raises:
            ChildProcessError: the zygote has died.
        """
        control, remote_control = socket.socketpair()
        with remote_control:
            message = {"kind": "fork", "configuration": configuration}
            return self._start_child(message, control, remote_control, None)

    def execute(
        self,
        program: Program,
        control: socket.socket,
        remote_control: socket.socket,
        link: Link | None = None,
    ) -> Child:
        """Run a program as an environment.

        Args:
            program: what to run.
            control: the emulator's end of the conversation with it.
            remote_control: the other end; the program has it as descriptor 3.
            link: what else the conversation needs; stopped when the environment is let go.

        Raises:
            ChildProcessError: the zygote has died.
        """
        message = {"kind": "execute", "program": asdict(program)}
        return self._start_child(message, control, remote_control, link)

    def _start_child(
        self,
        message: dict[str, Any],
        control: socket.socket,
        remote_control: socket.socket,
        link: Link | None,
    ) -> Child:
        log, remote_log = os.pipe()
        child = Child(
            zygote=self,
            environment_id=uuid.uuid4().hex,
            control=control,
            log_descriptor=log,
            link=link,
        )
        if link is not None:
            link.attach(child)
        try:
            if not self._up.wait(_START_SECONDS) or self._channel is None:
                raise ConnectionError
            with self._lock:
                self._children[child.environment_id] = child
                socket.send_fds(self._channel, [b"!"], [remote_control.fileno(), remote_log])
                wire.send(self._channel, {**message, "id": child.environment_id})
        except OSError as error:
            self._children.pop(child.environment_id, None)
            control.close()
            os.close(log)
            state = "has ended" if self._up.is_set() else "did not start"
            raise ChildProcessError(f"the parent process of the functions {state}") from error
        finally:
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
                elif message["kind"] == "started":
                    self._note_pid(message["id"], message["pid"])
                elif message["kind"] == "exit":
                    self._bury(message["id"], message["code"], message["max_memory_bytes"])
        except (EOFError, OSError):
            pass  # stopped, or died: the environments have died with it
        finally:
            self._up.set()
            for environment_id in list(self._children):
                self._bury(environment_id, -9)

    def _note_pid(self, environment_id: str, pid: int) -> None:
        with self._lock:
            child = self._children.get(environment_id)
        if child is not None:
            child.pid = pid

    def _bury(self, environment_id: str, code: int, max_memory_bytes: int = 0) -> None:
        with self._lock:
            child = self._children.pop(environment_id, None)
        if child is not None:
            child.code = code
            child.max_memory_bytes = max_memory_bytes
            child.ended.set()
            if child.link is not None:
                child.link.disconnect()
