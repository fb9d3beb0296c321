"""How the process of an execution environment comes about.

    python    fork: from a zygote, one for each interpreter and set of own AWS libraries
              spawn: the same worker in a new interpreter, where fork is unsafe
    nodejs    AWS's Node.js runtime client, over the Runtime API
    provided  the function's own ``bootstrap``, over the Runtime API

Whatever it is, the emulator gets a ``Child``: a control socket, a log pipe, and news of its end.
"""

from __future__ import annotations

import logging
import os
import platform
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.awslambda.debugging import make_debugger_directory
from emulator.awslambda.interpreters import OWN_PYTHON
from emulator.awslambda.process import wire
from emulator.awslambda.process.network_guard import ALLOWED_HOSTS_FILE
from emulator.awslambda.runtime_api import RuntimeApi
from emulator.awslambda.runtime_directory import make_runtime_directory
from emulator.awslambda.zygote_process import (
    BARE_ENVIRONMENT,
    ISOLATED,
    Program,
    ZygoteProcess,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.awslambda.interpreters import Interpreter
    from emulator.awslambda.runtimes import Runtime
    from emulator.awslambda.zygote_process import Child
    from emulator.settings import LambdaEngine

    ZygoteKey = tuple[Path, tuple[Path, ...], bool]

_log = logging.getLogger(__name__)
_SPAWN = """\
import sys
sys.path[:0] = {path!r}
from emulator_runtime.spawned import main
main(3)
"""
# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
_ELF_MACHINES = {"x86_64": 62, "aarch64": 183}
_PROCESS = Path(__file__).parent / "process"
# What a zygote has loaded before the function's own folders are on the path.
_PRELOADED = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")


class InvalidEntrypointError(Exception):
    """The function's package has no program that could be started; AWS's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What an execution environment is made of.

    Args:
        libraries: folders that Python searches after the code, and before AWS's libraries.
        layers: folders that stand for ``/opt``, the one that wins first.
        offset_seconds: how far the clock is moved.
        terminal: where ``breakpoint()`` opens pdb; ``None`` without one.
        debug_port: where the process waits for a debugger; ``None`` if it does not.
    """

    runtime: Runtime
    interpreter: Interpreter
    handler: str
    variables: dict[str, str]
    task_root: Path
    libraries: tuple[Path, ...]
    layers: tuple[Path, ...]
    offset_seconds: float
    terminal: str | None = None
    debug_port: int | None = None


def default_engine() -> LambdaEngine:
    """Choose by the platform: forking a process that has used Apple's frameworks is unsafe."""
    return "spawn" if sys.platform == "darwin" else "fork"


class Engines:
    """The parents of the environments, started as they are needed.

    Args:
        directory: gets a folder of AWS's libraries for each Python.
        packs: what AWS's libraries have compiled, for other Pythons than the emulator's.
    """

    def __init__(self, directory: Path, *, packs: Path, engine: LambdaEngine) -> None:
        self._directory = directory
        self._packs = packs
        self._engine = engine
        self._zygotes: dict[ZygoteKey, ZygoteProcess] = {}
        self._runtime_directories: dict[str, Path] = {}
        self._lock = threading.Lock()
        self._stopped = False

    @property
    def has_node_client(self) -> bool:
        """Tell whether AWS's Node.js runtime client is installed."""
        return self._node_client.exists()

    @property
    def _node_client(self) -> Path:
        return self._packs / "node" / "node_modules" / "aws-lambda-ric" / "dist" / "index.mjs"

    def prepare(self, interpreter: Interpreter) -> None:
        """Start what the environments of an interpreter come from; it boots meanwhile."""
        path = (self.runtime_directory(interpreter.version),)
        if self._engine == "fork":
            self._zygote(interpreter.program, path, preload=True)
        else:
            self._launcher()

    def stop(self) -> None:
        """End every environment, and what they come from."""
        with self._lock:
            self._stopped = True
            zygotes = list(self._zygotes.values())
        for zygote in zygotes:
            zygote.stop()

    def runtime_directory(self, version: str) -> Path:
        """Give the folder of AWS's libraries for a version of Python."""
        with self._lock:
            if version not in self._runtime_directories:
                name = f"python{version}"
                self._runtime_directories[version] = make_runtime_directory(
                    self._directory / name, self._packs / name
                )
            return self._runtime_directories[version]

    def runtime_directory_for(self, runtime: Runtime, interpreter: Interpreter) -> Path:
        """Give the folder that a function finds as ``LAMBDA_RUNTIME_DIR``."""
        if runtime.family == "python":
            return self.runtime_directory(interpreter.version)
        return self._packs / "node" if runtime.family == "nodejs" else Path("/var/runtime")

    def launch(self, launch: Launch) -> Child:
        """Start the process of an environment.

        Raises:
            InvalidEntrypointError: the package has nothing to start.
            ChildProcessError: the machine does not let us.
        """
        if launch.runtime.family == "python":
            return self._python(launch)
        if launch.runtime.family == "nodejs":
            return self._over_http(launch, self._node_command(launch))
        return self._over_http(launch, [str(_bootstrap(launch))])

    def _python(self, launch: Launch) -> Child:
        python = launch.interpreter
        configuration: dict[str, Any] = {
            "environment": launch.variables,
            "task_root": str(launch.task_root),
            "handler": launch.handler,
            "path": [str(path) for path in launch.libraries],
            "layers": [str(layer) for layer in launch.layers],
            "terminal": launch.terminal,
            "debug_port": launch.debug_port,
            "debugger_directory": (
                str(make_debugger_directory(self._directory / "debugger"))
                if launch.debug_port is not None
                else ""
            ),
            "offset_seconds": launch.offset_seconds,
        }
        runtime_directory = self.runtime_directory(python.version)
        if self._engine == "spawn":
            return self._spawn(python.program, runtime_directory, configuration)
        own = tuple(folder for folder in launch.libraries if brings_aws_libraries([folder]))
        # The function's code never runs in a zygote, so that AWS libraries in it are not preloaded.
        preload = not brings_aws_libraries([launch.task_root])
        path = (*own, runtime_directory) if preload else (runtime_directory,)
        try:
            return self._zygote(python.program, path, preload=preload).fork(configuration)
        except ChildProcessError as error:
            if self._stopped:
                raise
            _log.warning("%s: %s; starting it without", launch.handler, error)
            return self._spawn(python.program, runtime_directory, configuration)

    def _spawn(self, python: Path, path: Path, configuration: dict[str, Any]) -> Child:
        code = _SPAWN.format(path=[str(path)])
        program = Program(
            command=[str(python), *ISOLATED, "-c", code], environment=BARE_ENVIRONMENT, folder="/"
        )
        control, remote_control = socket.socketpair()
        with remote_control:
            child = self._launcher().execute(program, control, remote_control)
        try:
            wire.send(control, configuration)
        except OSError as error:
            child.close()
            raise ChildProcessError(f"{python} ended as soon as it was started") from error
        return child

    def _node_command(self, launch: Launch) -> list[str]:
        hook, main = _PROCESS / "node_hook.cjs", _PROCESS / "node_main.mjs"
        node = str(launch.interpreter.program)
        return [node, "--require", str(hook), str(main), str(self._node_client)]

    def _over_http(self, launch: Launch, command: list[str]) -> Child:
        api = RuntimeApi()
        environment = {**launch.variables, "AWS_LAMBDA_RUNTIME_API": api.address}
        if launch.runtime.family == "nodejs":
            environment["_LAMBDA_TELEMETRY_LOG_FD"] = "4"
            environment["EMULATOR_CLOCK_OFFSET_SECONDS"] = str(launch.offset_seconds)
            environment["EMULATOR_ALLOWED_HOSTS_FILE"] = str(self._directory / ALLOWED_HOSTS_FILE)
        program = Program(command=command, environment=environment, folder=str(launch.task_root))
        try:
            return self._launcher().execute(program, api.control, api.remote_control, api)
        except ChildProcessError:
            api.stop()
            raise

    def _launcher(self) -> ZygoteProcess:
        """Give the process that starts programs; it has nothing loaded, and so starts at once."""
        return self._zygote(
            Path(sys.executable), (self.runtime_directory(OWN_PYTHON),), preload=False, renew=True
        )

    def _zygote(
        self, python: Path, path: tuple[Path, ...], *, preload: bool, renew: bool = False
    ) -> ZygoteProcess:
        with self._lock:
            if self._stopped:
                raise ChildProcessError("the emulator is stopping")
            key = (python, path, preload)
            zygote = self._zygotes.get(key)
            if zygote is not None and renew and not zygote.is_alive:
                zygote.stop()
                zygote = None
            if zygote is None:
                zygote = self._zygotes[key] = ZygoteProcess(python, path, preload=preload)
                zygote.start()
            return zygote


def brings_aws_libraries(folders: Iterable[Path]) -> bool:
    """Tell whether folders hold a package that a zygote would have loaded before."""
    return any((folder / name).exists() for folder in folders for name in _PRELOADED)


def _bootstrap(launch: Launch) -> Path:
    """Find the program of a custom runtime.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
    """
    places = [launch.task_root, *launch.layers]
    found = [place / "bootstrap" for place in places if (place / "bootstrap").is_file()]
    if not found:
        names = "[/var/task/bootstrap /opt/bootstrap]"
        raise InvalidEntrypointError(f"Couldn't find valid bootstrap(s): {names}")
    problem = None if os.access(found[0], os.X_OK) else "permission denied"
    if problem is None and _is_for_another_machine(found[0]):
        problem = "exec format error"
    if problem is not None:
        name = "/var/task/bootstrap" if found[0].parent == launch.task_root else "/opt/bootstrap"
        raise InvalidEntrypointError(f"fork/exec {name}: {problem}")
    return found[0]


def _is_for_another_machine(program: Path) -> bool:
    """Tell whether a program was built for another processor, or for Linux and this is none."""
    with program.open("rb") as file:
        head = file.read(20)
    if not head.startswith(b"\x7fELF"):
        return False
    machine = int.from_bytes(head[18:20], "little")
    return sys.platform != "linux" or machine != _ELF_MACHINES.get(platform.machine(), machine)
