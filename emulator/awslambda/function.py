"""A function that can be invoked: its places, and a pool of environments for each version."""

from __future__ import annotations

import shutil
import sys
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.awslambda.concurrency import Concurrency
from emulator.awslambda.course import Course
from emulator.awslambda.environment import ExecutionEnvironment
from emulator.awslambda.invocation_log import InvocationLog
from emulator.awslambda.logs import LogEvent
from emulator.awslambda.pool import Pool
from emulator.awslambda.reload import CodeTree
from emulator.awslambda.variables import environment_variables
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.application import Function
    from emulator.awslambda.logs import LogSink
    from emulator.awslambda.memory import MemoryWatch
    from emulator.awslambda.zygotes import Zygotes
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore
    from emulator.invocation import Invocation, InvocationResult

INIT_SECONDS = 10.0


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
    zygotes: Zygotes
    endpoint_url: str
    region: str
    account_id: str
    directory: Path
    runtime_directory: Path
    concurrency_limit: int
    memory: MemoryWatch | None = None
    init_seconds: float = INIT_SECONDS
    trees: dict[Path, CodeTree] = field(default_factory=dict)


class LocalFunction:
    """One function and its environments."""

    def __init__(self, function: Function, platform: Platform) -> None:
        self.function = function
        self._platform = platform
        self._task_root = _task_root(function, platform.directory)
        self._search_path = [self._task_root, *_layer_paths(function)]
        self._tree = platform.trees.setdefault(self._task_root, CodeTree(self._task_root))
        self._orphaned: list[Path] = []  # temporary folders whose environment timed out
        self._concurrency = Concurrency(
            limit=platform.concurrency_limit,
            reserved=function.reserved_concurrency,
            on_wait=self._tell_of_waiting,
        )
        self._pools: dict[str, Pool] = {}  # by version
        self._lock = threading.Lock()

    def clear(self) -> None:
        """End every environment, busy ones too."""
        for pool in list(self._pools.values()):
            pool.clear()
        while self._orphaned:
            shutil.rmtree(self._orphaned.pop(), ignore_errors=True)

    def retire(self, idle_seconds: float) -> None:
        """End the environments that have been idle for so long."""
        for pool in list(self._pools.values()):
            pool.retire(idle_seconds=idle_seconds)

    def invoke(self, invocation: Invocation, version: str, *, nested: bool) -> InvocationResult:
        """Run a version of the function once.

        Args:
            invocation: what to handle.
            version: ``$LATEST`` or a number.
            nested: whether a running function waits for this invocation.

        Raises:
            ServiceError: it is throttled (429), or cannot be run on this machine (502).
        """
        if not self.function.runtime.startswith("python"):
            raise ServiceError(
                "InvalidRuntimeException",
                f"The emulator does not run {self.function.runtime} yet ({self.function.name}).",
                status=502,
            )
        platform = self._platform
        try:
            with (
                self._concurrency.place(nested=nested),
                self._pool(version).lease() as lease,
            ):
                log = InvocationLog(
                    self.function,
                    invocation.request_id,
                    lease.environment.log_stream,
                    platform.log,
                    platform.clock,
                )
                course = Course(
                    self.function, platform, invocation, version=version, lease=lease, log=log
                )
                return course.run()
        except ChildProcessError as error:
            raise ServiceError("ServiceException", str(error), status=500) from error

    def _pool(self, version: str) -> Pool:
        with self._lock:
            if version not in self._pools:
                self._pools[version] = Pool(
                    make=lambda: self._make_environment(version),
                    is_stale=lambda environment: environment.is_stale(self._tree.fingerprint()),
                    discard=self._discard,
                )
            return self._pools[version]

    def _tell_of_waiting(self) -> None:
        limit = self._platform.concurrency_limit
        message = (
            f"an invocation waits: {limit} of {self.function.name} run already, which is the limit"
            " of this machine (emulator up --concurrency)\n"
        )
        self._platform.log.write(
            LogEvent(
                function_name=self.function.name,
                request_id="",
                timestamp=self._platform.clock.now(),
                level="WARN",
                message=message,
            )
        )

    def _make_environment(self, version: str) -> ExecutionEnvironment:
        platform = self._platform
        name = uuid.uuid4().hex
        temporary = self._orphaned.pop() if self._orphaned else platform.directory / "tmp" / name
        temporary.mkdir(parents=True, exist_ok=True)
        log_stream = f"{platform.clock.now():%Y/%m/%d}/[{version}]{name}"
        variables = environment_variables(
            self.function,
            credentials=platform.credentials.for_function(self.function.name),
            region=platform.region,
            endpoint_url=platform.endpoint_url,
            task_root=self._task_root,
            runtime_directory=platform.runtime_directory,
            temporary_directory=temporary,
            log_stream=log_stream,
            version=version,
        )
        configuration: dict[str, Any] = {
            "environment": variables,
            "task_root": str(self._task_root),
            "handler": self.function.handler,
            "path": [str(path) for path in self._search_path[1:]],
            "offset_seconds": platform.clock.offset.total_seconds(),
        }
        # Before the process begins to read: a save in between must count as a change.
        fingerprint = self._tree.fingerprint(fresh=True)
        return ExecutionEnvironment(
            platform.zygotes.for_code(self._search_path),
            configuration,
            log_stream=log_stream,
            temporary_directory=temporary,
            fingerprint=fingerprint,
        )

    def _discard(self, environment: ExecutionEnvironment) -> None:
        if environment.keeps_temporary:
            environment.wait()
            self._orphaned.append(environment.temporary_directory)
        else:
            environment.kill()
            shutil.rmtree(environment.temporary_directory, ignore_errors=True)
        environment.close()


def _task_root(function: Function, directory: Path) -> Path:
    if function.code_root is not None:
        return function.code_root.resolve()
    root = directory / "inline" / function.logical_id
    root.mkdir(parents=True, exist_ok=True)
    (root / "index.py").write_text(function.inline_code or "")
    return root.resolve()


def _layer_paths(function: Function) -> list[Path]:
    """Give what ``/opt/python`` would be; a later layer overrides an earlier one."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = ("python", f"python/lib/{version}/site-packages")
    return [layer / place for layer in reversed(function.layers) for place in places]
