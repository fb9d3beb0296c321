"""The AWS listener: one port on which every emulated service answers, as AWS's SDKs call them.

A request belongs to the service that its signature names; unsigned ones are recognised by their
target header, or by the version in the form of a query protocol; all others are S3's, whose
presigned and anonymous requests name no service.
Services that the emulator does not supply itself come from moto, loaded when first called.
"""

from __future__ import annotations

import io
import json
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from emulator.tracing.requests import answer_traced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.moto_services import MotoServices
    from emulator.tracing.trace import Trace

_log = logging.getLogger(__name__)
_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/\s,]+/\d{8}/[^/\s,]*/([^/\s,]+)/aws4_request")
_FUNCTION_URL_HOST = re.compile(r"[a-z0-9]+\.lambda-url\.")
_FUNCTION_URL_PATH = "/_lambda-url/"
_LAMBDA_PATH = re.compile(r"/20\d\d-\d\d-\d\d/")
# Signing names by the first part of X-Amz-Target: JSON protocols say what they are.
_TARGETS = {
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
    "AWSEvents": "events",
    "AWSStepFunctions": "states",
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
    "DynamoDBStreams_20120810": "dynamodb",
    "DynamoDB_20120810": "dynamodb",
    "Kinesis_20131202": "kinesis",
    "Logs_20140328": "logs",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
}
# Signing names by the API version in the form: query protocols are known by nothing else.
_VERSIONS = {
    "2009-04-15": "sdb",
    "2010-03-31": "sns",
    "2010-05-08": "iam",
    "2010-05-15": "cloudformation",
    "2010-08-01": "monitoring",
    "2010-12-01": "ses",
    "2011-06-15": "sts",
    "2012-11-05": "sqs",
}
_QUERY_PATH = re.compile(r"/(?:\d{12}/[\w.-]+)?")
_LONGEST_FORM_BYTES = 1 << 20
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
# S3 has the bucket's CORS rules and signatures, function URLs have CORS rules of their own.
_OPEN_TO_PAGES = frozenset({"s3", "lambda-url"})


class AwsListener:
    """A WSGI application that hands each request to its service.

    Args:
        control: what answers below ``/_emulator``; it leaves no trace.
        services: our own services by the name in the credential scope: ``s3``, ``lambda`` …
        others: the services that moto supplies.
        trace: where requests are noted.
    """

    def __init__(
        self,
        *,
        control: WSGIApplication,
        services: Mapping[str, WSGIApplication],
        others: MotoServices,
        trace: Trace,
    ) -> None:
        self._control = control
        self._services = services
        self._others = others
        self._trace = trace

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ["PATH_INFO"]
        if path == "/_emulator" or path.startswith("/_emulator/"):
            return self._control(environ, start_response)
        name = service_of(environ)
        answer = partial(self._answer, name)
        return answer_traced(self._trace, name, answer, environ, start_response)

    def _answer(
        self, name: str, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        if name not in _OPEN_TO_PAGES and _is_foreign_page(environ):
            _log.warning("a web page of another site may not call %s", name)
            return _forbid(name, start_response)
        app = self._services.get(name) or self._others.find(name)
        if app is None:
            _log.warning("no emulated service answers to %r (%s)", name, environ["PATH_INFO"])
            return _refuse(name, environ, start_response)
        return app(environ, start_response)


def service_of(environ: dict[str, Any]) -> str:
    """Tell which service a request is for, by its signing name.

    The body of an unsigned form is read for that, and can be read again.
    """
    path: str = environ["PATH_INFO"]
    host: str = environ.get("HTTP_HOST", "")
    if path.startswith(_FUNCTION_URL_PATH) or _FUNCTION_URL_HOST.match(host):
        return "lambda-url"
    target = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0]
    if target in _TARGETS:
        return _TARGETS[target]
    scope = _CREDENTIAL_SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope:
        return scope.group(1)
    if _LAMBDA_PATH.match(path):
        return "lambda"
    return _VERSIONS.get(_version(environ), "s3")


def _version(environ: dict[str, Any]) -> str:
    """Read ``Version`` from the query or the form of a query protocol; empty without one."""
    if not _QUERY_PATH.fullmatch(environ["PATH_INFO"]):
        return ""
    query = environ.get("QUERY_STRING", "")
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    length = environ.get("CONTENT_LENGTH") or "0"
    if form and length.isdecimal() and 0 < int(length) <= _LONGEST_FORM_BYTES:
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(body)
        query = f"{query}&{body.decode('latin-1')}"
    fields = parse_qs(query)
    return fields.get("Version", [""])[0] if "Action" in fields else ""


def _is_foreign_page(environ: Mapping[str, Any]) -> bool:
    """Tell whether a browser sends this for a page that is not of this machine.

    A form or a ``no-cors`` request needs no preflight, and a page can rebind its name to loopback.
    """
    host = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    browser = any(name in environ for name in ("HTTP_ORIGIN", "HTTP_SEC_FETCH_MODE"))
    origin = urlsplit(environ.get("HTTP_ORIGIN", "")).hostname
    elsewhere = origin is not None and not _is_local(origin)
    opaque = environ.get("HTTP_ORIGIN") == "null"
    cross_site = environ.get("HTTP_SEC_FETCH_SITE") == "cross-site"
    return elsewhere or opaque or cross_site or (browser and not _is_local(host))


def _is_local(host: str) -> bool:
    return host in _LOCAL_HOSTS or host.endswith(".localhost")


def _forbid(name: str, start_response: StartResponse) -> Iterable[bytes]:
    message = f"Web pages of other sites may not call {name!r} of the emulator."
    start_response(
        "403 Forbidden",
        [("Content-Type", "application/json"), ("x-amzn-ErrorType", "AccessDeniedException")],
    )
    return [json.dumps({"__type": "AccessDeniedException", "message": message}).encode()]


def _refuse(
    name: str, environ: Mapping[str, Any], start_response: StartResponse
) -> Iterable[bytes]:
    message = f"The emulator has no service {name!r}."
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        # A query protocol: its clients read nothing but XML.
        start_response("400 Bad Request", [("Content-Type", "text/xml")])
        return [
            "<ErrorResponse><Error><Type>Sender</Type><Code>UnrecognizedClientException</Code>"
            f"<Message>{escape(message)}</Message></Error></ErrorResponse>".encode()
        ]
    start_response(
        "400 Bad Request",
        [("Content-Type", "application/json"), ("x-amzn-ErrorType", "UnrecognizedClientException")],
    )
    return [json.dumps({"__type": "UnrecognizedClientException", "message": message}).encode()]
