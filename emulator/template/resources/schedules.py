"""Schedules: EventBridge rules and EventBridge Scheduler, as far as they invoke functions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html
Left out are input transformers and time zones; rules by a pattern are read by ``event_rules``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from emulator.application import Schedule
from emulator.template.resources.function_names import arn_function_name, arn_qualifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.template.resources.created import CreatedResources, Resource
    from emulator.template.resources.notes import Notes
    from emulator.template.resources.properties import Properties

# Only the form of cron is checked here; the scheduler reads what is inside.
_EXPRESSION = re.compile(
    r"rate\((1 (minute|hour|day)|(?!1 )[1-9][0-9]* (minutes|hours|days))\)"
    r"|cron\([^() ]+( [^() ]+){5}\)"
)
_EXAMPLES = "for example rate(30 minutes) or cron(0 12 * * ? *)"
_RULE = "AWS::Events::Rule"
_SCHEDULE = "AWS::Scheduler::Schedule"


def read_schedules(
    resources: CreatedResources, functions: frozenset[str], notes: Notes
) -> tuple[Schedule, ...]:
    """Make the schedules of a template.

    Args:
        resources: of the template.
        functions: the names of its functions.
        notes: gets what is not supported.

    Raises:
        TemplateError: EventBridge would refuse an expression.
    """
    schedules: list[Schedule] = []
    for resource in resources.of_type(_RULE, _SCHEDULE):
        read = _of_rule if resource.type == _RULE else _of_scheduler
        schedules += read(resource, functions, notes)
    return tuple(schedules)


def _of_rule(resource: Resource, functions: frozenset[str], notes: Notes) -> Iterator[Schedule]:
    rule = resource.properties
    if "ScheduleExpression" not in rule:
        return  # it goes by a pattern
    if rule.text("EventBusName", "default") != "default":
        problem = "ScheduleExpression is supported only on the default event bus."
        raise rule.error(problem, "EventBusName")
    expression = rule.text("ScheduleExpression")
    if not _EXPRESSION.fullmatch(expression):
        problem = f"Parameter ScheduleExpression is not valid: {expression}"
        raise rule.error(problem, "ScheduleExpression", _EXAMPLES)
    for count, target in enumerate(rule.mappings("Targets")):
        name = _target(target, functions, notes)
        if name is None:
            continue
        yield Schedule(
            # A schedule here has one target; further ones of a rule go by the target's ID, too.
            name=resource.name if count == 0 else f"{resource.name}-{target.text('Id')}",
            function_name=name,
            qualifier=arn_qualifier(target.text("Arn")),
            expression=expression,
            input=_input(target, f"JSON syntax error in input for target {target.text('Id')}"),
            enabled=rule.text("State", "ENABLED") != "DISABLED",
        )


def _of_scheduler(
    resource: Resource, functions: frozenset[str], notes: Notes
) -> Iterator[Schedule]:
    schedule = resource.properties
    expression = schedule.required_text("ScheduleExpression")
    if not _EXPRESSION.fullmatch(expression) and not expression.startswith("at("):
        problem = f"Invalid Schedule Expression {expression}."
        raise schedule.error(problem, "ScheduleExpression", _EXAMPLES)
    if schedule.text("ScheduleExpressionTimezone", "UTC") != "UTC":
        reason = "schedules are in UTC here"
        notes.unsupported(schedule, "ScheduleExpressionTimezone", reason)
    target = schedule.mapping("Target")
    name = _target(target, functions, notes)
    if "Input" not in target:
        reason = "without Input the event is that of a rule, with source aws.events"
        notes.unsupported(target, "Input", reason)
    if name is not None:
        yield Schedule(
            name=resource.name,
            function_name=name,
            qualifier=arn_qualifier(target.text("Arn")),
            expression=expression,
            input=_input(target, "The Input of a Lambda target must be valid JSON"),
            enabled=schedule.text("State", "ENABLED") != "DISABLED",
        )


def _input(target: Properties, refusal: str) -> str | None:
    """Take the JSON that a function gets instead of the event."""
    text = target.optional_text("Input")
    try:
        json.loads(text or "null")
    except ValueError as error:
        raise target.error(f"{refusal}: {error}", "Input") from error
    return text


def _target(target: Properties, functions: frozenset[str], notes: Notes) -> str | None:
    """Find the function that a target invokes, if it is one that runs here."""
    arn = target.required_text("Arn")
    name = arn_function_name(arn)
    if name not in functions:
        notes.unsupported(target, "Arn", f"{arn} does not run here")
        return None
    for property_name in ("InputPath", "InputTransformer"):
        if property_name in target:
            reason = "the function gets the whole event"
            notes.unsupported(target, property_name, reason)
    return name
