"""Rules: assertions on the parameters, checked before anything is made.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
Left out are rules on AWS's own parameter types (``Fn::RefAll``, ``Fn::ValueOf``): they are noted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.template.text import to_text

if TYPE_CHECKING:
    from emulator.template.intrinsics import Resolver
    from emulator.template.places import DocumentPath, Places
    from emulator.template.resources.notes import Notes

_OF_AWS_TYPES = ("Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll")


def check_rules(rules: Any, resolver: Resolver, places: Places, notes: Notes) -> None:
    """Check the assertions of all rules that apply.

    Raises:
        TemplateError: one does not hold; in the words of its description.
    """
    declared = rules if rules is not None else {}
    if not isinstance(declared, dict):
        raise places.error("Rules must be a mapping", ("Rules",))
    for name, rule in declared.items():
        path = ("Rules", name)
        if not isinstance(rule, dict) or not isinstance(rule.get("Assertions"), list):
            raise places.error(f"rule {name} needs a list of Assertions", path)
        if found := _function_of_aws_types(rule):
            notes.add(name, "unsupported", f"{found}: the rule is not checked", places.find(path))
        elif "RuleCondition" not in rule or _holds(
            rule["RuleCondition"], (*path, "RuleCondition"), resolver
        ):
            _check_assertions(name, rule["Assertions"], resolver, places)


def _check_assertions(name: str, assertions: list[Any], resolver: Resolver, places: Places) -> None:
    for index, assertion in enumerate(assertions):
        path = ("Rules", name, "Assertions", str(index))
        if not isinstance(assertion, dict) or "Assert" not in assertion:
            raise places.error(f"rule {name}: an assertion needs an Assert", path)
        if not _holds(assertion["Assert"], (*path, "Assert"), resolver):
            described = to_text(assertion.get("AssertDescription")) or "its assertion does not hold"
            remedy = "give another value by --parameter"
            raise places.error(f"Rule {name} failed: {described}", path, remedy)


def _holds(expression: Any, path: DocumentPath, resolver: Resolver) -> bool:
    return to_text(resolver.resolve(expression, path)) == "true"


def _function_of_aws_types(value: Any) -> str | None:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    named = (name for name in _OF_AWS_TYPES if isinstance(value, dict) and name in value)
    return next(named, None) or next(filter(None, map(_function_of_aws_types, items)), None)
