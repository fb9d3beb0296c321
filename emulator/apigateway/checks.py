"""What a routed request must pass before its integration sees it, in API Gateway's order.

Key, throttle, quota, authorizer, validator: each check takes what is known of the request and
returns it, enriched, or raises.
A new check is a new entry of ``CHECKS`` at its place; those that are there do not move.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from emulator.apigateway.errors import GatewayError

if TYPE_CHECKING:
    from emulator.apigateway.context import RequestContext
    from emulator.application import Route

API_KEY_HEADER = "x-api-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPolicy:
    """What the checks compare a request with."""

    api_keys: frozenset[str]


class Check(Protocol):
    """One check of a routed request."""

    def __call__(
        self, context: RequestContext, route: Route, policy: AccessPolicy
    ) -> RequestContext:
        """Pass a request on, with what was learned of its sender.

        Raises:
            GatewayError: the request ends here.
        """


def check_api_key(context: RequestContext, route: Route, policy: AccessPolicy) -> RequestContext:
    """Demand the API key where the method says ``api_key_required``."""
    if not route.api_key_required:
        return context
    sent = context.request.header(API_KEY_HEADER)
    if sent is None:
        raise GatewayError("INVALID_API_KEY", "the method requires an API key; none was sent")
    if not any(hmac.compare_digest(sent.encode(), key.encode()) for key in policy.api_keys):
        raise GatewayError("INVALID_API_KEY", "the API key is unknown")
    return replace(context, api_key=sent)


CHECKS: tuple[Check, ...] = (check_api_key,)
