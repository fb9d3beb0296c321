"""Finds the interpreters of this machine: Python by PATH, pyenv and uv, Node.js by PATH and nvm.

What Lambda calls ``python3.12`` is run by a Python 3.12 if there is one; else by the Python that
runs the emulator, which is told at start.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.awslambda.runtimes import Runtime

OWN_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_TELL_PYTHON = "import ctypes, ssl, sys; print('%d.%d' % sys.version_info[:2])"
_PROBE_SECONDS = 10
# AWS's Node.js runtime client runs from this version on.
_OLDEST_NODE = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A program that can run a function.

    Args:
        version: ``3.12`` or ``20``.
        warning: what is not as the template says, one line; empty when all is.
    """

    program: Path
    version: str
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where to look, from the user's environment.

    Args:
        packs: a folder for each further Python with what AWS's runtime needs compiled for it.
    """

    path: str
    home: Path
    pyenv: Path
    uv: Path
    packs: Path

    @classmethod
    def of_user(cls) -> Places:
        """Look where the user's own shell would."""
        home = Path.home()
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        return cls(
            path=os.environ.get("PATH", os.defpath),
            home=home,
            pyenv=Path(os.environ.get("PYENV_ROOT") or home / ".pyenv"),
            uv=Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python"),
            packs=Path(sys.prefix) / "share" / "filestore-emulator",
        )


class Interpreters:
    """The interpreters of this machine, each looked for once."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._found: dict[str, Interpreter | None] = {}
        self._lock = threading.Lock()

    def find(self, runtime: Runtime) -> Interpreter | None:
        """Find the interpreter of a runtime; ``None`` if this machine has none."""
        if runtime.family == "provided":
            return Interpreter(program=Path("bootstrap"), version=runtime.version)
        with self._lock:
            if runtime.name not in self._found:
                find = find_python if runtime.family == "python" else find_node
                self._found[runtime.name] = find(runtime, self._places)
            return self._found[runtime.name]


def find_python(runtime: Runtime, places: Places) -> Interpreter:
    """Find the interpreter of a Python runtime; the emulator's own if there is no better one."""
    own = Interpreter(program=Path(sys.executable), version=OWN_PYTHON)
    if runtime.version == OWN_PYTHON:
        return own
    program = _find_program(_pythons(runtime.version, places), runtime.version)
    if program is None:
        why = f"there is no Python {runtime.version} on this machine"
    elif not (places.packs / f"python{runtime.version}").is_dir():
        why = f"what Lambda's runtime has is not installed for {program}"
    else:
        return Interpreter(program=program, version=runtime.version)
    warning = f"{runtime.name} is run by Python {OWN_PYTHON}: {why}"
    return Interpreter(program=own.program, version=OWN_PYTHON, warning=warning)


def find_node(runtime: Runtime, places: Places) -> Interpreter | None:
    """Find the Node.js of a runtime, else the nearest; ``None`` if there is none."""
    found: dict[int, Path] = {}
    for program in _nodes(places):
        version = _probe([str(program), "--version"]).removeprefix("v").partition(".")[0]
        if version.isdecimal() and int(version) >= _OLDEST_NODE:
            found.setdefault(int(version), program)
        if version == runtime.version:
            break
    if not found:
        return None
    wanted = int(runtime.version)
    nearest = min(found, key=lambda version: (abs(version - wanted), -version))
    warning = ""
    if nearest != wanted:
        warning = f"{runtime.name} is run by Node.js {nearest}: there is no Node.js {wanted}"
        warning += " on this machine"
    return Interpreter(program=found[nearest], version=str(nearest), warning=warning)


def _find_program(candidates: Iterator[Path], version: str) -> Path | None:
    for program in candidates:
        if _probe([str(program), "-I", "-S", "-c", _TELL_PYTHON]) == version:
            return program
    return None


def _pythons(version: str, places: Places) -> Iterator[Path]:
    name = f"python{version}"
    found = shutil.which(name, path=places.path)
    # A shim of pyenv runs the versions that the folder is set to, and says so slowly.
    if found and Path(found).parent != places.pyenv / "shims":
        yield Path(found)
    yield from _newest_first(places.pyenv / "versions", f"{version}.*/bin/{name}")
    yield from _newest_first(places.uv, f"cpython-{version}.*/bin/{name}")


def _nodes(places: Places) -> Iterator[Path]:
    found = shutil.which("node", path=places.path)
    if found:
        yield Path(found)
    yield from _newest_first(places.home / ".nvm" / "versions" / "node", "v*/bin/node")


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    def version(program: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", program.parent.parent.name)[:3]]

    return sorted(folder.glob(pattern), key=version, reverse=True)


def _probe(command: list[str]) -> str:
    """Give what a program says; nothing if it cannot be run."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
            text=True,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
