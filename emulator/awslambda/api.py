"""The Lambda API: what boto3 and the AWS CLI ask of deployed functions.

https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
Functions are made and changed by the template only: every operation that is not in the tables
below is refused by its name.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from emulator.awslambda import invoke_api, operations
from emulator.awslambda.function_names import parse_function_name
from emulator.errors import ServiceError
from emulator.tracing.requests import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.awslambda.invoke_api import Answer
    from emulator.awslambda.service import LambdaService

_DATE = r"/20\d\d-\d\d-\d\d"
_FUNCTION_PATH = re.compile(_DATE + r"/functions/(?P<name>[^/]+)(?:/(?P<rest>.*?))?/?")
_ALIAS = re.compile(r"aliases/(?P<alias>[^/]+)")
_LIST_PATH = re.compile(_DATE + r"/functions/?")
_TAGS_PATH = re.compile(_DATE + r"/tags/(?P<name>[^/]+)")
_SETTINGS_PATH = re.compile(_DATE + r"/account-settings/?")
_REASONS = {200: "OK", 202: "Accepted", 204: "No Content"}
# How the API's shapes spell it; the others have "message".
_CAPITAL_MESSAGE = frozenset(
    (
        *("AccessDeniedException", "InvalidRuntimeException", "RequestEntityTooLargeException"),
        *("ResourceNotFoundException", "ServiceException"),
    )
)


def create_api(service: LambdaService) -> WSGIApplication:
    """Make the WSGI application of the Lambda API."""

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request_id = str(uuid.uuid4())
        try:
            status, headers, body = _Request(service, environ, request_id).answer()
        except ServiceError as error:
            environ[REFUSAL] = f"{error.code}: {error}"
            status, headers, body = _render(error)
        reason = _REASONS.get(status, "Error")
        fields = {"Content-Type": "application/json", "x-amzn-RequestId": request_id, **headers}
        start_response(f"{status} {reason}", list(fields.items()))
        return [body]

    return app


class _Request:
    """One request on its way to its operation."""

    def __init__(self, service: LambdaService, environ: dict[str, Any], request_id: str) -> None:
        self._service = service
        self._environ = environ
        self._request_id = request_id
        self._method: str = environ["REQUEST_METHOD"]
        # Before decoding: an ARN in the path may hold an encoded slash or colon.
        self._path = str(environ.get("RAW_URI", environ["PATH_INFO"])).partition("?")[0]
        query = parse_qs(environ.get("QUERY_STRING", ""))
        self._query = {name: values[-1] for name, values in query.items()}

    def answer(self) -> Answer:
        """Answer it.

        Raises:
            ServiceError: what Lambda answers instead.
        """
        if function := _FUNCTION_PATH.fullmatch(self._path):
            return self._of_a_function(function["name"], function["rest"] or "")
        if self._method == "GET":
            if _LIST_PATH.fullmatch(self._path):
                return self._document(operations.list_functions, operations.Call(query=self._query))
            if _SETTINGS_PATH.fullmatch(self._path):
                call = operations.Call(query=self._query)
                return self._document(operations.get_account_settings, call)
            if tags := _TAGS_PATH.fullmatch(self._path):
                name, _ = self._name(tags["name"])
                call = operations.Call(name=name, query=self._query)
                return self._document(operations.list_tags, call)
        raise self._refusal()

    def _of_a_function(self, name: str, rest: str) -> Answer:
        if (self._method, rest) == ("POST", "invocations"):
            return invoke_api.invoke(
                self._service, self._environ, *self._name(name), self._request_id
            )
        if (self._method, rest) == ("POST", "invoke-async"):
            name, _ = self._name(name)
            return invoke_api.invoke_async(self._service, self._environ, name, self._request_id)
        alias = _ALIAS.fullmatch(rest)
        operation = operations.OF_A_FUNCTION.get((self._method, "aliases/*" if alias else rest))
        if operation is None:
            raise self._refusal()
        name, qualifier = self._name(name)
        further = unquote(alias["alias"]) if alias else ""
        call = operations.Call(name=name, qualifier=qualifier, further=further, query=self._query)
        return self._document(operation, call)

    def _name(self, encoded: str) -> tuple[str, str | None]:
        return parse_function_name(
            unquote(encoded),
            self._query.get("Qualifier"),
            region=self._service.region,
            account_id=self._service.account_id,
        )

    def _document(self, operation: Any, call: operations.Call) -> Answer:
        return 200, {}, json.dumps(operation(self._service, call)).encode()

    def _refusal(self) -> ServiceError:
        name = _operation_name(self._method, self._path) or f"{self._method} {self._path}"
        return ServiceError(
            "NotImplementedException",
            f"The emulator does not have the operation {name} of Lambda; functions are made and"
            " changed by the template.",
            status=501,
        )


def _operation_name(method: str, path: str) -> str | None:
    """Find an operation's name in the SDK's description of the API."""
    from botocore.session import Session  # noqa: PLC0415 -- only a refusal needs it

    model = Session().get_service_model("lambda")
    for name in model.operation_names:
        http = model.operation_model(name).http
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(http["requestUri"].rstrip("/")))
        if http["method"] == method and re.fullmatch(pattern, path.rstrip("/")):
            return str(name)
    return None


def _render(error: ServiceError) -> Answer:
    name = "Message" if error.code in _CAPITAL_MESSAGE else "message"
    document = {**dict(error.members), name: error.message}
    return error.status, {"x-amzn-ErrorType": error.code}, json.dumps(document).encode()
