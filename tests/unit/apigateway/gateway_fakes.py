"""What the tests of the gateway put in place of Lambda, the clock and chance."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client

from emulator.apigateway import create_app
from emulator.apigateway.context import RequestContext
from emulator.apigateway.ids import RequestIds
from emulator.apigateway.method import MethodRequest
from emulator.application import (
    Application,
    Function,
    LambdaProxyIntegration,
    RestApi,
    Route,
    UsagePlan,
)
from emulator.invocation import Invocation, InvocationResult

if TYPE_CHECKING:
    from emulator.errors import ServiceError
    from emulator.invocation import FunctionError

NOON = datetime(2024, 7, 10, 12, 28, 36, 500_000, tzinfo=UTC)
API_KEY = "the-key"
PROXY = LambdaProxyIntegration(function_name="Echo")
IDS = RequestIds(
    request_id="11111111-1111-4111-8111-111111111111",
    extended_request_id="AAAAAAAAAAAAAAA=",
    invocation_id="22222222-2222-4222-8222-222222222222",
    trace_root="1-668e7d34-aaaaaaaaaaaaaaaaaaaaaaaa",
    trace_parent="bbbbbbbbbbbbbbbb",
)


class FakeClock:
    """A clock that stands still."""

    offset = timedelta()

    def now(self) -> datetime:
        return NOON


class RecordingInvoker:
    """A Lambda service that notes what it is asked and answers what it was told."""

    def __init__(self, answer: Any = None) -> None:
        self.invocations: list[Invocation] = []
        self.payload = json.dumps({"statusCode": 200} if answer is None else answer).encode()
        self.function_error: FunctionError | None = None
        self.refusal: ServiceError | None = None

    def invoke(self, invocation: Invocation) -> InvocationResult:
        self.invocations.append(invocation)
        if self.refusal:
            raise self.refusal
        return InvocationResult(
            request_id=invocation.request_id,
            payload=self.payload,
            function_error=self.function_error,
            log=b"",
        )

    def invoke_async(self, invocation: Invocation) -> None:
        raise NotImplementedError

    @property
    def event(self) -> dict[str, Any]:
        """The event of the last invocation."""
        return json.loads(self.invocations[-1].payload)


def rest_api(*routes: Route, **fields: Any) -> RestApi:
    """An API on stage ``dev``."""
    return RestApi(
        **{
            "logical_id": "Api",
            "name": "api",
            "api_id": "a1b2c3d4e5",
            "stage_name": "dev",
            "routes": routes,
            **fields,
        }
    )


def proxy_route(http_method: str, resource_path: str, **fields: Any) -> Route:
    """A method that the function ``Echo`` answers."""
    return Route(
        **{
            "http_method": http_method,
            "resource_path": resource_path,
            "integration": PROXY,
            **fields,
        }
    )


def function(name: str, timeout_seconds: int) -> Function:
    """A function of which only the timeout matters."""
    return Function(
        logical_id=name,
        name=name,
        handler="app.handler",
        runtime="python3.13",
        code_root=None,
        timeout_seconds=timeout_seconds,
    )


def gateway_app(
    *apis: RestApi,
    invoker: Any = None,
    functions: tuple[Function, ...] = (),
    usage_plans: tuple[UsagePlan, ...] = (),
):
    """The WSGI application of some APIs."""
    application = Application(
        template=Path("template.yaml"),
        functions=functions,
        rest_apis=apis,
        usage_plans=usage_plans,
    )
    return create_app(
        application,
        invoker=invoker or RecordingInvoker(),
        clock=FakeClock(),
        api_key=API_KEY,
        account_id="111111111111",
    )


def client(*apis: RestApi, invoker: Any = None, functions: tuple[Function, ...] = ()) -> Client:
    """A client of some APIs, without a socket."""
    return Client(gateway_app(*apis, invoker=invoker, functions=functions))


def request_to(path: str = "/files", **fields: Any) -> MethodRequest:
    """A GET request to stage ``dev``."""
    return MethodRequest(
        **{
            "http_method": "GET",
            "stage_name": "dev",
            "path": path,
            "full_path": f"/dev{path}",
            "headers": (("Host", "localhost:3000"),),
            **fields,
        }
    )


def context_of(request: MethodRequest, api: RestApi | None = None, **fields: Any) -> RequestContext:
    """A request as the gateway knows it, with ids that do not change."""
    return RequestContext(
        **{
            "api": api or rest_api(),
            "account_id": "111111111111",
            "request": request,
            "ids": IDS,
            "moment": NOON,
            **fields,
        }
    )
