"""What the gateway knows of a request: the ``requestContext`` of events, ``$context`` of templates.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.apigateway.ids import stable_id
from emulator.tracing.ids import root_of

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.apigateway.ids import RequestIds
    from emulator.apigateway.method import MethodRequest
    from emulator.apigateway.routing import RouteMatch
    from emulator.application import RestApi

# What IAM and Cognito would tell; the gateway has neither, and AWS sends null without them, too.
_NO_IDENTITY = dict.fromkeys(
    (
        "cognitoIdentityPoolId",
        "accountId",
        "cognitoIdentityId",
        "caller",
        "principalOrgId",
        "accessKey",
        "cognitoAuthenticationType",
        "cognitoAuthenticationProvider",
        "userArn",
        "user",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """A request, the method that it means, and what the checks learned of its sender.

    Args:
        match: ``None`` until the request was routed.
        api_key: the key that was accepted; ``None`` where none is required.
    """

    api: RestApi
    account_id: str
    request: MethodRequest
    ids: RequestIds
    moment: datetime
    match: RouteMatch | None = None
    api_key: str | None = None

    @property
    def trace_id(self) -> str:
        """Tell the ``X-Amzn-Trace-Id`` of the request: the client's, else a new one."""
        sent = self.request.header("x-amzn-trace-id")
        return sent if sent and root_of(sent) else f"Root={self.ids.trace_root}"

    @property
    def segment_trace_id(self) -> str:
        """Tell the trace id that goes to the function and back to the client."""
        trace_id = self.trace_id
        if "Parent=" not in trace_id:
            trace_id += f";Parent={self.ids.trace_parent}"
        if "Sampled=" not in trace_id:
            trace_id += ";Sampled=0"
        return trace_id


def render_context(context: RequestContext) -> dict[str, Any]:
    """Spell a context as AWS does."""
    request, api = context.request, context.api
    resource_path = context.match.resource_path if context.match else None
    return {
        "resourceId": stable_id(api.api_id, resource_path or "", length=6),
        "resourcePath": resource_path,
        "httpMethod": request.http_method,
        "extendedRequestId": context.ids.extended_request_id,
        "requestTime": context.moment.strftime("%d/%b/%Y:%H:%M:%S %z"),
        "path": request.full_path,
        "accountId": context.account_id,
        "protocol": request.protocol,
        "stage": api.stage_name,
        "domainPrefix": api.api_id,
        "requestTimeEpoch": int(context.moment.timestamp() * 1000),
        "requestId": context.ids.request_id,
        "identity": _identity(context),
        "domainName": request.header("host") or "",
        "deploymentId": stable_id(api.api_id, api.stage_name, length=6),
        "apiId": api.api_id,
    }


def _identity(context: RequestContext) -> dict[str, str | None]:
    identity: dict[str, str | None] = {
        **_NO_IDENTITY,
        "sourceIp": context.request.source_ip,
        "userAgent": context.request.header("user-agent"),
    }
    if context.api_key is not None:
        identity["apiKey"] = context.api_key
        identity["apiKeyId"] = stable_id("api-key", context.api_key)
    return identity
