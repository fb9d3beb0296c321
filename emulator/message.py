"""What services send to queues, topics, event buses and functions, and the port that sends it.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAttribute:
    """An attribute of a message to a queue or a topic."""

    name: str
    value: str
    data_type: Literal["String", "Number"] = "String"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent.

    Args:
        body: the event, UTF-8 JSON.
        source: who sends it, for logs and traces: ``s3``, ``events``, ``destination`` …
        attributes: message attributes, for queues and topics.
        subject: for topics.
        message_group_id: for FIFO queues.
        event: ``Source``, ``DetailType`` and ``Resources`` of the entry, for event buses.
    """

    body: bytes
    source: str
    attributes: tuple[MessageAttribute, ...] = ()
    subject: str | None = None
    message_group_id: str | None = None
    event: tuple[str, str, tuple[str, ...]] = ("emulator", "Message", ())


class Sender(Protocol):
    """Sends messages; implemented by ``events.Targets``, faked in tests."""

    def send(self, arn: str, message: Message) -> None:
        """Send a message; it is accepted when this returns.

        Raises:
            ServiceError: nothing of this ARN is there, or it does not take the message.
        """
