"""Debuggers inside an execution environment: debugpy on a port, pdb in the emulator's terminal.

Nothing of this is loaded before it is needed.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pdb import Pdb
    from types import FrameType

_PORT_SECONDS = 10.0
_FILE_VALIDATION = "PYDEVD_DISABLE_FILE_VALIDATION"


def listen(directory: str, port: int) -> None:
    """Let the debug adapter listen; the port of an earlier environment may still be in use.

    Raises:
        RuntimeError: the port cannot be had.
    """
    os.environ[_FILE_VALIDATION] = "1"  # it would warn of frozen modules in every log
    sys.path.append(directory)
    import debugpy  # noqa: PLC0415

    deadline = time.monotonic() + _PORT_SECONDS
    while True:
        try:
            debugpy.listen(("127.0.0.1", port))
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            break
    del os.environ[_FILE_VALIDATION]


def wait_for_client() -> None:
    """Wait until a debugger has attached, and has set its breakpoints."""
    import debugpy  # noqa: PLC0415

    debugpy.wait_for_client()


def make_breakpoint_hook(
    terminal: str | None, stopped: Callable[[], None], resumed: Callable[[], None]
) -> Callable[..., None]:
    """Make what ``breakpoint()`` calls.

    Args:
        terminal: the device of the emulator's terminal.
        stopped: returns once the terminal is free for the debugger.
        resumed: gives the terminal back.
    """
    debuggers: list[Pdb] = []

    def hook(*_: Any, **__: Any) -> None:
        frame = sys._getframe(1)  # noqa: SLF001 -- the handler's; documented, if private
        if os.environ.get("PYTHONBREAKPOINT") == "0":
            return
        if terminal is None:
            place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
            sys.stderr.write(
                f"[WARNING] breakpoint() at {place} is ignored: the emulator has no terminal"
                " (emulator up --debug FUNCTION waits for an editor's debugger)\n"
            )
            return
        if not debuggers:
            debuggers.append(_terminal_debugger(terminal, stopped, resumed))
        debuggers[0].set_trace(frame)

    return hook


def _terminal_debugger(
    terminal: str, stopped: Callable[[], None], resumed: Callable[[], None]
) -> Pdb:
    import pdb  # noqa: PLC0415

    class TerminalPdb(pdb.Pdb):
        """Tells the emulator whenever somebody is asked for a command."""

        def interaction(self, frame: FrameType | None, traceback: Any) -> None:
            """Ask for commands."""
            stopped()
            try:
                super().interaction(frame, traceback)
            finally:
                resumed()

    # Not /dev/tty: this process belongs to a session of its own, which has none.
    source = os.fdopen(os.open(terminal, os.O_RDONLY | os.O_NOCTTY), "r")
    sink = os.fdopen(os.open(terminal, os.O_WRONLY | os.O_NOCTTY), "w")
    return TerminalPdb(stdin=source, stdout=sink, nosigint=True)
