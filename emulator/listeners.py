"""The three listeners of a stack: the API's, AWS's and the page's.

They are bound early, because functions are told the URL of the AWS listener, and answer late, when
everything behind them is there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.awslambda import create_api, create_urls
from emulator.cloudwatchlogs import create_api as create_logs_api
from emulator.wsgi import Server, StaticPages

if TYPE_CHECKING:
    from contextlib import ExitStack
    from wsgiref.types import WSGIApplication

    from emulator.application import Application
    from emulator.settings import Settings
    from emulator.stack import Stack


def bind(settings: Settings, closing: ExitStack) -> dict[str, Server]:
    """Take the ports."""
    ports = {"api": settings.api_port, "aws": settings.aws_port}
    if settings.web_directory is not None:
        ports["web"] = settings.web_port
    servers = {}
    for name, port in ports.items():
        servers[name] = Server(name, port)
        closing.callback(servers[name].stop)
    return servers


def start_listeners(stack: Stack) -> None:
    """Let everything answer; all that stands behind it is there."""
    from emulator.aws_listener import AwsListener  # noqa: PLC0415
    from emulator.control import create_app as create_control  # noqa: PLC0415

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
        AwsListener(
            control=create_control(stack),
            services=services,
            others=stack.moto_services,
            trace=stack.trace,
        )
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
        trace=stack.trace,
    )
