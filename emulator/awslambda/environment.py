"""An execution environment as the emulator sees it: a process that takes one event at a time."""

from __future__ import annotations

import contextlib
import os
import select
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from emulator.awslambda.process import wire
from emulator.awslambda.reload import file_states
from emulator.awslambda.telemetry import TelemetryParser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.awslambda.debugging import Debugging
    from emulator.awslambda.reload import Fingerprint
    from emulator.awslambda.telemetry import LoggedText
    from emulator.awslambda.zygote_process import Child

    OnLog = Callable[[LoggedText], None]

_PIPE_BYTES = 1 << 16
_SETTLE_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.2


class TimedOutError(Exception):
    """The process did not answer in time; it is still running."""


class ExitedError(Exception):
    """The process ended instead of answering."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A frame from the worker.

    Args:
        kind: ``ready``, ``init-error``, ``result`` or ``error``.
    """

    kind: str
    body: bytes
    error_type: str | None
    max_memory_bytes: int


class ExecutionEnvironment:
    """One process of one function; used by one thread at a time."""

    def __init__(
        self,
        child: Child,
        *,
        log_stream: str,
        temporary_directory: Path,
        fingerprint: Fingerprint,
        debugging: Debugging,
    ) -> None:
        self.started = child.started
        self._child = child
        os.set_blocking(self._child.log_descriptor, False)
        self._parser = TelemetryParser()
        self._poll = select.poll()
        self._poll.register(self._child.control, select.POLLIN)
        self._poll.register(self._child.log_descriptor, select.POLLIN)
        self.log_stream = log_stream
        self.temporary_directory = temporary_directory
        self.idle_since = monotonic()
        self._fingerprint = fingerprint
        self._files: dict[str, tuple[int, int]] = {}
        self._debugging = debugging
        self._stopped = False
        self._closed = False
        self.is_new = True
        self.keeps_temporary = False
        self.out_of_memory = False
        self.memory_told = False
        self._waiting = True

    @property
    def pid(self) -> int | None:
        """Tell the process, once it is known."""
        return self._child.pid

    @property
    def max_memory_bytes(self) -> int:
        """Tell how much memory the process took at most; known once it has ended."""
        return self._child.max_memory_bytes

    @property
    def tells_files(self) -> bool:
        """Tell whether the process names the files that it has loaded."""
        return self._child.link is None

    def send(self, header: dict[str, Any], payload: bytes) -> None:
        """Hand over an event.

        Raises:
            ExitedError: the process has ended meanwhile.
        """
        self._waiting = False
        try:
            wire.send(self._child.control, header, payload)
        except OSError:
            raise ExitedError(self._child.wait()) from None

    def receive(self, timeout_seconds: float | None, on_log: OnLog) -> Answer:
        """Wait for the next frame, passing on what is logged meanwhile, as it is logged.

        Raises:
            TimedOutError: nothing came in time.
            ExitedError: the process ended instead.
        """
        try:
            return self._receive(timeout_seconds, on_log)
        finally:
            self._resume()  # whatever has become of a debugger that was at work

    def _receive(self, timeout_seconds: float | None, on_log: OnLog) -> Answer:
        stopwatch = self._debugging.stopwatch
        deadline = None if timeout_seconds is None else stopwatch.seconds() + timeout_seconds
        while True:
            ready = self._poll.poll(None if deadline is None else self._wait(deadline))
            if not ready and deadline is not None and stopwatch.seconds() >= deadline:
                raise TimedOutError
            self._read_log(on_log)
            if any(descriptor == self._child.control.fileno() for descriptor, _ in ready):
                answer = self._read_answer(on_log)
                if not self._is_of_debugger(answer):
                    return answer

    def _wait(self, deadline: float) -> float:
        """Give how many milliseconds to wait; a stopwatch that stands is looked at again."""
        stopwatch = self._debugging.stopwatch
        seconds = max(0.0, deadline - stopwatch.seconds())
        return (max(seconds, _LOOK_AGAIN_SECONDS) if stopwatch.is_held else seconds) * 1000

    def expect_debugger(self) -> str | None:
        """Wait until the process lets a debugger attach; give why it cannot.

        Raises:
            ExitedError: the process ended instead.
        """
        try:
            header, _ = wire.receive(self._child.control)
        except (EOFError, OSError):
            raise ExitedError(self._child.wait()) from None
        problem: str | None = header["problem"]
        return problem

    def _is_of_debugger(self, answer: Answer) -> bool:
        """Let time and terminal stand still while a debugger talks to the user."""
        if answer.kind == "stopped":
            self._stopped = True
            self._debugging.stopped()
            with contextlib.suppress(OSError):
                wire.send(self._child.control, {"kind": "go on"})
            return True
        if answer.kind == "resumed":
            self._resume()
            return True
        return False

    def _resume(self) -> None:
        if self._stopped:
            self._stopped = False
            self._debugging.resumed()

    def flush_log(self, on_log: OnLog) -> None:
        """Pass on the rest of what was logged, whole lines or not."""
        self._read_log(on_log)
        for event in self._parser.finish():
            on_log(event)

    def is_stale(self, fingerprint: Fingerprint) -> bool:
        """Tell whether the code has changed since this environment loaded it."""
        return fingerprint != self._fingerprint or file_states(self._files) != self._files

    def is_alive(self) -> bool:
        """Tell whether the process still runs, and waits for the next event."""
        return not self._child.ended.is_set() and self._is_waiting()

    def kill(self) -> None:
        """End the process now; what it was doing is lost."""
        self._child.kill()

    def wait(self) -> None:
        """Wait for the end of a killed process."""
        self._child.wait()

    def close(self) -> None:
        """Let go of the process; it ends by itself if it still runs. Twice does no harm."""
        if not self._closed:
            self._closed = True
            self._child.close()

    def _is_waiting(self) -> bool:
        """Hear the process ask for the next event: only then is it through with the last one.

        A Node.js process answers for an uncaught exception, and ends a moment later.
        """
        if self._child.link is None or self._waiting:
            return True
        ready, _, _ = select.select([self._child.control], [], [], _SETTLE_SECONDS)
        try:
            self._waiting = (
                bool(ready) and wire.receive(self._child.control)[0]["kind"] == "waiting"
            )
        except (EOFError, OSError):
            return False
        return self._waiting

    def _read_answer(self, on_log: OnLog) -> Answer:
        try:
            header, body = wire.receive(self._child.control)
        except (EOFError, OSError):
            code = self._child.wait()
            self.flush_log(on_log)
            raise ExitedError(code) from None
        self._read_log(on_log)
        if "files" in header:
            self._files = file_states(header["files"])
        return Answer(
            kind=header["kind"],
            body=body,
            error_type=header.get("error_type"),
            max_memory_bytes=header["max_memory_bytes"],
        )

    def _read_log(self, on_log: OnLog) -> None:
        while True:
            try:
                data = os.read(self._child.log_descriptor, _PIPE_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._poll_without_log()
                return
            for event in self._parser.feed(data):
                on_log(event)

    def _poll_without_log(self) -> None:
        """Stop listening to a pipe that its writers have closed, which would wake us for ever."""
        with contextlib.suppress(KeyError):
            self._poll.unregister(self._child.log_descriptor)
