"""The CloudWatch Logs API over what functions have logged: AWS's JSON 1.1 protocol.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/Welcome.html
Groups, streams and events; queries, metric filters, subscriptions, exports and tags are refused by
name. Signatures are not verified: whoever reaches the listener may read.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from emulator.cloudwatchlogs import events, groups
from emulator.cloudwatchlogs.groups import Calling
from emulator.errors import ServiceError
from emulator.tracing.requests import REFUSAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.clock import Clock
    from emulator.cloudwatchlogs.request import Body
    from emulator.cloudwatchlogs.store import LogStore

_LARGEST_BODY_BYTES = 4 * 2**20
_OPERATIONS: dict[str, Callable[[Calling, Body], Body]] = {
    "CreateLogGroup": groups.create_log_group,
    "CreateLogStream": groups.create_log_stream,
    "DeleteLogGroup": groups.delete_log_group,
    "DeleteLogStream": groups.delete_log_stream,
    "DeleteRetentionPolicy": groups.delete_retention_policy,
    "DescribeLogGroups": groups.describe_log_groups,
    "DescribeLogStreams": groups.describe_log_streams,
    "FilterLogEvents": events.filter_log_events,
    "GetLogEvents": events.get_log_events,
    "PutLogEvents": events.put_log_events,
    "PutRetentionPolicy": groups.put_retention_policy,
}


def create_api(store: LogStore, *, clock: Clock, region: str, account_id: str) -> WSGIApplication:
    """Make the WSGI application of the CloudWatch Logs API."""
    calling = Calling(store=store, clock=clock, region=region, account_id=account_id)

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request_id = str(uuid.uuid4())
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", request_id)]
        try:
            answer = _answer(calling, environ)
            status = "200 OK"
        except ServiceError as error:
            environ[REFUSAL] = f"{error.code}: {error}"
            answer = {"__type": error.code, "message": error.message}
            headers.append(("x-amzn-ErrorType", error.code))
            status = f"{error.status} Error"
        body = json.dumps(answer).encode() if answer else b""
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return app


def _answer(calling: Calling, environ: dict[str, Any]) -> Body:
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    operation = target.partition(".")[2]
    if operation not in _OPERATIONS:
        raise ServiceError(
            "UnknownOperationException",
            f"The emulator does not emulate {operation or 'this call'} of CloudWatch Logs",
        )
    content = environ["wsgi.input"].read(_LARGEST_BODY_BYTES)
    try:
        body = json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:
        raise ServiceError("SerializationException", "the body is not JSON") from error
    if not isinstance(body, dict):
        raise ServiceError("SerializationException", "the body must be a JSON object")
    return _OPERATIONS[operation](calling, body)
