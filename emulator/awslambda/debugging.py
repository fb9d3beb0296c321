"""Debuggers: which functions wait for one, and what stands still while one has stopped them.

``--debug FUNCTION[:PORT]`` lets debugpy listen in the function's process, which then waits for VS
Code or PyCharm; ``breakpoint()`` in any other Python function opens pdb in the emulator's terminal.
"""

from __future__ import annotations

import threading
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.errors import StartupError
from emulator.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from emulator.application import Function


class Debugging:
    """What the user wants to debug, and where.

    Args:
        ports: the port of the debugger, by function.
        terminal: the device of the emulator's terminal; ``None`` without one.
        hold: keeps other output away from the terminal.
        release: lets it go on.
        say: shows a line to the user.
    """

    def __init__(
        self,
        ports: Mapping[str, int] | None = None,
        *,
        terminal: str | None = None,
        hold: Callable[[], None] = lambda: None,
        release: Callable[[], None] = lambda: None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.ports = dict(ports or {})
        self.terminal = terminal
        self.stopwatch = Stopwatch()
        self._hold = hold
        self._release = release
        self._say = say
        self._stopped = 0
        self._lock = threading.Lock()

    def check(self, functions: Iterable[Function]) -> None:
        """Refuse to debug what cannot be debugged.

        Raises:
            StartupError: there is no such function, or it does not run Python.
        """
        by_name = {function.name: function for function in functions}
        for name in self.ports:
            if name not in by_name:
                known = ", ".join(by_name) or "none"
                raise StartupError(f"--debug: there is no function {name}; there are: {known}")
            runtime = by_name[name].runtime
            if not runtime.startswith("python"):
                raise StartupError(f"--debug: {name} runs {runtime}, and only Python is debugged")

    def watched(self, function_name: str) -> AbstractContextManager[None]:
        """Let time stand still during an invocation of a function that is debugged."""
        return self.stopwatch.held() if function_name in self.ports else nullcontext()

    def listening(self, port: int) -> None:
        """Tell the user that a function waits."""
        self._say(f"waiting for the debugger on 127.0.0.1:{port}")

    def stopped(self) -> None:
        """Let time and output stand still: somebody talks to a debugger in the terminal."""
        with self._lock:
            self._stopped += 1
            if self._stopped == 1:
                self._hold()
        self.stopwatch.hold()

    def resumed(self) -> None:
        """Let both go on."""
        self.stopwatch.let_go()
        with self._lock:
            self._stopped -= 1
            if not self._stopped:
                self._release()


def make_debugger_directory(directory: Path) -> Path:
    """Make a folder with the debug adapter and nothing else, for a function's search path."""
    directory.mkdir(parents=True, exist_ok=True)
    link = directory / "debugpy"
    found = find_spec("debugpy")
    if found is None or not found.submodule_search_locations:
        raise StartupError("--debug needs debugpy, which is not installed")
    link.unlink(missing_ok=True)
    link.symlink_to(Path(found.submodule_search_locations[0]))
    return directory
