"""Intrinsic functions: ``Ref``, ``Fn::Sub`` and the rest, resolved to plain values.

The branch of an ``Fn::If`` that is not taken is not looked at; ``AWS::NoValue`` takes its key or
list item away.
What resources are called is not known here: a ``References`` tells it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
Left out is ``Fn::ImportValue``, because there is no other stack; ``loops`` has ``Fn::ForEach``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from emulator.template import functions
from emulator.template.functions import FunctionProblem
from emulator.template.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.template.places import DocumentPath, Places

# In Fn::Sub: ${Name}, ${Resource.Attribute}, ${AWS::Region}; ${!Literal} stays as ${Literal}.
SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")
VARIABLE = re.compile(r"[\w.:]+", re.ASCII)


class _NoValue:
    """What ``AWS::NoValue`` resolves to, inside of a value."""


NO_VALUE = _NoValue()


class References(Protocol):
    """Knows what a name in a template stands for."""

    def ref(self, name: str, path: DocumentPath) -> Any:
        """Give the value of a parameter or the physical ID of a resource.

        Raises:
            TemplateError: there is no such name.
        """

    def attribute(self, logical_id: str, name: str, path: DocumentPath) -> Any:
        """Give an attribute of a resource.

        Raises:
            TemplateError: no such resource, or it has no such attribute.
        """


class Resolver:
    """Resolves the intrinsic functions of one template.

    Args:
        mappings: ``Mappings`` of the template.
        conditions: ``Conditions`` of the template.
    """

    def __init__(
        self,
        references: References,
        places: Places,
        *,
        region: str,
        mappings: Mapping[str, Any],
        conditions: Mapping[str, Any],
    ) -> None:
        self._references = references
        self._places = places
        self._region = region
        self._mappings = mappings
        self._conditions = conditions
        self._decided: dict[str, bool] = {}
        self._deciding: list[str] = []
        self._functions: dict[str, Callable[[Any, DocumentPath], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._get_azs,
            "Fn::And": self._and,
            "Fn::Or": self._or,
            "Fn::Not": self._not,
            "Fn::Equals": self._equals,
            "Fn::ImportValue": self._import_value,
            "Fn::Transform": self._transform,
        }

    def resolve(self, value: Any, path: DocumentPath) -> Any:
        """Resolve a value of the template; ``None`` if it is ``AWS::NoValue``.

        Args:
            value: any part of the template.
            path: where it stands, for errors.

        Raises:
            TemplateError: a function is used wrongly or names what is not there.
        """
        resolved = self._resolve(value, path)
        return None if resolved is NO_VALUE else resolved

    def condition(self, name: Any, path: DocumentPath) -> bool:
        """Decide a condition of the template.

        Raises:
            TemplateError: it is not there, or depends on itself.
        """
        if not isinstance(name, str) or name not in self._conditions:
            problem = f"Template format error: Unresolved condition dependency {name}"
            raise self._places.error(problem, path)
        if name in self._deciding:
            circle = " -> ".join([*self._deciding[self._deciding.index(name) :], name])
            raise self._places.error(f"circular condition: {circle}", path)
        if name not in self._decided:
            self._deciding.append(name)
            self._decided[name] = self._decide_top(name)
            self._deciding.pop()
        return self._decided[name]

    def _decide_top(self, name: str) -> bool:
        path = ("Conditions", name)
        try:
            return self._decide(self._conditions[name], path)
        except FunctionProblem as problem:
            raise self._places.error(f"Template error: {problem}", path) from problem

    def _resolve(self, value: Any, path: DocumentPath) -> Any:
        if isinstance(value, list):
            items = (self._resolve(item, (*path, str(at))) for at, item in enumerate(value))
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if name := function_of(value):
            return self._call(name, value, path)
        entries = ((key, self._resolve(item, (*path, key))) for key, item in value.items())
        return {key: item for key, item in entries if item is not NO_VALUE}

    def _call(self, name: str, value: dict[str, Any], path: DocumentPath) -> Any:
        at = (*path, name)
        if len(value) > 1:
            raise self._places.error(f"Template format error: other keys beside {name}", at)
        argument = value[name]
        try:
            if special := self._functions.get(name):
                return special(argument, at)
            plain = functions.PLAIN.get(name)
            if plain is None:
                raise self._places.error(f"the intrinsic function {name} is not supported", at)
            return plain(self._resolve(argument, at))
        except FunctionProblem as problem:
            raise self._places.error(f"Template error: {problem}", at) from problem

    def _ref(self, argument: Any, path: DocumentPath) -> Any:
        if not isinstance(argument, str):
            raise FunctionProblem("Ref needs a name, for example Ref: MyBucket")
        return NO_VALUE if argument == "AWS::NoValue" else self._references.ref(argument, path)

    def _get_att(self, argument: Any, path: DocumentPath) -> Any:
        if isinstance(argument, str):
            argument = argument.split(".", 1)
        if isinstance(argument, list):
            argument = [self._resolve(part, path) for part in argument]
        if not is_text_list(argument) or len(argument) < 2:  # noqa: PLR2004 -- resource, attribute
            raise FunctionProblem("Fn::GetAtt needs a resource and an attribute")
        return self._references.attribute(argument[0], ".".join(argument[1:]), path)

    def _sub(self, argument: Any, path: DocumentPath) -> str:
        variables: dict[str, Any] = {}
        template = argument
        if isinstance(argument, list) and len(argument) == 2:  # noqa: PLR2004 -- text and variables
            template, given = argument
            variables = self._resolve(given, (*path, "1"))
        if not isinstance(template, str) or not isinstance(variables, dict):
            raise FunctionProblem("Fn::Sub needs a text, or a list of a text and its variables")

        def substitute(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if not VARIABLE.fullmatch(name):
                raise FunctionProblem(
                    "variable names in Fn::Sub syntax must contain only alphanumeric "
                    "characters, underscores, periods, and colons"
                )
            value = variables[name] if name in variables else self._variable(name, path)
            return functions.text(value, f"Fn::Sub: ${{{name}}}")

        return SUBSTITUTION.sub(substitute, template)

    def _variable(self, name: str, path: DocumentPath) -> Any:
        logical_id, dot, attribute = name.partition(".")
        if dot:
            return self._references.attribute(logical_id, attribute, path)
        return self._references.ref(name, path)

    def _if(self, argument: Any, path: DocumentPath) -> Any:
        if not isinstance(argument, list) or len(argument) != 3:  # noqa: PLR2004 -- if, then, else
            raise FunctionProblem("Fn::If needs a condition and two values")
        chosen = 1 if self.condition(argument[0], path) else 2
        return self._resolve(argument[chosen], (*path, str(chosen)))

    def _find_in_map(self, argument: Any, path: DocumentPath) -> Any:
        argument = self._resolve(argument, path)
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise FunctionProblem("Fn::FindInMap needs a mapping and two keys")
        names = [to_text(part) for part in argument[:3]]
        found: Any = self._mappings
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        if found is not None:
            return found
        if len(argument) == 4 and isinstance(argument[3], dict):  # noqa: PLR2004 -- with a default
            return argument[3].get("DefaultValue")
        where = "::".join(str(name) for name in names)
        raise FunctionProblem(f"Unable to get mapping for {where}")

    def _get_azs(self, argument: Any, path: DocumentPath) -> list[str]:
        region = functions.text(self._resolve(argument, path), "Fn::GetAZs") or self._region
        return [f"{region}{zone}" for zone in "abc"]

    def _import_value(self, argument: Any, path: DocumentPath) -> Any:
        name = self._resolve(argument, path)
        raise self._places.error(
            f"Fn::ImportValue: there is no other stack that exports {name}",
            path,
            "give the value by a parameter",
        )

    def _transform(self, argument: Any, path: DocumentPath) -> Any:
        name = argument.get("Name") if isinstance(argument, dict) else argument
        raise self._places.error(f"the macro {name} cannot be run here", path)

    def _and(self, argument: Any, path: DocumentPath) -> bool:
        return all(self._decide_each(argument, path, "Fn::And"))

    def _or(self, argument: Any, path: DocumentPath) -> bool:
        return any(self._decide_each(argument, path, "Fn::Or"))

    def _not(self, argument: Any, path: DocumentPath) -> bool:
        if not isinstance(argument, list) or len(argument) != 1:
            raise FunctionProblem("Fn::Not needs a list of one condition")
        return not self._decide(argument[0], (*path, "0"))

    def _equals(self, argument: Any, path: DocumentPath) -> bool:
        resolved = self._resolve(argument, path)
        if not isinstance(resolved, list) or len(resolved) != 2:  # noqa: PLR2004 -- left, right
            raise FunctionProblem("Fn::Equals needs a list of two values")
        left, right = (value if to_text(value) is None else to_text(value) for value in resolved)
        return bool(left == right)

    def _decide_each(self, argument: Any, path: DocumentPath, name: str) -> list[bool]:
        if not isinstance(argument, list) or not 2 <= len(argument) <= 10:  # noqa: PLR2004 -- AWS's limits
            raise FunctionProblem(f"{name} needs a list of 2 to 10 conditions")
        return [self._decide(part, (*path, str(at))) for at, part in enumerate(argument)]

    def _decide(self, expression: Any, path: DocumentPath) -> bool:
        if isinstance(expression, dict) and list(expression) == ["Condition"]:
            return self.condition(expression["Condition"], path)
        decided = to_text(self._resolve(expression, path))
        if decided not in ("true", "false"):
            raise FunctionProblem("a condition must be true or false")
        return decided == "true"


def function_of(value: dict[str, Any]) -> str | None:
    """Tell the intrinsic function that a mapping calls; ``None`` if it is plain data."""
    if "Ref" in value and len(value) == 1:
        return "Ref"
    return next((key for key in value if key.startswith("Fn::")), None)


def is_text_list(value: Any) -> bool:
    """Tell whether a value is a list of texts only."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
