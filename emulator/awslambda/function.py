"""A function that can be invoked: its places, and a pool of environments for each version."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from emulator.awslambda import outcome
from emulator.awslambda.concurrency import Concurrency
from emulator.awslambda.course import Course
from emulator.awslambda.engines import InvalidEntrypointError
from emulator.awslambda.invocation_log import InvocationLog
from emulator.awslambda.logs import warning
from emulator.awslambda.making import CannotRunError, Maker, new_log_stream
from emulator.awslambda.platform_log import Report
from emulator.awslambda.pool import Pool
from emulator.awslambda.qualifiers import LATEST
from emulator.awslambda.requirements import RequirementsError
from emulator.awslambda.runtimes import parse_runtime
from emulator.errors import ServiceError
from emulator.invocation import InvocationResult

if TYPE_CHECKING:
    from emulator.application import Function
    from emulator.awslambda.making import Platform
    from emulator.invocation import Invocation


class LocalFunction:
    """One function and its environments."""

    def __init__(self, function: Function, platform: Platform) -> None:
        self.function = function
        self._platform = platform
        runtime = None if function.cannot_run else parse_runtime(function.runtime)
        self._maker = None if runtime is None else Maker(function, runtime, platform)
        self._concurrency = Concurrency(
            # What is debugged has one environment, which the debugger is attached to.
            limit=1 if function.name in platform.debugging.ports else platform.concurrency_limit,
            reserved=function.reserved_concurrency,
            on_wait=self._tell_of_waiting,
            on_overflow=self._tell_of_overflow,
        )
        self._pools: dict[str, Pool] = {}  # by version
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Begin what takes long before the first invocation."""
        if self._maker is not None:
            self._maker.prepare()
        if self.function.name in self._platform.debugging.ports:
            threading.Thread(target=self._begin, name="debugger", daemon=True).start()

    def _begin(self) -> None:
        """Let the debugger attach before the first invocation."""
        try:
            self._pool(LATEST).begin()
        except (CannotRunError, RequirementsError, ChildProcessError) as error:
            self._tell(f"{self.function.name} cannot run: {error}")

    def warning(self) -> str:
        """Tell what of this machine is not as the function wants it; nothing if all is."""
        if self.function.cannot_run:
            return ""  # on no machine: the notes on the template say so
        try:
            return self._runnable().warning()
        except CannotRunError as problem:
            return f"{self.function.name} cannot run: {problem}"

    def clear(self) -> None:
        """End every environment, busy ones too."""
        for pool in list(self._pools.values()):
            pool.clear()
        if self._maker is not None:
            self._maker.clear()

    def close(self) -> None:
        """End every environment, busy ones after their invocation: another function replaces it."""
        for pool in list(self._pools.values()):
            pool.close()

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
        platform = self._platform
        try:
            pool = self._pool(version)
            watched = platform.debugging.watched(self.function.name)
            with watched, self._concurrency.place(nested=nested), pool.lease() as lease:
                log = self._log(invocation, lease.environment.log_stream)
                course = Course(
                    self.function, platform, invocation, version=version, lease=lease, log=log
                )
                return course.run()
        except InvalidEntrypointError as error:
            return self._invalid_entrypoint(str(error), invocation, version)
        except (CannotRunError, RequirementsError) as error:
            problem = f"{self.function.name} cannot run: {error}"
            self._tell(problem, invocation.request_id)
            raise ServiceError(
                "InvalidRuntimeException", problem, status=502, members=(("Type", "User"),)
            ) from error
        except ChildProcessError as error:
            raise ServiceError("ServiceException", str(error), status=500) from error

    def _log(self, invocation: Invocation, log_stream: str) -> InvocationLog:
        platform = self._platform
        return InvocationLog(
            self.function, invocation.request_id, log_stream, platform.log, platform.clock
        )

    def _runnable(self) -> Maker:
        if self._maker is None:
            name = self.function.runtime
            raise CannotRunError(self.function.cannot_run or f"the emulator has no runtime {name}")
        return self._maker

    def _pool(self, version: str) -> Pool:
        maker = self._runnable()
        with self._lock:
            if version not in self._pools:
                self._pools[version] = Pool(
                    make=partial(maker.make, version),
                    is_stale=maker.is_stale,
                    discard=maker.discard,
                )
            return self._pools[version]

    def _invalid_entrypoint(
        self, problem: str, invocation: Invocation, version: str
    ) -> InvocationResult:
        """Answer for a package without a program, as Lambda does."""
        result = outcome.invalid_entrypoint(invocation.request_id, problem)
        log = self._log(invocation, new_log_stream(self._platform.clock, version))
        log.init_start(self._platform.region)
        log.start(version)
        log.platform(result.log_line)
        log.end(
            Report(
                request_id=invocation.request_id,
                milliseconds=0.0,
                init_milliseconds=None,
                memory_size_mb=self.function.memory_size_mb,
                max_memory_used_mb=0,
                status=result.status,
                error_type=result.error_type,
                produced_bytes=len(result.payload),
            )
        )
        return InvocationResult(
            request_id=invocation.request_id,
            payload=result.payload,
            function_error="Unhandled",
            log=log.tail,
            executed_version=version,
        )

    def _tell_of_waiting(self) -> None:
        limit = self._platform.concurrency_limit
        message = (
            f"an invocation waits: {limit} of {self.function.name} run already, which is the limit"
            " of this machine (emulator up --concurrency)"
        )
        self._tell(message)

    def _tell_of_overflow(self) -> None:
        self._tell(
            f"an invocation is refused: so many of {self.function.name} wait for functions that"
            " they call that waiting is hopeless; one that calls itself needs an end"
        )

    def _tell(self, message: str, request_id: str = "") -> None:
        now = self._platform.clock.now()
        self._platform.log.write(warning(self.function.name, message, now, request_id=request_id))
