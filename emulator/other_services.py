"""What a template creates in the services that moto supplies: queues, topics, rules, parameters.

Part of an ``Application``; names and meanings are those of CloudFormation.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from dataclasses import dataclass

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """An SQS queue.

    Args:
        attributes: as ``CreateQueue`` takes them.
    """

    name: str
    attributes: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """An SNS topic.

    Args:
        attributes: as ``CreateTopic`` takes them.
    """

    name: str
    attributes: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who hears of what is published to a topic.

    Args:
        protocol: ``sqs`` or ``lambda``.
        endpoint: ARN of the queue or function.
        attributes: as ``Subscribe`` takes them: ``FilterPolicy``, ``RawMessageDelivery`` …
    """

    topic_arn: str
    protocol: str
    endpoint: str
    attributes: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SsmParameter:
    """A parameter of Parameter Store."""

    name: str
    type: str
    value: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret of Secrets Manager.

    Args:
        value: ``SecretString``; ``None`` if it is generated.
        generate: ``GenerateSecretString`` without template and key, as JSON of
            ``GetRandomPassword``.
        template: ``SecretStringTemplate``, JSON, into which the password goes.
        key: ``GenerateStringKey``, under which it goes there.
    """

    name: str
    description: str = ""
    value: str | None = None
    generate: str = "{}"
    template: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """A rule of EventBridge that goes by a pattern.

    Args:
        pattern: JSON.
        targets: each as JSON of the API's ``Target``.
    """

    name: str
    event_bus: str
    pattern: str
    targets: tuple[str, ...]
    enabled: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherServices:
    """Everything of a template that moto holds."""

    queues: tuple[Queue, ...] = ()
    topics: tuple[Topic, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    parameters: tuple[SsmParameter, ...] = ()
    secrets: tuple[Secret, ...] = ()
    event_buses: tuple[str, ...] = ()
    event_rules: tuple[EventRule, ...] = ()
