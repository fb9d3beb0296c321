"""Rules of EventBridge that go by a pattern, and event buses of the application's own.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
Rules by a schedule are read by ``schedules``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emulator.arns import parse_arn
from emulator.errors import ServiceError
from emulator.other_services import EventRule
from emulator.template.resources.function_names import arn_function_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

_SERVICES = ("events", "lambda", "sns", "sqs")
_TARGET_MEMBERS = ("Arn", "Id", "Input", "InputPath", "InputTransformer", "SqsParameters")
_IGNORED_MEMBERS = ("DeadLetterConfig", "RetryPolicy", "RoleArn")


def read_event_rules(
    resources: CreatedResources, functions: frozenset[str], notes: Notes
) -> tuple[tuple[str, ...], tuple[EventRule, ...]]:
    """Read the names of the event buses, and the rules.

    Raises:
        TemplateError: EventBridge would refuse a rule.
    """
    buses = tuple(bus.name for bus in resources.of_type("AWS::Events::EventBus"))
    rules = tuple(
        _rule(resource, functions, notes)
        for resource in resources.of_type("AWS::Events::Rule")
        if "EventPattern" in resource.properties
    )
    return buses, rules


def _rule(resource: Resource, functions: frozenset[str], notes: Notes) -> EventRule:
    rule = resource.properties
    pattern = rule.raw("EventPattern")
    return EventRule(
        name=resource.name,
        event_bus=rule.text("EventBusName", "default").rpartition("event-bus/")[2],
        pattern=pattern if isinstance(pattern, str) else json.dumps(pattern),
        targets=tuple(_targets(rule, functions, notes)),
        enabled=rule.text("State", "ENABLED") != "DISABLED",
        description=rule.text("Description"),
    )


def _targets(rule: Properties, functions: frozenset[str], notes: Notes) -> Iterator[str]:
    for target in rule.mappings("Targets"):
        arn = target.required_text("Arn")
        if not _is_here(arn, functions):
            notes.unsupported(target, "Arn", f"{arn} does not run here")
            continue
        for name in target:
            if name in _IGNORED_MEMBERS:
                notes.ignored(target, name, "what cannot be delivered is dropped with a log line")
            elif name not in _TARGET_MEMBERS:
                notes.unsupported(target, name, "targets have no such setting here")
        members: dict[str, Any] = {
            name: target.raw(name) for name in _TARGET_MEMBERS if name in target
        }
        yield json.dumps(members)


def _is_here(arn: str, functions: frozenset[str]) -> bool:
    try:
        service = parse_arn(arn).service
    except ServiceError:
        return False
    return service in _SERVICES and (service != "lambda" or arn_function_name(arn) in functions)
