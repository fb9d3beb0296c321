"""Creates in moto's services what the template says; moto is not loaded if that is nothing.

moto forgets everything at a reset and with the process, so that this is done at every start.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from emulator.errors import ServiceError, StartupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.moto_services import MotoServices
    from emulator.other_services import EventRule, OtherServices, Pairs, Secret

_log = logging.getLogger(__name__)
Call = tuple[str, str, dict[str, Any]]


def provision(wanted: OtherServices, services: MotoServices) -> None:
    """Create everything that is wanted.

    Raises:
        StartupError: a service refuses what the template says.
    """
    for service, operation, parameters in _calls(wanted, services):
        try:
            services.call(service, operation, parameters)
        except ServiceError as error:
            name = next(iter(parameters.values()), "")
            problem = f"{service} refuses {operation} of {name}: {error.code}: {error}"
            raise StartupError(problem) from error


def _calls(wanted: OtherServices, services: MotoServices) -> Iterator[Call]:
    # A queue may name another as its dead-letter queue: those without such a wish come first.
    for queue in sorted(wanted.queues, key=lambda queue: "RedrivePolicy" in dict(queue.attributes)):
        parameters = {"QueueName": queue.name, "Attributes": dict(queue.attributes)}
        yield "sqs", "CreateQueue", parameters
    for topic in wanted.topics:
        yield "sns", "CreateTopic", {"Name": topic.name, **_entries(topic.attributes)}
    for subscription in wanted.subscriptions:
        parameters = {
            "TopicArn": subscription.topic_arn,
            "Protocol": subscription.protocol,
            "Endpoint": subscription.endpoint,
        }
        yield "sns", "Subscribe", {**parameters, **_entries(subscription.attributes)}
    for parameter in wanted.parameters:
        yield (
            "ssm",
            "PutParameter",
            {
                "Name": parameter.name,
                "Type": parameter.type,
                "Value": parameter.value,
                "Description": parameter.description,
                "Overwrite": True,
            },
        )
    for secret in wanted.secrets:
        yield "secretsmanager", "CreateSecret", _secret(secret, services)
    for bus in wanted.event_buses:
        yield "events", "CreateEventBus", {"Name": bus}
    for rule in wanted.event_rules:
        yield from _rule(rule)


def _rule(rule: EventRule) -> Iterator[Call]:
    parameters = {
        "Name": rule.name,
        "EventBusName": rule.event_bus,
        "EventPattern": rule.pattern,
        "State": "ENABLED" if rule.enabled else "DISABLED",
        "Description": rule.description,
    }
    yield "events", "PutRule", parameters
    if rule.targets:
        targets = [json.loads(target) for target in rule.targets]
        named = {"Rule": rule.name, "EventBusName": rule.event_bus, "Targets": targets}
        yield "events", "PutTargets", named


def _secret(secret: Secret, services: MotoServices) -> dict[str, Any]:
    value = secret.value
    if value is None:
        options = json.loads(secret.generate)
        value = services.call("secretsmanager", "GetRandomPassword", options)["RandomPassword"]
        if secret.key is not None:
            document = json.loads(secret.template or "{}")
            value = json.dumps({**document, secret.key: value})
    parameters = {"Name": secret.name, "Description": secret.description}
    return {**parameters, "SecretString": value} if value else parameters


def _entries(attributes: Iterable[tuple[str, str]] | Pairs) -> dict[str, str]:
    """Write attributes as query protocols number them."""
    entries = {}
    for number, (name, value) in enumerate(attributes, 1):
        entries[f"Attributes.entry.{number}.key"] = name
        entries[f"Attributes.entry.{number}.value"] = value
    return entries
