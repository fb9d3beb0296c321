"""Conditions of policies: operators, and what makes a policy not public.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
Keys that have no value here (VPCs, organisations …) are absent, as they are outside of those.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from emulator.s3.errors import not_implemented, s3_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]

_PREFIXES = ("aws:", "s3:")
_QUANTIFIER = re.compile(r"For(?:Any|All)Values?:")
# What ties a statement to a fixed somebody, so that it is not public.
_RESTRICTING = frozenset(
    {
        *("aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:userid"),
        *("aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourceowner"),
        *("s3:dataaccesspointaccount", "s3:dataaccesspointarn", "aws:principalaccount"),
    }
)
_WIDE = frozenset({"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"})


def _like(wanted: str, value: str) -> bool:
    pattern = re.escape(wanted).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(pattern, value, re.DOTALL) is not None


def _in_network(wanted: str, value: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringEqualsIgnoreCase": lambda wanted, value: wanted.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "IpAddress": _in_network,
    "NumericEquals": lambda wanted, value: _number(value) == _number(wanted),
    "NumericLessThan": lambda wanted, value: _number(value) < _number(wanted),
    "NumericLessThanEquals": lambda wanted, value: _number(value) <= _number(wanted),
    "NumericGreaterThan": lambda wanted, value: _number(value) > _number(wanted),
    "NumericGreaterThanEquals": lambda wanted, value: _number(value) >= _number(wanted),
    # Times in ISO 8601, all in UTC, sort as texts.
    "DateEquals": lambda wanted, value: value == wanted,
    "DateLessThan": lambda wanted, value: value < wanted,
    "DateLessThanEquals": lambda wanted, value: value <= wanted,
    "DateGreaterThan": lambda wanted, value: value > wanted,
    "DateGreaterThanEquals": lambda wanted, value: value >= wanted,
}
_NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def check_conditions(conditions: Any) -> Conditions:
    """Read the conditions of a statement.

    Raises:
        ServiceError: ``MalformedPolicy``, or by name what is not evaluated.
    """
    if not isinstance(conditions, dict):
        raise s3_error("MalformedPolicy", "Policy has an invalid condition")
    found = []
    for operator, keys in conditions.items():
        plain = _QUANTIFIER.sub("", operator).removesuffix("IfExists")
        if plain != "Null" and plain not in _OPERATORS and plain not in _NEGATIVE:
            raise not_implemented(f"the condition operator {operator}")
        if not isinstance(keys, dict):
            raise s3_error("MalformedPolicy", "Policy has an invalid condition")
        for key, values in keys.items():
            if not key.lower().startswith(_PREFIXES):
                raise s3_error("MalformedPolicy", "Policy has an invalid condition key")
            texts = values if isinstance(values, list) else [values]
            found.append((operator, key.lower(), tuple(map(_text, texts))))
    return tuple(found)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def conditions_hold(conditions: Conditions, context: Mapping[str, str]) -> bool:
    """Tell whether all conditions hold."""
    return all(_holds(*condition, context.get(condition[1])) for condition in conditions)


def _holds(operator: str, _: str, wanted: tuple[str, ...], value: str | None) -> bool:
    plain = _QUANTIFIER.sub("", operator)
    if plain == "Null":
        return wanted[0].lower() == str(value is None).lower()
    optional = plain.endswith("IfExists")
    plain = plain.removesuffix("IfExists")
    if plain in _NEGATIVE:
        # A negated operator holds for a key that is not there.
        matches = _OPERATORS[_NEGATIVE[plain]]
        return value is None or not any(matches(text, value) for text in wanted)
    if value is None:
        return optional or operator.startswith("ForAll")
    return any(_OPERATORS[plain](text, value) for text in wanted)


def restricts(conditions: Conditions) -> bool:
    """Tell whether conditions tie a statement to a fixed somebody."""
    return any(
        key in _RESTRICTING
        and _QUANTIFIER.sub("", operator) in _OPERATORS
        and not any("*" in text or text in _WIDE for text in wanted)
        for operator, key, wanted in conditions
    )
