"""The parent of execution environments: boto3 is loaded and warm here, and shared by ``fork``.

``main`` gets the file descriptor of its channel.
Frames come in: ``fork`` and ``execute`` (with two descriptors: control socket and log pipe) and
``kill``; frames go out: ``up``, ``started``, ``exit``.
``execute`` runs another program in the child; being single-threaded, this process can do what the
emulator with its threads cannot: prepare a child between ``fork`` and ``exec``.
Its end is the end of its children, whichever way it comes.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import os
import resource
import select
import signal
import site
import socket
import sys
import traceback
from typing import Any

from . import wire, worker

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 1024
_WARM_SERVICES = ("s3", "dynamodb")


def main(channel_descriptor: int, *, preload: bool) -> None:
    """Preload, then fork and bury until the channel ends."""
    channel = socket.socket(fileno=channel_descriptor)
    site.setquit()  # Python was started without `site`; handlers may call exit() all the same
    if preload:
        # A function that brings a broken boto3 is told so when it imports it.
        with contextlib.suppress(Exception):
            _preload()
    gc.collect()
    gc.freeze()
    try:
        wire.send(channel, {"kind": "up", "pid": os.getpid()})
    except ConnectionError:
        return  # the emulator was stopped before it was ready
    Zygote(channel).serve()


def _preload() -> None:
    """Load boto3 and parse the models of the usual services once, for every child to share."""
    import awslambdaric.bootstrap  # noqa: PLC0415
    import awslambdaric.lambda_runtime_client  # noqa: PLC0415

    # These two read the environment and look for the native client when they are imported: the
    # child imports them again, and finds what they need already there.
    for name in ("bootstrap", "lambda_runtime_client"):
        del sys.modules[f"awslambdaric.{name}"]
        delattr(awslambdaric, name)

    import botocore.session  # noqa: PLC0415

    for module in (
        "boto3",
        "boto3.s3.inject",
        "boto3.dynamodb.conditions",
        "boto3.dynamodb.transform",
    ):
        importlib.import_module(module)
    make_loader = botocore.session.create_loader
    shared = make_loader(None)
    botocore.session.create_loader = lambda path=None: make_loader(path) if path else shared
    session = botocore.session.Session()
    for service in _WARM_SERVICES:
        session.create_client(
            service,
            region_name="us-east-1",
            aws_access_key_id="warm",
            aws_secret_access_key="up",  # noqa: S106 -- signs nothing
        )


class Zygote:
    """Forks on request, and tells how each child ended."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._children: dict[int, str] = {}
        self._wake_out, self._wake_in = os.pipe()
        for descriptor in (self._wake_out, self._wake_in):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wake_in)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Work until the emulator closes the channel, or dies."""
        while True:
            channel = self._channel.fileno()
            ready, _, _ = select.select([channel, self._wake_out], [], [])
            if self._wake_out in ready:
                self._bury()
            if channel in ready:
                message, descriptors = self._receive()
                if message is None:
                    self._end()
                elif message["kind"] in {"fork", "execute"}:
                    self._start(message, descriptors)
                elif message["kind"] == "kill":
                    self._kill(message["id"])

    def _receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        # The descriptors travel with the byte that announces the frame.
        try:
            announced, descriptors, _, _ = socket.recv_fds(self._channel, 1, 2)
            return (wire.receive(self._channel)[0], descriptors) if announced else (None, [])
        except (ConnectionError, EOFError):
            return None, []

    def _send(self, **message: object) -> None:
        try:
            wire.send(self._channel, message)
        except ConnectionError:
            self._end()

    def _start(self, message: dict[str, Any], descriptors: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_child(message, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children[pid] = message["id"]
        self._send(kind="started", id=message["id"], pid=pid)

    def _become_child(self, message: dict[str, Any], control: int, log: int) -> None:
        """Become an execution environment; never returns."""
        code = 1
        try:
            self._leave_zygote(log)
            if message["kind"] == "execute":
                _execute(control, **message["program"])
            else:
                worker.run(message["configuration"], socket.socket(fileno=control))
            code = 0
        except SystemExit as end:
            code = _exit_code(end)
            atexit._run_exitfuncs()  # noqa: SLF001 -- os._exit below would skip them
        except BaseException:  # noqa: BLE001 -- the outermost frame of a process
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(code)

    def _leave_zygote(self, log: int) -> None:
        """Let go of what is the zygote's: its signals, its descriptors, its process group."""
        _die_with_parent()
        os.setpgid(0, 0)  # what the function starts ends with it
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._channel.close()
        os.close(self._wake_in)
        os.close(self._wake_out)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        _limit_files()

    def _bury(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_out, 4096)
        while self._children:
            pid, status, usage = self._wait()
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            # On Linux in kilobytes, on macOS in bytes.
            peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            self._send(
                kind="exit", id=self._children.pop(pid, ""), code=code, max_memory_bytes=peak
            )

    def _wait(self) -> tuple[int, int, resource.struct_rusage]:
        """Wait for any child that has ended; what it has started ends too."""
        if hasattr(os, "waitid"):  # not on macOS before Python 3.13
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                # Before it is waited for, nobody else can have got its number.
                self._kill_group(ended.si_pid)
                return os.wait4(ended.si_pid, 0)
        return os.wait4(-1, os.WNOHANG)

    def _kill(self, environment_id: str) -> None:
        for pid, child in self._children.items():
            if child == environment_id:
                self._kill_group(pid)

    def _end(self) -> None:
        for pid in self._children:
            self._kill_group(pid)
        os._exit(0)

    @staticmethod
    def _kill_group(pid: int) -> None:
        """Kill a child and what it has started, even if it has no group of its own yet."""
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _execute(control: int, command: list[str], environment: dict[str, str], folder: str) -> None:
    """Run another program in this process: descriptor 3 is its control socket, 4 its log.

    The log has a description of its own where that is possible: Node.js makes its standard output
    non-blocking, which must not break the telemetry frames.
    """
    os.dup2(control, 3)
    log = os.open("/proc/self/fd/1", os.O_WRONLY) if sys.platform == "linux" else os.dup(1)
    os.dup2(log, 4)
    os.set_inheritable(4, True)
    os.closerange(5, _OPEN_FILES)
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.chdir(folder)
        os.execve(command[0], command, environment)  # noqa: S606 -- the command is the emulator's
    except OSError as error:
        sys.stderr.write(f"fork/exec {command[0]}: {(error.strerror or '').lower()}\n")
        os._exit(127)


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return (end.code or 0) & 0xFF
    sys.stderr.write(f"{end.code}\n")
    return 1


def _die_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_files() -> None:
    """Open as many files as on Lambda, at most."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
