"""Where the results of asynchronous invocations go: destinations and dead-letter queues.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
Left out are S3 destinations, and permissions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from emulator.message import Message, MessageAttribute

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.awslambda.queued_invocation import QueuedInvocation

Condition = Literal["Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"]
_ERROR_MESSAGE_BYTES = 1024


def destination_message(
    arn: str,
    queued: QueuedInvocation,
    condition: Condition,
    *,
    function_arn: str,
    now: datetime,
    invoke_count: int,
) -> Message:
    """Write the record of an invocation for its destination."""
    document: dict[str, Any] = {
        "version": "1.0",
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "requestContext": {
            "requestId": queued.invocation.request_id,
            "functionArn": function_arn,
            "condition": condition,
            "approximateInvokeCount": invoke_count,
        },
        "requestPayload": json.loads(queued.invocation.payload),
    }
    if queued.last_response is not None:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": queued.last_version}
        if condition != "Success":
            context["functionError"] = "Unhandled"
        document["responseContext"] = context
        document["responsePayload"] = _parsed(queued.last_response)
    verdict = "Success" if condition == "Success" else "Failure"
    detail_type = f"Lambda Function Invocation Result - {verdict}"
    return Message(
        body=json.dumps(document).encode(),
        source="destination",
        event=("lambda", detail_type, (arn, function_arn)),
    )


def dead_letter(queued: QueuedInvocation) -> Message:
    """Write the event itself for the dead-letter queue, with attributes that tell what happened."""
    code, error = "429", "Rate Exceeded."
    if queued.last_response is not None:
        parsed = _parsed(queued.last_response)
        code, error = "200", str(parsed.get("errorMessage", "") if isinstance(parsed, dict) else "")
    text = error.encode()[:_ERROR_MESSAGE_BYTES].decode(errors="ignore")
    attributes = [
        MessageAttribute(name="RequestID", data_type="String", value=queued.invocation.request_id),
        MessageAttribute(name="ErrorCode", data_type="Number", value=code),
    ]
    if text:  # SQS refuses an empty value
        attributes.append(MessageAttribute(name="ErrorMessage", data_type="String", value=text))
    return Message(
        body=queued.invocation.payload, source="dead-letter", attributes=tuple(attributes)
    )


def _parsed(payload: str) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload
