"""Where events go: a function, queue, topic or event bus, by its ARN.

S3 notifications, rules of EventBridge, dead-letter queues and destinations of functions deliver
through this; queues, topics and event buses are moto's.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any

from emulator.arns import Arn, parse_arn
from emulator.errors import ServiceError
from emulator.invocation import Invocation, Invoker
from emulator.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.moto_services import MotoServices
    from emulator.tracing.trace import Trace


class Targets:
    """Everything that can be sent to.

    Args:
        invoker: the functions.
        services: the queues, topics and event buses.
        trace: where what is sent is noted.
        has_function: tells whether there is a function of a name.
    """

    def __init__(
        self,
        invoker: Invoker,
        services: MotoServices,
        trace: Trace,
        *,
        has_function: Callable[[str], bool] = lambda _: True,
        new_request_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._invoker = invoker
        self._has_function = has_function
        self._services = services
        self._trace = trace
        self._new_request_id = new_request_id

    def send(self, arn: str, message: Message) -> None:
        """Send a message; it is accepted when this returns.

        Raises:
            ServiceError: nothing of this ARN is there, or it does not take the message.
        """
        parsed = parse_arn(arn)
        sender = {
            "lambda": self._invoke,
            "sqs": self._to_queue,
            "sns": self._to_topic,
            "events": self._to_event_bus,
        }.get(parsed.service)
        if sender is None:
            raise ServiceError("NotImplemented", f"The emulator sends nothing to {arn}.")
        with self._trace.step("event", f"{message.source} to {parsed.service} {parsed.resource}"):
            sender(parsed, message)

    def check(self, arn: str) -> None:
        """Tell whether something of this ARN is there, without sending.

        Raises:
            ServiceError: it is not.
        """
        parsed = parse_arn(arn)
        if parsed.service == "lambda" and not self._has_function(_function_name(parsed)):
            raise ServiceError("ResourceNotFoundException", f"Function not found: {arn}")
        if parsed.service == "sqs":
            self._services.call(
                "sqs", "GetQueueUrl", {"QueueName": parsed.resource}, region=parsed.region
            )
        elif parsed.service == "sns":
            self._services.call(
                "sns", "GetTopicAttributes", {"TopicArn": arn}, region=parsed.region
            )

    def send_test(self, arn: str, body: bytes) -> None:
        """Send the message by which S3 tries queues and topics; functions get none."""
        if parse_arn(arn).service != "lambda":
            self.send(arn, Message(body=body, source="s3", subject="Amazon S3 Notification"))

    def _invoke(self, arn: Arn, message: Message) -> None:
        name, _, qualifier = arn.resource.removeprefix("function:").partition(":")
        self._invoker.invoke_async(
            Invocation(
                function_name=name,
                payload=message.body,
                request_id=self._new_request_id(),
                source=message.source,
                qualifier=qualifier or None,
            )
        )

    def _to_queue(self, arn: Arn, message: Message) -> None:
        parameters: dict[str, Any] = {
            "QueueUrl": f"http://sqs.{arn.region}.amazonaws.com/{arn.account_id}/{arn.resource}",
            "MessageBody": message.body.decode(),
        }
        if message.attributes:
            parameters["MessageAttributes"] = {
                attribute.name: {
                    "DataType": attribute.data_type,
                    "StringValue": attribute.value,
                }
                for attribute in message.attributes
            }
        if arn.resource.endswith(".fifo"):
            digest = base64.b32encode(self._new_request_id().encode()).decode().rstrip("=")
            parameters["MessageGroupId"] = message.message_group_id or "default"
            parameters["MessageDeduplicationId"] = digest
        self._services.call("sqs", "SendMessage", parameters, region=arn.region)

    def _to_topic(self, arn: Arn, message: Message) -> None:
        parameters: dict[str, Any] = {"TopicArn": str(arn), "Message": message.body.decode()}
        if message.subject is not None:
            parameters["Subject"] = message.subject
        for number, attribute in enumerate(message.attributes, 1):
            entry = f"MessageAttributes.entry.{number}"
            parameters[f"{entry}.Name"] = attribute.name
            parameters[f"{entry}.Value.DataType"] = attribute.data_type
            parameters[f"{entry}.Value.StringValue"] = attribute.value
        self._services.call("sns", "Publish", parameters, region=arn.region)

    def _to_event_bus(self, arn: Arn, message: Message) -> None:
        source, detail_type, resources = message.event
        entry = {
            "EventBusName": arn.resource.removeprefix("event-bus/"),
            "Source": source,
            "DetailType": detail_type,
            "Resources": list(resources),
            "Detail": message.body.decode(),
        }
        answer = self._services.call("events", "PutEvents", {"Entries": [entry]}, region=arn.region)
        for failed in answer.get("Entries", ()):
            if "ErrorCode" in failed:
                raise ServiceError(failed["ErrorCode"], failed.get("ErrorMessage", ""))


def _function_name(arn: Arn) -> str:
    return arn.resource.removeprefix("function:").partition(":")[0]
