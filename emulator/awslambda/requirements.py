"""Installs the ``requirements.txt`` of functions, as ``sam build`` would, into a cache.

An installation is named by what it was made from: the content of the file, the interpreter and the
platform. It is made beside its place and renamed into it, under a lock, so that emulators that
start at the same time install it once.
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from concurrent.futures import Future
from importlib.metadata import version
from time import monotonic
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from emulator.awslambda.interpreters import Interpreter

    Tell = Callable[[str, str], None]

# What AWS's runtime has already; the emulator's own versions of it.
_IN_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "python-dateutil", "six")
_INCLUDED = re.compile(r"(?:-r|-c|--requirement|--constraint)[ =]\s*(\S+)")
_LOCAL = re.compile(r"(?:-e\s|--editable[ =]|\.|/|file:|.*@\s*file:)")
_KEPT_LINES = 3


class RequirementsError(Exception):
    """The requirements of a function cannot be installed; one line."""


class Requirements:
    """Installed requirements.

    Args:
        cache: a folder that emulators share.
        tell: shows a line about a function.
    """

    def __init__(self, cache: Path, tell: Tell) -> None:
        self._cache = cache
        self._tell = tell
        self._installed: dict[str, Future[None]] = {}
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def begin(self, file: Path, interpreter: Interpreter, function_name: str) -> Future[None]:
        """Begin to install a file, unless that is done or begun already.

        What has failed is begun again: the network may be back.
        """
        if _is_in_runtime(file):
            done: Future[None] = Future()
            done.set_result(None)
            return done
        key = _key(file, interpreter)
        with self._lock:
            begun = self._installed.get(key)
            if begun is not None and not (begun.done() and begun.exception()):
                return begun
            future = self._installed[key] = Future()
        threading.Thread(
            target=self._run,
            args=(future, _Installation(file, interpreter, self._cache / key, function_name)),
            name="requirements",
            daemon=True,
        ).start()
        return future

    def folders(self, file: Path, interpreter: Interpreter, function_name: str) -> list[Path]:
        """Give the folder of what is installed, once it is; none if there is nothing to install.

        Raises:
            RequirementsError: it cannot be installed.
        """
        if _is_in_runtime(file):
            return []
        self.begin(file, interpreter, function_name).result()
        return [self._cache / _key(file, interpreter)]

    def stop(self) -> None:
        """End the installations that still run; twice does no harm."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            process.kill()

    def _run(self, future: Future[None], installation: _Installation) -> None:
        try:
            self._install(installation)
        except Exception as error:  # noqa: BLE001 -- a thread: whoever waits must hear of it
            message = f"its {installation.file.name} cannot be installed: {error}"
            if not self._stopped:
                self._tell(installation.function_name, message)
            future.set_exception(RequirementsError(message))
        else:
            future.set_result(None)

    def _install(self, installation: _Installation) -> None:
        if installation.folder.is_dir():
            return
        self._cache.mkdir(parents=True, exist_ok=True)
        with _locked(self._cache / f"{installation.folder.name}.lock"):
            if installation.folder.is_dir():  # another emulator was faster
                return
            shutil.rmtree(installation.beside, ignore_errors=True)  # left by a crash
            command = installation.command()
            file, name = installation.file.name, installation.function_name
            self._tell(name, f"installing its {file} with {installation.installer}")
            started = monotonic()
            self._call(command, installation.file.parent)
            installation.beside.rename(installation.folder)
            self._tell(name, f"{file} is installed ({monotonic() - started:.1f} s)")

    def _call(self, command: list[str], folder: Path) -> None:
        with self._lock:
            if self._stopped:
                raise RequirementsError("the emulator is stopping")
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        output, _ = process.communicate()
        with self._lock:
            self._running.discard(process)
        if process.returncode:
            lines = [line.strip() for line in output.splitlines() if line.strip()]
            raise RequirementsError(" / ".join(lines[-_KEPT_LINES:]) or "no reason was given")


class _Installation:
    """One installation: what, for whom, where to, and by what."""

    def __init__(
        self, file: Path, interpreter: Interpreter, folder: Path, function_name: str
    ) -> None:
        self.file = file
        self.folder = folder
        self.beside = folder.with_name(f"{folder.name}.partial")
        self.function_name = function_name
        self._program = str(interpreter.program)
        self._uv = shutil.which("uv")
        self.installer = "uv" if self._uv else "pip"

    def command(self) -> list[str]:
        """Give the command that installs beside the place.

        Raises:
            RequirementsError: there is no installer.
        """
        place = ["--target", str(self.beside), "--requirement", str(self.file)]
        if self._uv:
            return [self._uv, "pip", "install", "--quiet", "--python", self._program, *place]
        if importlib.util.find_spec("pip") is None:
            raise RequirementsError("there is neither uv nor pip on this machine")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
        if self._program != sys.executable:
            pip += ["--python", self._program]
        return [*pip, "install", "--quiet", *place]


def _key(file: Path, interpreter: Interpreter) -> str:
    digest = hashlib.sha256()
    for part in (interpreter.version, sysconfig.get_platform(), *_contents(file)):
        digest.update(part.encode("utf-8", "replace") + b"\0")
    return digest.hexdigest()[:32]


def _contents(file: Path) -> Iterator[str]:
    """Give the content of a file and of those that it includes."""
    waiting, seen = [file], set()
    while waiting:
        file = waiting.pop().resolve()
        if file in seen:
            continue
        seen.add(file)
        try:
            content = file.read_text(errors="replace")
        except OSError:
            continue  # the installer says what is wrong with it
        yield content
        waiting += [file.parent / name for name in _INCLUDED.findall(content)]
        if any(_LOCAL.match(line) for line in content.splitlines()):
            yield str(file.parent)  # what it names is somewhere else for another file


def _is_in_runtime(file: Path) -> bool:
    """Tell whether all that a file requires is in AWS's runtime: boto3, in most cases."""
    lines = [line.split(" #")[0].strip() for line in _read(file).splitlines()]
    return all(_satisfies(line) for line in lines if line and not line.startswith("#"))


def _satisfies(line: str) -> bool:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return False
    name = requirement.name.lower().replace("_", "-")
    if requirement.extras or requirement.url or name not in _IN_RUNTIME:
        return False
    return requirement.specifier.contains(version(name), prereleases=True)


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
