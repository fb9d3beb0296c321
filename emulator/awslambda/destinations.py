"""Where the results of asynchronous invocations go: destinations and dead-letter queues.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
Left out are S3 destinations, and permissions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from emulator.errors import ServiceError

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.awslambda.queued_invocation import QueuedInvocation

Condition = Literal["Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"]
_ERROR_MESSAGE_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAttribute:
    """An attribute of a message on its way to SQS or SNS."""

    name: str
    data_type: Literal["String", "Number"]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to be delivered to a queue, a topic, a bus or a function.

    Args:
        target_arn: SQS queue, SNS topic, EventBridge bus or Lambda function.
        body: JSON.
        detail_type: what an event on a bus is called.
        resources: what such an event is about.
    """

    target_arn: str
    body: str
    attributes: tuple[MessageAttribute, ...] = ()
    source: str = "lambda"
    detail_type: str = ""
    resources: tuple[str, ...] = ()


class Targets(Protocol):
    """Delivers messages to the services that take them."""

    def send(self, message: Message) -> None:
        """Deliver a message.

        Raises:
            ServiceError: the target refuses it, or is not there.
        """


class _NoTargets:
    def send(self, message: Message) -> None:
        raise ServiceError("NotImplementedException", f"There is no {message.target_arn} here.")


NO_TARGETS: Targets = _NoTargets()


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
    return Message(
        target_arn=arn,
        body=json.dumps(document),
        detail_type=f"Lambda Function Invocation Result - {verdict}",
        resources=(arn, function_arn),
    )


def dead_letter(arn: str, queued: QueuedInvocation) -> Message:
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
        target_arn=arn, body=queued.invocation.payload.decode(), attributes=tuple(attributes)
    )


def _parsed(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload
