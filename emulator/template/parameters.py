"""Template parameters: defaults, the user's values, and CloudFormation's checks of both.

Values are text, or lists of text for the list types; numbers and booleans of the template become
the text that CloudFormation makes of them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.application import SupportNote
from emulator.template.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.application import Pairs
    from emulator.template.places import Places

ParameterValue = str | list[str]

_SSM = "AWS::SSM::Parameter::"
_TYPE = re.compile(
    r"String|Number|CommaDelimitedList|List<(Number|String|AWS::[\w:]+)>|AWS::[\w:]+(<.+>)?"
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_KEYS = frozenset(
    (
        *("AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description"),
        *("MaxLength", "MaxValue", "MinLength", "MinValue", "NoEcho", "Type"),
    )
)


def read_parameters(
    section: Any, given: Pairs, places: Places
) -> tuple[dict[str, ParameterValue], tuple[SupportNote, ...]]:
    """Give each parameter its value.

    Args:
        section: ``Parameters`` of the template.
        given: the user's values; they win over the defaults.
        places: where the parameters are declared.

    Raises:
        TemplateError: a value is missing, not allowed or given for a parameter that is not there.
    """
    declared = section if section is not None else {}
    if not isinstance(declared, dict):
        raise places.error("Parameters must be a mapping", ("Parameters",))
    overrides = dict(given)
    for name in overrides:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise places.error(
                f"Parameters: [{name}] do not exist in the template",
                ("Parameters",),
                f"it has {known}",
            )
    values = {name: _value(name, declared, overrides.get(name), places) for name in declared}
    return values, tuple(_notes(declared, places))


def _value(
    name: str, declared: dict[str, Any], override: str | None, places: Places
) -> ParameterValue:
    path = ("Parameters", name)
    declaration = declared[name]
    if not isinstance(declaration, dict) or not isinstance(declaration.get("Type"), str):
        raise places.error("Template format error: every parameter needs a Type", path)
    if not _TYPE.fullmatch(declaration["Type"]):
        unknown = f"Template format error: Unrecognized parameter type: {declaration['Type']}"
        raise places.error(unknown, (*path, "Type"), "for example String or Number")
    for key in declaration:
        if key not in _KEYS:
            raise places.error(f"Invalid template parameter property '{key}'", (*path, key))
    if override is None and "Default" not in declaration:
        raise places.error(
            f"Parameters: [{name}] must have values", path, f"give --parameter {name}=VALUE"
        )
    text = to_text(declaration["Default"]) if override is None else override
    if text is None:
        raise places.error("the Default of a parameter must be a string", (*path, "Default"))
    problem = _problem(name, declaration, text, places)
    if problem:
        raise places.error(problem, path, _remedy(declaration))
    return _items(text) if _is_list(declaration["Type"]) else text


def _problem(name: str, declaration: dict[str, Any], text: str, places: Places) -> str | None:
    """Check a value as CloudFormation does; lists are checked item by item."""
    items = _items(text) if _is_list(declaration["Type"]) else [text]
    is_number = declaration["Type"] in ("Number", "List<Number>")
    for item in items:
        if is_number and not _NUMBER.fullmatch(item):
            return f"Parameter '{name}' must be a number."
        for key, check in _CHECKS.items():
            if key in declaration and not _holds(
                check, item, declaration[key], (name, key), places
            ):
                described = declaration.get("ConstraintDescription")
                message = _MESSAGES[key].format(to_text(declaration[key]))
                failed = f"failed to satisfy constraint: {described}"
                return f"Parameter '{name}' {failed if described else message}"
    return None


def _holds(
    check: Callable[[str, Any], bool], text: str, limit: Any, at: tuple[str, str], places: Places
) -> bool:
    try:
        return check(text, limit)
    except (ValueError, TypeError, re.error, OverflowError) as error:
        raise places.error(f"{at[1]}: {error}", ("Parameters", *at)) from error


_CHECKS: dict[str, Callable[[str, Any], bool]] = {
    "AllowedValues": lambda text, limit: text in [to_text(value) for value in limit],
    "AllowedPattern": lambda text, limit: re.fullmatch(str(limit), text) is not None,
    "MinLength": lambda text, limit: len(text) >= int(limit),
    "MaxLength": lambda text, limit: len(text) <= int(limit),
    "MinValue": lambda text, limit: float(text) >= float(limit),
    "MaxValue": lambda text, limit: float(text) <= float(limit),
}
_MESSAGES = {
    "AllowedValues": "must be one of AllowedValues",
    "AllowedPattern": "must match pattern {}",
    "MinLength": "must contain at least {} characters",
    "MaxLength": "must contain at most {} characters",
    "MinValue": "must be a number not less than {}",
    "MaxValue": "must be a number not greater than {}",
}


def _remedy(declaration: dict[str, Any]) -> str | None:
    allowed = declaration.get("AllowedValues")
    if isinstance(allowed, list):
        return f"allowed: {', '.join(to_text(value) or '?' for value in allowed)}"
    return None


def _is_list(parameter_type: str) -> bool:
    return "List<" in parameter_type or "CommaDelimitedList" in parameter_type


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")] if text else []


def _notes(declared: dict[str, Any], places: Places) -> list[SupportNote]:
    notes = []
    for name, declaration in declared.items():
        if declaration["Type"].startswith(_SSM):
            place = places.find(("Parameters", name))
            reason = "there is no Parameter Store here: its key is taken as the value"
            notes.append(
                SupportNote(
                    place=name, level="unsupported", reason=reason, file=place.file, line=place.line
                )
            )
    return notes
