"""The path of a request through API Gateway.

1. The stage, the first segment of the path, names the API; an unknown one is 403 Forbidden.
2. The method of a resource is found (``routing``); none is 403 Missing Authentication Token.
3. The checks pass it, in their order (``checks``).
4. The integration answers it: a function (``lambda_proxy``) or the gateway itself (``mock``).
5. Every response gets the identifiers of its request; an error that the gateway made at any stage
   is rendered as the API's gateway responses say (``gateway_responses``).

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-api-step-by-step.html
Left out for now: authorizers, request validators, throttles and quotas, and all other integrations.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from emulator.apigateway.checks import CHECKS, AccessPolicy
from emulator.apigateway.context import RequestContext
from emulator.apigateway.errors import GatewayError
from emulator.apigateway.gateway_responses import GatewayResponses
from emulator.apigateway.lambda_proxy import LambdaProxy
from emulator.apigateway.media_types import JSON
from emulator.apigateway.method import MethodResponse
from emulator.apigateway.mock import Mock
from emulator.apigateway.routing import RouteTree
from emulator.application import LambdaProxyIntegration, MockIntegration
from emulator.stopwatch import Stopwatch
from emulator.tracing.ids import root_of
from emulator.tracing.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from emulator.apigateway.ids import RequestIds
    from emulator.apigateway.method import MethodRequest
    from emulator.application import Application, Pairs, RestApi, Route
    from emulator.clock import Clock
    from emulator.invocation import Invoker

logger = logging.getLogger(__name__)


class Deployment:
    """One API on its stage: routes, integrations and gateway responses, read once.

    Raises:
        TemplateError: a part of the definition is not supported; it is named.
    """

    def __init__(self, api: RestApi, lambda_proxy: LambdaProxy, policy: AccessPolicy) -> None:
        self.api = api
        self._routes = RouteTree(api.routes)
        self._lambda_proxy = lambda_proxy
        self._policy = policy
        self._responses = GatewayResponses(api)
        self._mocks = {
            route: Mock(route.integration, f"{api.logical_id} {_name(route)}")
            for route in api.routes
            if isinstance(route.integration, MockIntegration)
        }

    def has_method(self, request: MethodRequest) -> bool:
        """Tell whether a method of this API is meant."""
        return self._routes.match(request.http_method, request.path) is not None

    def answer(self, context: RequestContext) -> MethodResponse:
        """Answer a request that names this stage."""
        request = context.request
        context = replace(context, match=self._routes.match(request.http_method, request.path))
        try:
            return self._integrate(context)
        except GatewayError as error:
            logger.info("%s %s: %s", request.http_method, request.full_path, error)
            response = _identified(self._responses.render(error, context), context)
            return replace(response, reason=f"{error.response_type}: {error}")

    def _integrate(self, context: RequestContext) -> MethodResponse:
        if context.match is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", "no such method of a resource")
        route = context.match.route
        for check in CHECKS:
            context = check(context, route, self._policy)
        if isinstance(route.integration, LambdaProxyIntegration):
            response = self._lambda_proxy.run(route.integration, context)
            # Only functions are traced: a mock's response has no trace id (recorded).
            return _identified(response, context, ("X-Amzn-Trace-Id", context.segment_trace_id))
        return _identified(self._mocks[route].run(context), context)


class Gateway:
    """Every API of an application, by its stage."""

    def __init__(
        self,
        application: Application,
        *,
        invoker: Invoker,
        clock: Clock,
        api_key: str,
        account_id: str,
        new_ids: Callable[[datetime], RequestIds],
        stopwatch: Stopwatch | None = None,
        trace: Trace | None = None,
    ) -> None:
        timeouts = {function.name: function.timeout_seconds for function in application.functions}
        lambda_proxy = LambdaProxy(invoker, timeouts, stopwatch or Stopwatch())
        deployments = [
            Deployment(api, lambda_proxy, _policy(api, application, api_key))
            for api in application.rest_apis
        ]
        self._by_id = {deployment.api.api_id: deployment for deployment in deployments}
        self._by_stage: dict[str, list[Deployment]] = {}
        for deployment in deployments:
            self._by_stage.setdefault(deployment.api.stage_name, []).append(deployment)
        self._clock = clock
        self._account_id = account_id
        self._new_ids = new_ids
        self._trace = trace or Trace(clock)

    def answer(self, request: MethodRequest) -> MethodResponse:
        """Answer any request."""
        moment = self._clock.now()
        ids = self._new_ids(moment)
        header = root_of(request.header("x-amzn-trace-id")) or ids.trace_root
        subject = f"{request.http_method} {request.full_path}"
        with self._trace.step("gateway", subject, f"Root={header}") as step:
            step.request_id = ids.request_id
            response = self._answer(request, ids, moment)
            step.outcome, step.reason = str(response.status_code), response.reason
        return response

    def _answer(self, request: MethodRequest, ids: RequestIds, moment: datetime) -> MethodResponse:
        deployment = self._find(request)
        if deployment is None:
            return _forbidden(ids)
        context = RequestContext(
            api=deployment.api,
            account_id=self._account_id,
            request=request,
            ids=ids,
            moment=moment,
        )
        return deployment.answer(context)

    def _find(self, request: MethodRequest) -> Deployment | None:
        api_id = (request.header("host") or "").partition(".")[0]
        named = self._by_id.get(api_id)
        if named is not None:
            return named if named.api.stage_name == request.stage_name else None
        # APIs whose stages have one name have one URL here: the first that knows the path answers.
        deployments = self._by_stage.get(request.stage_name, [])
        knowing = (deployment for deployment in deployments if deployment.has_method(request))
        return next(knowing, deployments[0] if deployments else None)


def _policy(api: RestApi, application: Application, api_key: str) -> AccessPolicy:
    plans = (plan for plan in application.usage_plans if api.logical_id in plan.api_logical_ids)
    return AccessPolicy(api_keys=frozenset((api_key, *(key for p in plans for key in p.api_keys))))


def _name(route: Route) -> str:
    return f"{route.http_method} {route.resource_path}"


def _identified(
    response: MethodResponse, context: RequestContext, *further: tuple[str, str]
) -> MethodResponse:
    return replace(response, headers=(*response.headers, *_id_headers(context.ids), *further))


def _id_headers(ids: RequestIds) -> Pairs:
    return (
        ("x-amzn-RequestId", ids.request_id),
        ("x-amz-apigw-id", ids.extended_request_id),
    )


def _forbidden(ids: RequestIds) -> MethodResponse:
    """Refuse a stage that no API has, as execute-api does; no gateway response customises that."""
    return MethodResponse(
        status_code=403,
        headers=(
            ("Content-Type", JSON),
            ("x-amzn-ErrorType", "ForbiddenException"),
            *_id_headers(ids),
        ),
        body=b'{"message":"Forbidden"}',
        reason="no API has such a stage",
    )
