"""The AWS services that moto supplies: SQS, SNS, SSM, Secrets Manager, EventBridge, STS and more.

Each is loaded when it is first called; loading moto takes half a second that most runs never need.
What they hold lives in memory: it goes with the process, and with ``emulator reset``.
http://docs.getmoto.org/en/latest/docs/services/index.html
"""

from __future__ import annotations

import json
import logging
import re
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication

_log = logging.getLogger(__name__)
# Signing names that are not the names of moto's modules, hyphens aside.
_MODULES = {
    "elasticfilesystem": "efs",
    "elasticmapreduce": "emr",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
# The prefix of X-Amz-Target, for the calls that the emulator makes itself.
_TARGETS = {
    "events": "AWSEvents",
    "secretsmanager": "secretsmanager",
    "sqs": "AmazonSQS",
    "ssm": "AmazonSSM",
}
_QUERY_VERSIONS = {"sns": "2010-03-31"}
_ELEMENT = re.compile(r"<(\w+)>([^<]*)</\1>")
_ERROR_MEMBERS = ("Code", "Message")


class MotoServices:
    """moto's services of one account.

    Args:
        on_load: called with the signing name after a service was loaded, before its first call;
            connects it with what moto does not have.
    """

    def __init__(
        self,
        *,
        region: str,
        account_id: str,
        on_load: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        self.region = region
        self.account_id = account_id
        self._on_load = dict(on_load or {})
        self._apps: dict[str, WSGIApplication | None] = {}
        self._lock = threading.RLock()

    def on_load(self, name: str, connect: Callable[[], None]) -> None:
        """Have ``connect`` called when a service is loaded."""
        self._on_load[name] = connect

    def find(self, name: str) -> WSGIApplication | None:
        """Give a service by its signing name; ``None`` when moto has none of that name."""
        with self._lock:
            if name not in self._apps:
                self._apps[name] = self._load(name)
            return self._apps[name]

    def loaded(self, name: str) -> bool:
        """Tell whether a service was called already: one that was not holds nothing."""
        return self._apps.get(name) is not None

    def reset(self) -> None:
        """Forget everything that the services hold."""
        with self._lock:
            if not any(self._apps.values()):
                return
            from moto.core.base_backend import BackendDict  # noqa: PLC0415 -- loaded by now
            from moto.core.model_instances import reset_model_data  # noqa: PLC0415

            BackendDict.reset()
            reset_model_data()

    def call(
        self,
        name: str,
        operation: str,
        parameters: Mapping[str, Any],
        *,
        region: str | None = None,
    ) -> dict[str, Any]:
        """Call an operation, as an SDK would; query protocols answer with nothing here.

        Raises:
            ServiceError: what the service refused, in its words.
        """
        app = self.find(name)
        if app is None:
            raise ServiceError("UnrecognizedClientException", f"The emulator has no {name!r}.")
        from werkzeug.test import EnvironBuilder, run_wsgi_app  # noqa: PLC0415

        headers, body = _encode(name, operation, parameters)
        region = region or self.region
        scope = f"Credential=test/20240101/{region}/{name}/aws4_request"
        headers["Authorization"] = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"
        builder = EnvironBuilder(
            path="/",
            method="POST",
            base_url=f"http://{name}.{region}.amazonaws.com",
            headers=list(headers.items()),
            data=body,
        )
        pieces, status, _ = run_wsgi_app(app, builder.get_environ(), buffered=True)
        return _decode(int(status.partition(" ")[0]), b"".join(pieces))

    def _load(self, name: str) -> WSGIApplication | None:
        from moto import backends  # noqa: PLC0415 -- half a second that most runs never need
        from moto.moto_server import werkzeug_app  # noqa: PLC0415

        # It would reflect any origin; the environment variable for it was read long ago.
        werkzeug_app.DISABLE_GLOBAL_CORS = True
        module = _MODULES.get(name, name.replace("-", ""))
        if module not in backends.list_of_moto_modules():
            return None
        try:
            app = werkzeug_app.create_backend_app(module)
        except ModuleNotFoundError as error:
            # An extra of moto that only this service needs, and that nobody installs for us.
            _log.warning("moto's %s needs the package %r, which is not there", module, error.name)
            return None
        app.register_error_handler(RecursionError, _refuse_nesting)
        if name in self._on_load:
            self._on_load[name]()
        return self._in_account(app)

    def _in_account(self, app: WSGIApplication) -> WSGIApplication:
        """Have moto act in the emulated account, whatever key has signed."""

        def within(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account_id
            return app(environ, start_response)

        return within


def _refuse_nesting(_: Exception) -> tuple[str, int, dict[str, str]]:
    """Refuse what nests too deeply to be read: the body itself, or a document in it."""
    from flask import request  # noqa: PLC0415 -- moto has loaded it

    message = "The document nests too deeply."
    if "json" not in request.mimetype:
        error = f"<Type>Sender</Type><Code>ValidationError</Code><Message>{message}</Message>"
        text = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
        return text, 400, {"Content-Type": "text/xml"}
    try:
        json.loads(request.get_data())
        code = "ValidationException"
    except RecursionError:
        code = "SerializationException"
    text = json.dumps({"__type": code, "message": message})
    return text, 400, {"Content-Type": request.mimetype, "x-amzn-ErrorType": code}


def _encode(
    name: str, operation: str, parameters: Mapping[str, Any]
) -> tuple[dict[str, str], bytes]:
    if name in _QUERY_VERSIONS:
        fields = {"Action": operation, "Version": _QUERY_VERSIONS[name], **parameters}
        return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(fields).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{_TARGETS[name]}.{operation}",
    }
    return headers, json.dumps(parameters).encode()


def _decode(status: int, body: bytes) -> dict[str, Any]:
    text = body.decode(errors="replace")
    try:
        answer = json.loads(text) if text else {}
    except ValueError:  # the XML of a query protocol
        answer = {name: value for name, value in _ELEMENT.findall(text) if name in _ERROR_MEMBERS}
    if status >= 400:  # noqa: PLR2004 -- HTTP
        code = str(answer.get("__type") or answer.get("Code") or "InternalError")
        message = str(answer.get("message") or answer.get("Message") or text[:500])
        raise ServiceError(code.rpartition("#")[2], message, status=status)
    return answer if isinstance(answer, dict) else {}
