"""Intrinsic functions that need nothing but their argument, from ``Fn::Join`` to ``Fn::Cidr``.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from emulator.template.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST_BLOCKS = 256


class FunctionProblem(Exception):  # noqa: N818 -- becomes a TemplateError once its place is known
    """An intrinsic function got what it cannot take."""


def text(value: Any, what: str) -> str:
    """Take a scalar as text.

    Raises:
        FunctionProblem: it is a list or a mapping.
    """
    taken = to_text(value)
    if taken is None:
        raise FunctionProblem(f"{what} must be a string")
    return taken


def _pair(argument: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(argument, list) or len(argument) != 2:  # noqa: PLR2004 -- a pair
        raise FunctionProblem(f"{name} needs a list of two")
    return argument[0], argument[1]


def _join(argument: Any) -> str:
    delimiter, parts = _pair(argument, "Fn::Join")
    if not isinstance(parts, list):
        raise FunctionProblem("every Fn::Join object requires two parameters, (1) a string "
                              "delimiter and (2) a list of strings to be joined")  # fmt: skip
    return text(delimiter, "Fn::Join: delimiter").join(text(part, "Fn::Join") for part in parts)


def _split(argument: Any) -> list[str]:
    delimiter, source = _pair(argument, "Fn::Split")
    if not text(delimiter, "Fn::Split: delimiter"):
        raise FunctionProblem("Fn::Split needs a delimiter")
    return text(source, "Fn::Split").split(text(delimiter, "Fn::Split"))


def _select(argument: Any) -> Any:
    index, values = _pair(argument, "Fn::Select")
    number = text(index, "Fn::Select: index")
    if not number.isascii() or not number.isdecimal() or not isinstance(values, list):
        raise FunctionProblem("Fn::Select requires an index and a list")
    if len(number) > len(str(len(values))) or int(number) >= len(values):
        raise FunctionProblem(f"Fn::Select cannot select nonexistent value at index {number}")
    return values[int(number)]


def _base64(argument: Any) -> str:
    return base64.b64encode(text(argument, "Fn::Base64").encode()).decode()


def _length(argument: Any) -> int:
    if not isinstance(argument, list):
        raise FunctionProblem("Fn::Length needs a list")
    return len(argument)


def _to_json_string(argument: Any) -> str:
    if not isinstance(argument, list | dict):
        raise FunctionProblem("Fn::ToJsonString needs a mapping or a list")
    return json.dumps(argument, separators=(",", ":"))


def _cidr(argument: Any) -> list[str]:
    import ipaddress  # noqa: PLC0415 -- hardly any template needs it

    if not isinstance(argument, list) or len(argument) not in (2, 3):
        raise FunctionProblem("Fn::Cidr needs an IP block and a count")
    block, count, *bits = (text(part, "Fn::Cidr") for part in argument)
    try:
        network = ipaddress.ip_network(block)
        prefix = network.max_prefixlen - int(*bits or "8")
        wanted = int(count)
        if not 1 <= wanted <= _MOST_BLOCKS:
            raise FunctionProblem("Fn::Cidr: the count must be between 1 and 256")
        subnets = network.subnets(new_prefix=prefix)
        blocks = [str(subnet) for _, subnet in zip(range(wanted), subnets, strict=False)]
    except ValueError as error:
        raise FunctionProblem(f"Fn::Cidr: {error}") from error
    if len(blocks) < wanted:
        raise FunctionProblem(f"Fn::Cidr: {block} has no {wanted} blocks of /{prefix}")
    return blocks


def _contains(argument: Any) -> bool:
    values, value = _pair(argument, "Fn::Contains")
    return to_text(value) in _texts(values, "Fn::Contains")


def _each_member_equals(argument: Any) -> bool:
    values, value = _pair(argument, "Fn::EachMemberEquals")
    return all(each == to_text(value) for each in _texts(values, "Fn::EachMemberEquals"))


def _each_member_in(argument: Any) -> bool:
    values, allowed = _pair(argument, "Fn::EachMemberIn")
    return set(_texts(values, "Fn::EachMemberIn")) <= set(_texts(allowed, "Fn::EachMemberIn"))


def _texts(values: Any, name: str) -> list[str]:
    if not isinstance(values, list):
        raise FunctionProblem(f"{name} needs a list of strings")
    return [text(value, name) for value in values]


PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    # These three are for Rules only.
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_member_equals,
    "Fn::EachMemberIn": _each_member_in,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ToJsonString": _to_json_string,
}
