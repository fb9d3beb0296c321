"""Deploys an application onto this machine: its services start in order, and stop in reverse.

data folder → ports → Lambda (its zygote boots while the rest is loaded) → DynamoDB → S3
→ listeners → pump → schedules → the ready file
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from emulator.awslambda import Debugging, LambdaService, LogSinks, TraceLog
from emulator.caller_identity import connect_caller_identity
from emulator.clock import ProcessClock
from emulator.cloudwatchlogs import LogStore
from emulator.credentials import CredentialStore
from emulator.data_folder import DataFolder
from emulator.issued_credentials import find_issued
from emulator.listeners import bind, start_listeners
from emulator.local_urls import with_local_urls
from emulator.moto_services import MotoServices
from emulator.outbox import Outbox
from emulator.provisioning import provision
from emulator.stack import Deployed, Stack, announce
from emulator.tracing.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.application import Application
    from emulator.awslambda import LogSink
    from emulator.dynamodb import DynamoDBService
    from emulator.events import Scheduler, Targets
    from emulator.s3 import S3Service
    from emulator.settings import Settings
    from emulator.wsgi import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What every service stands on."""

    settings: Settings
    data: DataFolder
    servers: dict[str, Server]
    clock: ProcessClock
    credentials: CredentialStore
    outbox: Outbox
    logs: LogStore
    trace: Trace


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
        ground = _break_ground(settings, closing)
        application = with_local_urls(
            application,
            ground.servers["api"].url,
            ground.servers["aws"].url,
            settings.region,
        )
        functions = _functions(
            ground, application, LogSinks((ground.logs, log, TraceLog(ground.trace))), debugging
        )
        closing.callback(functions.stop)
        functions.start()
        stack = _stack(ground, application, functions, debugging)
        for service in (stack.dynamodb, stack.s3):
            closing.callback(service.stop)
            service.start()
        provision(application.other_services, stack.moto_services)
        start_listeners(stack)
        for worker in (stack.pump, stack.scheduler):
            closing.callback(worker.stop)
            worker.start()
        for listener in (
            stack.dynamodb.delete_expired,
            stack.pump.run_due,
            stack.scheduler.run_due,
        ):
            ground.clock.on_move(listener)
        announce(stack)
        yield stack


def _break_ground(settings: Settings, closing: ExitStack) -> _Ground:
    """Take the data folder and the ports."""
    data = DataFolder(settings.data_directory)
    closing.callback(data.close)
    servers = bind(settings, closing)
    clock = ProcessClock(data.path / "clock-offset")
    closing.callback(clock.stop)
    logs = LogStore(data.path / "logs" / "logs.sqlite3", clock)
    closing.callback(logs.stop)
    return _Ground(
        settings=settings,
        data=data,
        servers=servers,
        clock=clock,
        credentials=CredentialStore(data.path / "credentials.json"),
        outbox=Outbox(data.path / "outbox", durable=settings.durable),
        logs=logs,
        trace=Trace(clock),
    )


def _functions(
    ground: _Ground, application: Application, log: LogSink, debugging: Debugging
) -> LambdaService:
    settings = ground.settings
    for function in application.functions:
        ground.credentials.for_function(function.name)
    functions = LambdaService(
        application.functions,
        clock=ground.clock,
        credentials=ground.credentials,
        outbox=ground.outbox,
        endpoint_url=ground.servers["aws"].url,
        directory=ground.data.path / "lambda",
        log=log,
        debugging=debugging,
        trace=ground.trace,
        region=settings.region,
        account_id=settings.account_id,
        concurrency_limit=settings.concurrency,
        enforce_memory=settings.enforce_memory,
        engine=settings.lambda_engine,
        cache_directory=settings.cache_directory,
    )
    functions.allow_hosts(settings.allowed_hosts)
    return functions


def _stack(
    ground: _Ground, application: Application, functions: LambdaService, debugging: Debugging
) -> Stack:
    """Put the services together; none but Lambda has started."""
    # These take as long to load as the zygote to boot: they do it side by side.
    from emulator.events import Pump, connect_targets, deliver_object_event  # noqa: PLC0415
    from emulator.s3.events import RECORD_KIND  # noqa: PLC0415

    settings, clock = ground.settings, ground.clock
    moto_services = MotoServices(region=settings.region, account_id=settings.account_id)
    ground.credentials.find_elsewhere(partial(find_issued, moto_services))
    moto_services.on_load(
        "sts", lambda: connect_caller_identity(ground.credentials, lambda: functions.functions)
    )
    targets, event_bridge = connect_targets(
        functions,
        moto_services,
        clock,
        ground.trace,
        has_function=lambda name: any(each.name == name for each in functions.functions),
    )
    s3 = _s3(ground, application, targets)
    handlers = {
        RECORD_KIND: deliver_object_event(s3.listeners, targets, event_bridge, ground.trace),
        **functions.record_handlers(targets),
    }
    return Stack(
        deployed=Deployed(application),
        settings=settings,
        data=ground.data,
        api_key=ground.data.api_key(settings.api_key),
        servers=ground.servers,
        process_clock=clock,
        credentials=ground.credentials,
        outbox=ground.outbox,
        logs=ground.logs,
        trace=ground.trace,
        functions=functions,
        debugging=debugging,
        dynamodb=_dynamodb(ground, application),
        s3=s3,
        moto_services=moto_services,
        handlers=handlers,
        targets=targets,
        pump=Pump(ground.outbox, handlers, clock),
        scheduler=_scheduler(ground, application, functions),
    )


def _dynamodb(ground: _Ground, application: Application) -> DynamoDBService:
    from emulator.dynamodb import DynamoDBService  # noqa: PLC0415 -- beside the zygote, as above

    return DynamoDBService(
        tables=application.tables,
        directory=ground.data.path / "dynamodb",
        clock=ground.clock,
        region=ground.settings.region,
        account_id=ground.settings.account_id,
        durable=ground.settings.durable,
    )


def _s3(ground: _Ground, application: Application, targets: Targets) -> S3Service:
    from emulator.s3 import S3Service  # noqa: PLC0415 -- beside the zygote, as above

    settings = ground.settings
    return S3Service(
        buckets=application.buckets,
        directory=ground.data.path / "s3",
        clock=ground.clock,
        credentials=ground.credentials,
        outbox=ground.outbox,
        region=settings.region,
        account_id=settings.account_id,
        verify_signatures=not settings.insecure_s3,
        durable=settings.durable,
        drop_directory=ground.data.path / "drop",
        destinations=targets,
        trace=ground.trace,
    )


def _scheduler(ground: _Ground, application: Application, functions: LambdaService) -> Scheduler:
    from emulator.events import Scheduler  # noqa: PLC0415 -- beside the zygote, as above

    return Scheduler(
        application.schedules,
        clock=ground.clock,
        invoker=functions,
        directory=ground.data.path / "schedules",
        trace=ground.trace,
        region=ground.settings.region,
        account_id=ground.settings.account_id,
    )
