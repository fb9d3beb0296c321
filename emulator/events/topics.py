"""SNS: moto keeps topics and subscriptions, functions that subscribe are invoked here.

moto would run a function in Docker, post to any URL, and take ``RawMessageDelivery: false`` for
true; its ``Subscription.publish`` is wrapped.
``tests/contract/test_moto_symbols.py`` pins the private names.
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from emulator.errors import ServiceError
from emulator.message import Message

if TYPE_CHECKING:
    from emulator.clock import Clock
    from emulator.events.targets import Targets

_log = logging.getLogger(__name__)


class Topics:
    """The topics of the account."""

    def __init__(self, targets: Targets, clock: Clock) -> None:
        self._targets = targets
        self._clock = clock

    def connect(self) -> None:
        """Take the place of moto's delivery; called when moto's SNS was loaded."""
        from moto.sns.models import Subscription  # noqa: PLC0415 -- it was just loaded

        to_queue = getattr(Subscription, "emulator_publish", Subscription.publish)

        def publish(subscription: Any, message: str, message_id: str, *more: Any, **options: Any):  # type: ignore[no-untyped-def] # noqa: ANN202 -- a method of moto's
            if subscription.protocol == "sqs":
                if str(subscription.attributes.get("RawMessageDelivery")).lower() != "true":
                    subscription.attributes.pop("RawMessageDelivery", None)
                to_queue(subscription, message, message_id, *more, **options)
            elif subscription.protocol == "lambda":
                self._invoke(subscription, message, message_id, *more, **options)
            else:
                _log.warning(
                    "SNS: nothing is sent by %s to %s here",
                    subscription.protocol,
                    subscription.endpoint,
                )

        Subscription.emulator_publish = to_queue
        Subscription.publish = publish

    def _invoke(
        self,
        subscription: Any,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        matcher = subscription._filter_policy_matcher  # noqa: SLF001 -- pinned by a test
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if options.get("message_structure") == "json":
            by_protocol = json.loads(message)
            message = by_protocol.get("lambda", by_protocol.get("default", ""))
        event = self._to_event(subscription, message, message_id, subject, message_attributes)
        try:
            self._targets.send(subscription.endpoint, Message(body=event, source="sns"))
        except ServiceError as error:
            _log.warning("SNS cannot deliver to %s: %s", subscription.endpoint, error)

    def _to_event(
        self,
        subscription: Any,
        message: str,
        message_id: str,
        subject: str | None,
        message_attributes: dict[str, Any] | None,
    ) -> bytes:
        now = self._clock.now()
        notification = {
            "SignatureVersion": "1",
            "Timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            "Signature": "EXAMPLE",
            "SigningCertUrl": "EXAMPLE",
            "MessageId": message_id,
            "Message": message,
            "MessageAttributes": message_attributes or {},
            "Type": "Notification",
            "UnsubscribeUrl": "EXAMPLE",
            "TopicArn": subscription.topic.arn,
            "Subject": subject,
        }
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription.arn,
            "EventSource": "aws:sns",
            "Sns": notification,
        }
        return json.dumps({"Records": [record]}, ensure_ascii=False).encode()
