"""Makes the environments of one function: interpreter, code, variables, /tmp and process."""

from __future__ import annotations

import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.awslambda.engines import Launch
from emulator.awslambda.environment import ExecutionEnvironment, ExitedError
from emulator.awslambda.package import Package
from emulator.awslambda.variables import Folders, environment_variables

if TYPE_CHECKING:
    from emulator.application import Function
    from emulator.awslambda.debugging import Debugging
    from emulator.awslambda.engines import Engines
    from emulator.awslambda.interpreters import Interpreter, Interpreters
    from emulator.awslambda.logs import LogSink
    from emulator.awslambda.memory import MemoryWatch
    from emulator.awslambda.package import Prepared
    from emulator.awslambda.reload import CodeTree
    from emulator.awslambda.requirements import Requirements
    from emulator.awslambda.runtimes import Runtime
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore


INIT_SECONDS = 10.0
_TASK_ROOT = "/var/task"
_LAYERS = "/opt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What all functions of an application share.

    Args:
        memory: kills what takes too much memory; ``None`` lets it.
        init_seconds: how long an import may take before Lambda begins anew.
    """

    clock: Clock
    credentials: CredentialStore
    log: LogSink
    engines: Engines
    interpreters: Interpreters
    requirements: Requirements
    endpoint_url: str
    region: str
    account_id: str
    directory: Path
    concurrency_limit: int
    debugging: Debugging
    memory: MemoryWatch | None = None
    init_seconds: float = INIT_SECONDS
    trees: dict[Path, CodeTree] = field(default_factory=dict)


class CannotRunError(Exception):
    """The function cannot be run on this machine; says why, in one line."""


class Maker:
    """Makes and ends the environments of one function."""

    def __init__(self, function: Function, runtime: Runtime, platform: Platform) -> None:
        self.runtime = runtime
        self._function = function
        self._platform = platform
        self._package = Package(
            function,
            runtime,
            directory=platform.directory,
            requirements=platform.requirements,
            trees=platform.trees,
        )
        self._orphaned: list[Path] = []  # temporary folders whose environment timed out

    def prepare(self) -> None:
        """Begin what takes long: a zygote, and the installation of what the code requires."""
        interpreter = self._platform.interpreters.find(self.runtime)
        if interpreter is None:
            return
        if self.runtime.family == "python":
            self._platform.engines.prepare(interpreter)
        self._package.begin(interpreter)

    def warning(self) -> str:
        """Tell how the runtime differs from what the template asks for; nothing if it does not."""
        return self.interpreter().warning

    def interpreter(self) -> Interpreter:
        """Give what runs the function.

        Raises:
            CannotRunError: this machine has nothing that does.
        """
        name = self.runtime.name
        interpreter = self._platform.interpreters.find(self.runtime)
        if interpreter is None:
            raise CannotRunError(f"{name} needs Node.js, which is not on this machine's PATH")
        if self.runtime.family == "nodejs" and not self._platform.engines.has_node_client:
            raise CannotRunError(f"{name} needs AWS's Node.js runtime client: make install has it")
        return interpreter

    def make(self, version: str) -> ExecutionEnvironment:
        """Start an environment of a version of the function.

        Raises:
            CannotRunError: this machine cannot.
            RequirementsError: what the code requires cannot be installed.
            InvalidEntrypointError: the code has no program to start.
            ChildProcessError: no process could be started.
        """
        platform = self._platform
        interpreter = self.interpreter()
        # Before the process begins to read: a save in between must count as a change.
        fingerprint = self._package.fingerprint(fresh=True)
        prepared = self._package.prepare(interpreter)
        log_stream = new_log_stream(platform.clock, version)
        temporary = self._temporary_directory()
        variables = self._variables(prepared, interpreter, temporary, log_stream, version)
        launch = Launch(
            runtime=self.runtime,
            interpreter=interpreter,
            handler=self._function.handler,
            variables=variables,
            task_root=prepared.task_root,
            libraries=(*_python_path(self._function, prepared), *prepared.libraries),
            layers=prepared.layers,
            offset_seconds=platform.clock.offset.total_seconds(),
            terminal=platform.debugging.terminal,
            debug_port=platform.debugging.ports.get(self._function.name),
        )
        try:
            child = platform.engines.launch(launch)
        except Exception:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        environment = ExecutionEnvironment(
            child,
            log_stream=log_stream,
            temporary_directory=temporary,
            fingerprint=fingerprint,
            debugging=platform.debugging,
        )
        if launch.debug_port is not None:
            self._expect_debugger(environment, launch.debug_port)
        return environment

    def _expect_debugger(self, environment: ExecutionEnvironment, port: int) -> None:
        try:
            problem = environment.expect_debugger()
        except ExitedError as end:
            problem = f"its process ended with {end.code}"
        if problem is not None:
            self.discard(environment)
            raise CannotRunError(f"the debugger cannot listen on port {port}: {problem}")
        self._platform.debugging.listening(port)

    def _temporary_directory(self) -> Path:
        """Make what the environment has as ``/tmp``, or take that of one that timed out."""
        with suppress(IndexError):  # two may be made at once
            return self._orphaned.pop()
        temporary = self._platform.directory / "tmp" / uuid.uuid4().hex
        temporary.mkdir(parents=True, exist_ok=True)
        return temporary

    def is_stale(self, environment: ExecutionEnvironment) -> bool:
        """Tell whether the code has changed since an environment loaded it."""
        # Only Python's environments tell which files they have loaded.
        fresh = not environment.tells_files
        return environment.is_stale(self._package.fingerprint(fresh=fresh))

    def discard(self, environment: ExecutionEnvironment) -> None:
        """End an environment; only where Lambda keeps its ``/tmp``, it stays."""
        environment.kill()
        environment.wait()  # else it might write into the folder once more
        if environment.keeps_temporary:
            self._orphaned.append(environment.temporary_directory)
        else:
            shutil.rmtree(environment.temporary_directory, ignore_errors=True)
        environment.close()

    def clear(self) -> None:
        """Remove the temporary folders that wait for an environment."""
        with suppress(IndexError):
            while True:
                shutil.rmtree(self._orphaned.pop(), ignore_errors=True)

    def _variables(
        self,
        prepared: Prepared,
        interpreter: Interpreter,
        temporary: Path,
        log_stream: str,
        version: str,
    ) -> dict[str, str]:
        platform = self._platform
        folders = Folders(
            task_root=prepared.task_root,
            layers=prepared.layers,
            runtime=platform.engines.runtime_directory_for(self.runtime, interpreter),
            temporary=temporary,
        )
        return environment_variables(
            self._function,
            self.runtime,
            folders,
            credentials=platform.credentials.for_function(self._function.name),
            region=platform.region,
            endpoint_url=platform.endpoint_url,
            log_stream=log_stream,
            version=version,
        )


def new_log_stream(clock: Clock, version: str) -> str:
    """Name the log stream of a new environment."""
    return f"{clock.now():%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"


def _python_path(function: Function, prepared: Prepared) -> list[Path]:
    """Give what the template's ``PYTHONPATH`` names, where it lies on this machine."""
    places: list[Path] = []
    for name in dict(function.environment).get("PYTHONPATH", "").split(":"):
        if name.startswith(_TASK_ROOT):
            places.append(prepared.task_root / name.removeprefix(_TASK_ROOT).lstrip("/"))
        elif name.startswith(_LAYERS):
            rest = name.removeprefix(_LAYERS).lstrip("/")
            places += [layer / rest for layer in prepared.layers]
        elif name and not name.startswith("/var/"):
            places.append(Path(name))
    return places
