"""Function URLs: each is served below a path, and under a host name, of the AWS listener.

    http://127.0.0.1:4566/_lambda-url/<url-id>/…      needs no name service
    http://<url-id>.lambda-url.<region>.localhost:4566/…

https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
Left out are response streaming, and signatures: a signed request must bear a key that exists.
"""

from __future__ import annotations

import json
import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from emulator.awslambda.url_cors import is_preflight, preflight_headers, response_headers
from emulator.awslambda.url_event import (
    MalformedResponseError,
    UrlRequest,
    UrlResponse,
    to_event,
    to_response,
)
from emulator.errors import ServiceError
from emulator.invocation import Invocation
from emulator.tracing.ids import whole_trace_id
from emulator.tracing.requests import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.application import Function, FunctionUrl
    from emulator.awslambda.service import LambdaService
    from emulator.clock import Clock
    from emulator.credentials import CredentialStore

_LARGEST_BODY_BYTES = 6_291_456
_PATH = re.compile(r"/_lambda-url/(?P<url_id>[^/]*)(?P<path>.*)")
_HOST = re.compile(r"(?P<url_id>[a-z0-9]+)\.lambda-url\.")
_ACCESS_KEY = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/")
_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see:"
    " https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
_STATUSES = frozenset(HTTPStatus)
_BAD_GATEWAY = UrlResponse(
    status=502, headers=(("Content-Type", "application/json"),), body=b"Internal Server Error"
)


def create_urls(
    service: LambdaService, *, clock: Clock, credentials: CredentialStore
) -> WSGIApplication:
    """Make the WSGI application of all function URLs."""
    urls = _FunctionUrls(service, clock, credentials)

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request_id = str(uuid.uuid4())
        try:
            response = urls.answer(environ, request_id)
        except ServiceError as error:
            environ[REFUSAL] = f"{error.code}: {error}"
            response = _render(error)
        names = {name.lower() for name, _ in response.headers}
        headers = [("x-amzn-RequestId", request_id)] if "x-amzn-requestid" not in names else []
        phrase = HTTPStatus(response.status).phrase if response.status in _STATUSES else "Status"
        start_response(f"{response.status} {phrase}", [*response.headers, *headers])
        return [response.body]

    return app


class _FunctionUrls:
    """Finds the function of a URL, and translates to it and back."""

    def __init__(self, service: LambdaService, clock: Clock, credentials: CredentialStore) -> None:
        self._service = service
        self._clock = clock
        self._credentials = credentials

    def answer(self, environ: dict[str, Any], request_id: str) -> UrlResponse:
        """Answer one request.

        Raises:
            ServiceError: it does not reach a function.
        """
        url_id, path = _target(environ)
        function, url = self._find(url_id)
        request = _request(environ, path)
        origin = request.header("origin")
        asked = request.header("access-control-request-method")
        if url.cors is not None and is_preflight(request.method, origin, asked):
            return UrlResponse(status=200, headers=preflight_headers(url.cors, origin), body=b"")
        caller = self._authenticate(url, request)
        response = self._invoke(function, url, request, request_id, caller)
        if url.cors is None or not (added := response_headers(url.cors, origin)):
            return response
        replaced = {name.lower() for name, _ in added}
        kept = tuple(h for h in response.headers if h[0].lower() not in replaced)
        return UrlResponse(status=response.status, headers=(*kept, *added), body=response.body)

    def _find(self, url_id: str) -> tuple[Function, FunctionUrl]:
        """Find a URL among the functions of now: a saved template can have changed them."""
        for function in self._service.functions:
            for url in function.urls:
                if url.url_id == url_id:
                    return function, url
        raise ServiceError("AccessDeniedException", "null", status=403)

    def _authenticate(self, url: FunctionUrl, request: UrlRequest) -> dict[str, Any] | None:
        if url.auth_type != "AWS_IAM":
            return None
        key = _ACCESS_KEY.match(request.header("authorization") or "")
        if key is None or self._credentials.find(key[1]) is None:
            raise ServiceError("AccessDeniedException", _FORBIDDEN, status=403)
        account_id = self._service.account_id
        return {
            "accessKey": key[1],
            "accountId": account_id,
            "callerId": account_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": f"arn:aws:iam::{account_id}:root",
            "userId": account_id,
        }

    def _invoke(
        self,
        function: Function,
        url: FunctionUrl,
        request: UrlRequest,
        request_id: str,
        caller: dict[str, Any] | None,
    ) -> UrlResponse:
        now = self._clock.now()
        trace_id = whole_trace_id(
            self._service.trace.header(request.header("x-amzn-trace-id")),
            now,
            sampled=function.tracing_active,
        )
        event = to_event(
            request,
            url_id=url.url_id,
            domain_name=f"{url.url_id}.lambda-url.{self._service.region}.on.aws",
            request_id=request_id,
            trace_id=trace_id.partition(";")[0],
            now=now,
            caller=caller,
        )
        result = self._service.invoke(
            Invocation(
                function_name=function.name,
                payload=event,
                request_id=request_id,
                source="url",
                qualifier=url.qualifier,
                trace_id=trace_id,
            )
        )
        if result.function_error is not None:
            return _BAD_GATEWAY
        try:
            return to_response(result.payload)
        except MalformedResponseError:
            return _BAD_GATEWAY


def _target(environ: dict[str, Any]) -> tuple[str, str]:
    """Give the id of the URL, and the path behind it, encoded as it was sent."""
    sent = str(environ.get("RAW_URI", environ["PATH_INFO"])).partition("?")[0]
    if below := _PATH.fullmatch(sent):
        return below["url_id"], below["path"] or "/"
    host = _HOST.match(environ.get("HTTP_HOST", ""))
    return host["url_id"] if host else "", sent


def _request(environ: dict[str, Any], path: str) -> UrlRequest:
    body: bytes = environ["wsgi.input"].read(_LARGEST_BODY_BYTES + 1)
    if len(body) > _LARGEST_BODY_BYTES:
        raise ServiceError(
            "RequestEntityTooLargeException",
            f"Request must be smaller than {_LARGEST_BODY_BYTES} bytes for the InvokeFunction"
            " operation",
            status=413,
        )
    return UrlRequest(
        method=environ["REQUEST_METHOD"],
        path=path,
        query_string=environ.get("QUERY_STRING", ""),
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        headers=tuple(environ.get("emulator.raw_headers", ())),
        body=body,
        source_ip=environ.get("REMOTE_ADDR", "127.0.0.1"),
        port=environ.get("SERVER_PORT", ""),
    )


def _render(error: ServiceError) -> UrlResponse:
    message = None if error.message == "null" else error.message
    name = "message" if error.code == "TooManyRequestsException" else "Message"
    document = {**dict(error.members), name: message}
    return UrlResponse(
        status=error.status,
        headers=(("Content-Type", "application/json"), ("x-amzn-ErrorType", error.code)),
        body=json.dumps(document, separators=(",", ":")).encode(),
    )
