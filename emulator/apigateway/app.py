"""The WSGI application of the API listener: Flask at the edge, API Gateway behind it."""

from __future__ import annotations

import logging
from http.client import responses as REASONS  # noqa: N812 -- a table is a constant
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import ClientDisconnected
from werkzeug.routing import MapAdapter, Rule

from emulator.apigateway.gateway import Gateway
from emulator.apigateway.ids import random_ids
from emulator.apigateway.method import MethodResponse
from emulator.apigateway.wire import RequestTooLargeError, read_request
from emulator.tracing.trace import Trace

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from flask import Request

    from emulator.application import Application
    from emulator.clock import Clock
    from emulator.invocation import Invoker
    from emulator.stopwatch import Stopwatch

logger = logging.getLogger(__name__)

_NO_BODY = frozenset((204, 304))
_BROKEN_OFF = MethodResponse(status_code=400, headers=(("Content-Type", "text/plain"),))
_OUR_FAULT = MethodResponse(
    status_code=500,
    headers=(("Content-Type", "application/json"),),
    body=b'{"message":"Internal server error"}',
)


class _VerbatimResponse(Response):
    """A response whose headers go out as they are: no rewritten ``Location``, no added type."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Give the headers untouched."""
        _ = environ
        return self.headers


class _OneRoute(Flask):
    """A Flask application that leaves all routing to API Gateway."""

    response_class = _VerbatimResponse

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match every request, whatever its path, method or host, with the one rule."""
        _ = request
        return self.url_map.bind("localhost", path_info="/")


def create_app(
    application: Application,
    *,
    invoker: Invoker,
    clock: Clock,
    api_key: str,
    account_id: str,
    stopwatch: Stopwatch | None = None,
    trace: Trace | None = None,
) -> WSGIApplication:
    """Serve the REST APIs of an application at ``/<stage>/<resource path>``.

    ``api_key`` is taken by all methods with ``api_key_required``, beside the template's keys.
    Time limits go by ``stopwatch``, which stands still under a debugger; requests are noted in
    ``trace``.

    Raises:
        TemplateError: a part of an API definition is not supported; it is named.
    """
    notes = trace or Trace(clock)
    gateway = Gateway(
        application,
        invoker=invoker,
        clock=clock,
        api_key=api_key,
        account_id=account_id,
        new_ids=random_ids,
        stopwatch=stopwatch,
        trace=notes,
    )
    app = _OneRoute(__name__, static_folder=None)

    def answer() -> Response:
        try:
            method_request = read_request(request.environ)
        except RequestTooLargeError as error:
            with notes.step("gateway", f"{request.method} {request.path}") as step:
                step.outcome, step.reason = "413", str(error)
            raise
        return _to_flask(gateway.answer(method_request))

    app.url_map.add(Rule("/", endpoint="gateway"))
    app.view_functions["gateway"] = answer
    app.register_error_handler(Exception, _render_exception)
    return app


def _render_exception(error: Exception) -> Response:
    if isinstance(error, RequestTooLargeError):
        # Refused before the gateway proper: plain text, and no gateway response customises it.
        plain = (("Content-Type", "text/plain"),)
        return _to_flask(MethodResponse(status_code=413, headers=plain, body=str(error).encode()))
    if isinstance(error, ConnectionError | ClientDisconnected):
        return _to_flask(_BROKEN_OFF)
    logger.error("a request broke the gateway", exc_info=error)
    return _to_flask(_OUR_FAULT)


def _to_flask(response: MethodResponse) -> Response:
    body = b"" if response.status_code in _NO_BODY else response.body
    headers = Headers(list(response.headers))
    if response.status_code not in _NO_BODY:
        headers.add("Content-Length", str(len(body)))
    # A list, because Werkzeug gives a plain body a length of its own.
    status = f"{response.status_code} {REASONS.get(response.status_code, '')}"
    return _VerbatimResponse([body], status=status, headers=headers)
