"""A stack: an application running locally.

Services start in the order of what they need, and stop in reverse:

    data folder → ports → Lambda (its zygote boots while the rest is loaded) → DynamoDB → S3
    → listeners → pump → schedules → the ready file

The listeners are bound early, because functions are told the URL of the AWS listener, and answer
late, when everything behind them is there.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from emulator.awslambda import Debugging, LambdaService, LogSinks, create_api, create_urls
from emulator.clock import ProcessClock
from emulator.cloudwatchlogs import LogStore, log_page
from emulator.cloudwatchlogs import create_api as create_logs_api
from emulator.credentials import CredentialStore
from emulator.data_folder import DataFolder, write_whole
from emulator.errors import ServiceError
from emulator.issued_credentials import find_issued
from emulator.local_urls import with_local_urls
from emulator.moto_services import MotoServices
from emulator.outbox import Outbox
from emulator.provisioning import provision
from emulator.wsgi import Server, StaticPages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.application import Application
    from emulator.awslambda import LogSink
    from emulator.dynamodb import DynamoDBService
    from emulator.events import Pump, Scheduler, Targets
    from emulator.events.pump import Handler
    from emulator.s3 import S3Service
    from emulator.settings import Settings


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
        self.outbox.clear()
        self.s3.reset()
        self.dynamodb.reset()
        self.moto_services.reset()
        provision(self.application.other_services, self.moto_services)
        self.process_clock.reset()
        self.scheduler.reset()


@contextmanager
def run_stack(
    application: Application,
    settings: Settings,
    *,
    log: LogSink,
    debugging: Debugging | None = None,
) -> Iterator[Stack]:
    """Run an application until the block ends; data stays in its folder.

    Raises:
        StartupError: a port or the data folder is taken.
    """
    debugging = debugging or Debugging()
    debugging.check(application.functions)
    with ExitStack() as closing:
        data = DataFolder(settings.data_directory)
        closing.callback(data.close)
        servers = _bind(settings, closing)
        application = with_local_urls(
            application, servers["api"].url, servers["aws"].url, settings.region
        )
        clock = ProcessClock(data.path / "clock-offset")
        closing.callback(clock.stop)
        credentials = CredentialStore(data.path / "credentials.json")
        for function in application.functions:
            credentials.for_function(function.name)
        outbox = Outbox(data.path / "outbox", durable=settings.durable)
        region, account_id = settings.region, settings.account_id
        logs = LogStore(data.path / "logs" / "logs.sqlite3", clock)
        closing.callback(logs.stop)
        functions = LambdaService(
            application.functions,
            clock=clock,
            credentials=credentials,
            outbox=outbox,
            endpoint_url=servers["aws"].url,
            directory=data.path / "lambda",
            log=LogSinks((logs, log)),
            debugging=debugging,
            region=region,
            account_id=account_id,
            concurrency_limit=settings.concurrency,
            enforce_memory=settings.enforce_memory,
            engine=settings.lambda_engine,
            cache_directory=settings.cache_directory,
        )
        closing.callback(functions.stop)
        functions.allow_hosts(settings.allowed_hosts)
        functions.start()
        # moto takes as long to load as the zygote to boot: they do it side by side.
        from emulator.dynamodb import DynamoDBService  # noqa: PLC0415
        from emulator.events import (  # noqa: PLC0415
            Pump,
            Scheduler,
            connect_targets,
            deliver_object_event,
        )
        from emulator.s3 import S3Service  # noqa: PLC0415

        dynamodb = DynamoDBService(
            tables=application.tables,
            directory=data.path / "dynamodb",
            clock=clock,
            region=region,
            account_id=account_id,
            durable=settings.durable,
        )
        moto_services = MotoServices(region=region, account_id=account_id)
        targets, event_bridge = connect_targets(
            functions,
            moto_services,
            clock,
            has_function=lambda name: any(each.name == name for each in functions.functions),
        )
        credentials.find_elsewhere(partial(find_issued, moto_services))
        s3 = S3Service(
            buckets=application.buckets,
            directory=data.path / "s3",
            clock=clock,
            credentials=credentials,
            outbox=outbox,
            region=region,
            account_id=account_id,
            verify_signatures=not settings.insecure_s3,
            durable=settings.durable,
            drop_directory=data.path / "drop",
            destinations=targets,
        )
        handlers: dict[str, Handler] = {
            "s3-event": deliver_object_event(s3.listeners, targets, event_bridge),
            **functions.record_handlers(targets),
        }
        stack = Stack(
            deployed=Deployed(application),
            settings=settings,
            data=data,
            api_key=data.api_key(settings.api_key),
            servers=servers,
            process_clock=clock,
            credentials=credentials,
            outbox=outbox,
            logs=logs,
            functions=functions,
            debugging=debugging,
            dynamodb=dynamodb,
            s3=s3,
            moto_services=moto_services,
            handlers=handlers,
            targets=targets,
            pump=Pump(outbox, handlers, clock),
            scheduler=Scheduler(
                application.schedules,
                clock=clock,
                invoker=functions,
                directory=data.path / "schedules",
                region=region,
                account_id=account_id,
            ),
        )
        for service in (dynamodb, s3):
            closing.callback(service.stop)
            service.start()
        provision(application.other_services, moto_services)
        _start_listeners(stack)
        for worker in (stack.pump, stack.scheduler):
            closing.callback(worker.stop)
            worker.start()
        clock.on_move(dynamodb.delete_expired)
        clock.on_move(stack.pump.run_due)
        clock.on_move(stack.scheduler.run_due)
        announce(stack)
        yield stack


def _bind(settings: Settings, closing: ExitStack) -> dict[str, Server]:
    """Take the ports."""
    ports = {"api": settings.api_port, "aws": settings.aws_port}
    if settings.web_directory is not None:
        ports["web"] = settings.web_port
    servers = {}
    for name, port in ports.items():
        servers[name] = Server(name, port)
        closing.callback(servers[name].stop)
    return servers


def _start_listeners(stack: Stack) -> None:
    from emulator.control import create_app as create_control  # noqa: PLC0415
    from emulator.listener import AwsListener  # noqa: PLC0415

    services: dict[str, WSGIApplication] = {
        "s3": stack.s3,
        "dynamodb": stack.dynamodb,
        "lambda": create_api(stack.functions),
        "logs": create_logs_api(
            stack.logs,
            clock=stack.process_clock,
            region=stack.settings.region,
            account_id=stack.settings.account_id,
        ),
        "lambda-url": create_urls(
            stack.functions, clock=stack.process_clock, credentials=stack.credentials
        ),
    }
    stack.servers["aws"].start(
        AwsListener(control=create_control(stack), services=services, others=stack.moto_services)
    )
    stack.deployed.replace(stack.application, make_gateway(stack, stack.application))
    stack.servers["api"].start(stack.deployed)
    if stack.settings.web_directory is not None:
        pages = {"/emulator.json": lambda: json.dumps({"stages": stack.stage_urls()}).encode()}
        stack.servers["web"].start(StaticPages(stack.settings.web_directory, pages))


def make_gateway(stack: Stack, application: Application) -> WSGIApplication:
    """Make the gateway of an application.

    Raises:
        TemplateError: a part of an API definition is not supported; it is named.
    """
    from emulator.apigateway import create_app  # noqa: PLC0415 -- as above

    return create_app(
        application,
        invoker=stack.functions,
        clock=stack.process_clock,
        api_key=stack.api_key,
        account_id=stack.settings.account_id,
        stopwatch=stack.debugging.stopwatch,
    )


def announce(stack: Stack) -> None:
    """Tell where everything answers, in the data folder and in the ready file."""
    stack.data.announce(stack.ready())
    if stack.settings.ready_file is not None:
        write_whole(stack.settings.ready_file, json.dumps(stack.ready()))
