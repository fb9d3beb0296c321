"""``lambda_request``: one invocation."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from box import Box
from tavern._core import exceptions
from tavern._core.dict_util import format_keys
from tavern._core.extfunctions import update_from_ext
from tavern._core.report import attach_yaml
from tavern.request import BaseRequest

from tavern_lambda.result import LambdaResult

if TYPE_CHECKING:
    from tavern_lambda.session import LambdaSession

DEFAULT_STATUS = {"RequestResponse": 200, "Event": 202, "DryRun": 204}


class SpecificationError(exceptions.TavernException):  # type: ignore[misc]  # tavern has no types
    """A stage that makes no sense; a ``BadSchemaError`` would be shown with all of its frames."""


class InvokeError(exceptions.TavernException):  # type: ignore[misc]  # tavern has no types
    """The call of the Invoke API failed, not the function; ``max_retries`` tries it again."""


class LambdaRequest(BaseRequest):  # type: ignore[misc]  # tavern has no types
    """Invokes a function once for each run of its stage."""

    def __init__(
        self, session: LambdaSession, rspec: dict[str, Any], test_block_config: Any
    ) -> None:
        specification = format_keys(rspec, test_block_config.variables)
        update_from_ext(specification, ["payload"])
        kind = specification.setdefault("invocation_type", "RequestResponse")
        if kind not in DEFAULT_STATUS:
            raise SpecificationError(
                f"invocation_type must be one of {', '.join(DEFAULT_STATUS)}, not '{kind}'"
            )
        self._session = session
        self._variables = Box(specification)

    @property
    def request_vars(self) -> Box:
        """What ``{tavern.request_vars}`` has; hooks may change it before the run."""
        return self._variables

    def run(self) -> LambdaResult:
        """Invoke the function.

        Raises:
            InvokeError: Lambda did not take the call.
        """
        wanted = self._variables.to_dict()
        self._session.fail_if_unchecked()
        function = self._session.resolve(str(wanted["function"]))
        attach_yaml({**wanted, "function": function}, name="lambda_request")
        arguments = _arguments(function, wanted)
        try:
            answer = self._session.client(wanted.get("timeout")).invoke(**arguments)
            payload = answer["Payload"].read()
        except (BotoCoreError, ClientError) as error:
            raise InvokeError(f"'{function}' cannot be invoked: {error}") from error
        result = _result(function, str(wanted["invocation_type"]), answer, payload)
        self._session.remember(result)
        return result


def _arguments(function: str, wanted: dict[str, Any]) -> dict[str, Any]:
    kind = str(wanted["invocation_type"])
    arguments: dict[str, Any] = {"FunctionName": function, "InvocationType": kind}
    if "payload" in wanted:
        arguments["Payload"] = _to_json(wanted["payload"], "payload")
    if "client_context" in wanted:
        context = _to_json(wanted["client_context"], "client_context")
        arguments["ClientContext"] = base64.b64encode(context).decode()
    if "qualifier" in wanted:
        arguments["Qualifier"] = str(wanted["qualifier"])
    if kind == "RequestResponse":
        arguments["LogType"] = "Tail"  # always: it belongs into a failure message
    return arguments


def _to_json(value: Any, name: str) -> bytes:
    try:
        return json.dumps(value).encode()
    except TypeError as error:
        raise SpecificationError(
            f"lambda_request.{name} is not JSON ({error}); matchers belong into lambda_response"
        ) from error


def _result(function: str, kind: str, answer: dict[str, Any], payload: bytes) -> LambdaResult:
    try:
        decoded = json.loads(payload) if payload else None
    except ValueError:
        decoded = payload.decode("utf-8", "replace")
    return LambdaResult(
        function=function,
        invocation_type=kind,
        status_code=answer["StatusCode"],
        function_error=answer.get("FunctionError"),
        payload=decoded,
        log=base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace"),
        executed_version=answer.get("ExecutedVersion"),
        request_id=answer["ResponseMetadata"].get("RequestId"),
    )
