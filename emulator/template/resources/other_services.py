"""Queues, topics, parameters and secrets: what moto is to hold for an application.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.other_services import (
    OtherServices,
    Queue,
    Secret,
    SsmParameter,
    Subscription,
    Topic,
)
from emulator.template.resources.event_rules import read_event_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.other_services import Pairs
    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_QUEUE_ATTRIBUTES = (
    *("ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue"),
    *("FifoThroughputLimit", "MaximumMessageSize", "MessageRetentionPeriod"),
    *("ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "VisibilityTimeout"),
)
_TOPIC_ATTRIBUTES = ("ContentBasedDeduplication", "DisplayName", "FifoTopic", "SignatureVersion")
_SUBSCRIPTION_ATTRIBUTES = (
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
)
_DELIVERED = ("lambda", "sqs")


def read_other_services(
    resources: CreatedResources, functions: frozenset[str], notes: Notes
) -> OtherServices:
    """Read what a template has for moto's services.

    Args:
        resources: of the template.
        functions: the names of its functions.
        notes: gets what is not supported.

    Raises:
        TemplateError: a property cannot be read.
    """
    topics = tuple(resources.of_type("AWS::SNS::Topic"))
    buses, rules = read_event_rules(resources, functions, notes)
    return OtherServices(
        queues=tuple(
            Queue(name=queue.name, attributes=_attributes(queue.properties, _QUEUE_ATTRIBUTES))
            for queue in resources.of_type("AWS::SQS::Queue")
        ),
        topics=tuple(
            Topic(name=topic.name, attributes=_attributes(topic.properties, _TOPIC_ATTRIBUTES))
            for topic in topics
        ),
        subscriptions=tuple(_subscriptions(resources, topics, notes)),
        parameters=tuple(map(_parameter, resources.of_type("AWS::SSM::Parameter"))),
        secrets=tuple(map(_secret, resources.of_type("AWS::SecretsManager::Secret"))),
        event_buses=buses,
        event_rules=rules,
    )


def _attributes(properties: Properties, names: tuple[str, ...]) -> Pairs:
    """Write attributes as the APIs take them: texts, objects as JSON."""
    return tuple(
        (
            name,
            json.dumps(properties.raw(name))
            if isinstance(properties.raw(name), dict)
            else properties.text(name),
        )
        for name in names
        if name in properties
    )


def _subscriptions(
    resources: CreatedResources, topics: tuple[Resource, ...], notes: Notes
) -> Iterator[Subscription]:
    for topic in topics:
        for inner in topic.properties.mappings("Subscription"):
            yield from _subscription(topic.physical_id, inner, notes)
    for resource in resources.of_type("AWS::SNS::Subscription"):
        properties = resource.properties
        yield from _subscription(properties.required_text("TopicArn"), properties, notes)


def _subscription(topic_arn: str, properties: Properties, notes: Notes) -> Iterator[Subscription]:
    protocol = properties.required_text("Protocol")
    if protocol not in _DELIVERED:
        notes.unsupported(properties, "Protocol", f"nothing is sent by {protocol} here")
        return
    yield Subscription(
        topic_arn=topic_arn,
        protocol=protocol,
        endpoint=properties.required_text("Endpoint"),
        attributes=_attributes(properties, _SUBSCRIPTION_ATTRIBUTES),
    )


def _parameter(resource: Resource) -> SsmParameter:
    properties = resource.properties
    return SsmParameter(
        name=resource.name,
        type=properties.required_text("Type"),
        value=properties.required_text("Value"),
        description=properties.text("Description"),
    )


def _secret(resource: Resource) -> Secret:
    properties = resource.properties
    generated = properties.mapping("GenerateSecretString")
    template = generated.optional_text("SecretStringTemplate")
    if "SecretString" in properties and "GenerateSecretString" in properties:
        raise properties.error("You can't specify both SecretString and GenerateSecretString")
    password = {
        name: generated.raw(name)
        for name in generated
        if name not in {"SecretStringTemplate", "GenerateStringKey"}
    }
    return Secret(
        name=resource.name,
        description=properties.text("Description"),
        value=properties.optional_text("SecretString")
        or (None if "GenerateSecretString" in properties else ""),
        generate=json.dumps(password),
        template=template,
        key=generated.optional_text("GenerateStringKey"),
    )
