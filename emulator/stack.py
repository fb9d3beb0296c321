"""A stack: an application running locally, its running parts and what can be done to them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from emulator.cloudwatchlogs import log_page
from emulator.data_folder import write_whole
from emulator.errors import ServiceError
from emulator.provisioning import provision
from emulator.tracing.page import trace_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.application import Application
    from emulator.awslambda import Debugging, LambdaService
    from emulator.clock import ProcessClock
    from emulator.cloudwatchlogs import LogStore
    from emulator.credentials import CredentialStore
    from emulator.data_folder import DataFolder
    from emulator.dynamodb import DynamoDBService
    from emulator.events import Pump, Scheduler, Targets
    from emulator.events.pump import Handler
    from emulator.moto_services import MotoServices
    from emulator.outbox import Outbox
    from emulator.s3 import S3Service
    from emulator.settings import Settings
    from emulator.tracing.trace import Trace
    from emulator.wsgi import Server


class Deployed:
    """What is deployed at the moment, and the gateway in front of it; replaced as a whole."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.gateway: WSGIApplication | None = None

    def replace(self, application: Application, gateway: WSGIApplication) -> None:
        """Serve another application; requests that have begun end with the earlier one."""
        self.application = application
        self.gateway = gateway

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request to the API listener."""
        if self.gateway is None:
            raise RuntimeError("nothing is deployed yet")
        return self.gateway(environ, start_response)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The running parts of one application, and what can be done to them as a whole.

    Args:
        handlers: who handles the records of the outbox, by their kind; the pump looks at it.
        targets: reaches functions, queues and topics.
    """

    deployed: Deployed
    settings: Settings
    data: DataFolder
    api_key: str
    servers: dict[str, Server]
    process_clock: ProcessClock
    credentials: CredentialStore
    outbox: Outbox
    logs: LogStore
    trace: Trace
    functions: LambdaService
    debugging: Debugging
    dynamodb: DynamoDBService
    s3: S3Service
    moto_services: MotoServices
    handlers: dict[str, Handler]
    targets: Targets
    pump: Pump
    scheduler: Scheduler

    @property
    def application(self) -> Application:
        """What is deployed at the moment."""
        return self.deployed.application

    def url(self, listener: str) -> str | None:
        """Tell where a listener answers: ``api``, ``aws`` or ``web``; ``None`` without it."""
        server = self.servers.get(listener)
        return server.url if server else None

    def stage_urls(self) -> dict[str, str]:
        """Tell the root URL of each REST API, by its logical ID."""
        return {
            api.logical_id: f"{self.url('api')}/{api.stage_name}"
            for api in self.application.rest_apis
        }

    def function_urls(self) -> dict[str, str]:
        """Tell the function URLs, by function name; an alias's has its name behind a colon."""
        return {
            f"{function.name}:{url.qualifier}" if url.qualifier else function.name: (
                self.functions.function_url(url.url_id)
            )
            for function in self.application.functions
            for url in function.urls
        }

    def ready(self) -> dict[str, Any]:
        """Describe where everything answers; the content of the ready file."""
        return {
            "api": self.url("api"),
            "aws": self.url("aws"),
            "web": self.url("web"),
            "console": f"{self.url('aws')}/_emulator/",
            "api_key": self.api_key,
            "region": self.settings.region,
            "account_id": self.settings.account_id,
            "pid": os.getpid(),
            "stages": self.stage_urls(),
            "function_urls": self.function_urls(),
            "outputs": {output.name: output.value for output in self.application.outputs},
        }

    def health(self) -> dict[str, Any]:
        """Describe what runs."""
        due = [
            {
                "schedule": schedule.name,
                "function": schedule.function_name,
                "due": moment.isoformat(),
            }
            for schedule, moment in self.scheduler.next_due()
        ]
        return {
            "status": "running",
            "version": version("filestore-emulator"),
            "template": str(self.application.template),
            "functions": [function.name for function in self.application.functions],
            "schedules": due,
            **self.ready(),
        }

    def clock(self) -> dict[str, Any]:
        """Tell the time and the offset."""
        return {
            "now": self.process_clock.now().isoformat(timespec="milliseconds"),
            "offset_seconds": self.process_clock.offset.total_seconds(),
        }

    def advance_clock(self, delta: timedelta) -> dict[str, Any]:
        """Move the clock, fire what falls due, and tell the time.

        Raises:
            ServiceError: ``ValidationException`` when the calendar ends before.
        """
        try:
            self.process_clock.advance(delta)
        except (OverflowError, ValueError) as error:
            raise ServiceError(
                "ValidationException", f"the clock cannot go there: {error}"
            ) from error
        return self.clock()

    def reset_clock(self) -> dict[str, Any]:
        """Set the clock back to real time."""
        self.process_clock.reset()
        return self.clock()

    def fire(self, name: str) -> dict[str, Any]:
        """Fire the schedules of a function, or a rule, now.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404): nothing of that name is scheduled.
        """
        return {"fired": [schedule.name for schedule in self.scheduler.fire(name)]}

    def log_page(
        self, *, function: str | None, since: timedelta | None, after: int | None, wait: float
    ) -> dict[str, Any]:
        """Give a page of the log in the order of writing, waiting for it if there is nothing yet.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404): there is no such function.
        """
        name = None if function is None else self._logging_function(function)
        return log_page(self.logs, self.process_clock, name, since, after, wait)

    def trace_page(
        self, *, trace_id: str | None, after: int, limit: int, wait: float
    ) -> dict[str, Any]:
        """Give one trace, or the latest steps of all, waiting for one if there is none yet."""
        return trace_page(self.trace, trace_id, after, limit, wait)

    def _logging_function(self, name: str) -> str:
        """Find a function by its name or logical ID; one that has gone may have logged."""
        for function in self.application.functions:
            if name in {function.name, function.logical_id}:
                return function.name
        if self.logs.has_logged(name):
            return name
        known = ", ".join(function.name for function in self.application.functions)
        raise ServiceError(
            "ResourceNotFoundException",
            f"there is no function {name}; there are: {known or 'none'}",
            status=404,
        )

    def idle(self, timeout_seconds: float) -> tuple[str, ...]:
        """Wait until every event was handled; give what still runs."""
        return self.pump.wait_idle(timeout_seconds)

    def reset(self) -> None:
        """Empty the application: what is in flight is dropped before the stores are emptied."""
        self.pump.reset(while_stopped=self._empty)

    def reset_table(self, name: str) -> None:
        """Empty one DynamoDB table.

        Raises:
            ServiceError: ``ResourceNotFoundException`` (404), with the tables that there are.
        """
        self.dynamodb.reset_table(name)

    def _empty(self) -> None:
        self.functions.reset()
        self.logs.clear()
        self.trace.clear()
        self.outbox.clear()
        self.s3.reset()
        self.dynamodb.reset()
        self.moto_services.reset()
        provision(self.application.other_services, self.moto_services)
        self.process_clock.reset()
        self.scheduler.reset()


def announce(stack: Stack) -> None:
    """Tell where everything answers, in the data folder and in the ready file."""
    stack.data.announce(stack.ready())
    if stack.settings.ready_file is not None:
        write_whole(stack.settings.ready_file, json.dumps(stack.ready()))
