"""The AWS listener: one port on which every emulated service answers, as AWS's SDKs call them.

A request belongs to the service that its signature names; presigned and anonymous requests, which
name none in a header, are S3's.
Services that the emulator does not supply itself come from moto, loaded when first called.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication

_log = logging.getLogger(__name__)
_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/\s,]+/\d{8}/[^/\s,]*/([^/\s,]+)/aws4_request")
_LAMBDA_PATH = re.compile(r"/20\d\d-\d\d-\d\d/")
_TARGETS = {"DynamoDB_20120810": "dynamodb", "DynamoDBStreams_20120810": "dynamodb"}


class AwsListener:
    """A WSGI application that hands each request to its service.

    Args:
        control: what answers below ``/_emulator``.
        services: our own services by the name in the credential scope: ``s3``, ``lambda`` …
    """

    def __init__(
        self, *, control: WSGIApplication, services: Mapping[str, WSGIApplication]
    ) -> None:
        self._control = control
        self._services = services
        self._others = MotoServices()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ["PATH_INFO"]
        if path == "/_emulator" or path.startswith("/_emulator/"):
            return self._control(environ, start_response)
        name = service_of(environ)
        app = self._services.get(name) or self._others.find(name)
        if app is None:
            _log.warning("no emulated service answers to %r (%s)", name, path)
            return _refuse(name, start_response)
        return app(environ, start_response)


def service_of(environ: Mapping[str, Any]) -> str:
    """Tell which service a request is for, by its signing name."""
    target = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[0]
    if target in _TARGETS:
        return _TARGETS[target]
    scope = _CREDENTIAL_SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope:
        return scope.group(1)
    return "lambda" if _LAMBDA_PATH.match(environ["PATH_INFO"]) else "s3"


class MotoServices:
    """The services that moto supplies, each loaded when it is first called."""

    def __init__(self) -> None:
        self._apps: dict[str, WSGIApplication | None] = {}
        self._lock = threading.Lock()

    def find(self, name: str) -> WSGIApplication | None:
        """Give a service by its signing name; ``None`` when moto has none of that name."""
        with self._lock:
            if name not in self._apps:
                self._apps[name] = _load(name)
            return self._apps[name]


def _load(name: str) -> WSGIApplication | None:
    from moto import backends  # noqa: PLC0415 -- half a second that most runs never need
    from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415

    module = {"monitoring": "cloudwatch", "states": "stepfunctions"}.get(name, name)
    if module not in backends.list_of_moto_modules():
        return None
    app: WSGIApplication = create_backend_app(module)
    return app


def _refuse(name: str, start_response: StartResponse) -> Iterable[bytes]:
    message = f"The emulator has no service {name!r}."
    start_response(
        "400 Bad Request",
        [("Content-Type", "application/json"), ("x-amzn-ErrorType", "UnrecognizedClientException")],
    )
    return [json.dumps({"__type": "UnrecognizedClientException", "message": message}).encode()]
