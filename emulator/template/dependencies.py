"""Which resource needs which: CloudFormation's checks before it creates anything.

Names that stand nowhere are refused even where a condition leaves them out; circles are refused.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-dependency-error
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.template.intrinsics import SUBSTITUTION, VARIABLE, function_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emulator.template.places import DocumentPath, Places

_NO_VALUE = "AWS::NoValue"


def check_references(template: Mapping[str, Any], known: frozenset[str], places: Places) -> None:
    """Refuse names that are neither parameters nor resources.

    Raises:
        TemplateError: in the words of CloudFormation.
    """
    for section in ("Resources", "Outputs"):
        for key, entry in (template.get(section) or {}).items():
            entry_path = (section, key)
            found = (*_depends_on(entry, entry_path), *references(entry, entry_path))
            for name, path in found:
                if name not in known and name != _NO_VALUE:
                    raise places.error(
                        f"Template format error: Unresolved resource dependencies [{name}] in "
                        f"the {section} block of the template",
                        path,
                    )


def check_circles(
    resources: Mapping[str, Any], condition: Callable[[str, DocumentPath], bool], places: Places
) -> None:
    """Refuse resources that need each other.

    Args:
        resources: those that are created.
        condition: decides the conditions of ``Fn::If``.
        places: where they were written.

    Raises:
        TemplateError: in the words of CloudFormation.
    """
    needs = {
        logical_id: _needs(logical_id, resource, resources, condition)
        for logical_id, resource in resources.items()
    }
    # What needs nothing is taken away until only circles, and what needs them, are left.
    while free := [logical_id for logical_id, needed in needs.items() if not needed & needs.keys()]:
        for logical_id in free:
            del needs[logical_id]
    if needs:
        circle = _circle(needs)
        raise places.error(
            f"Circular dependency between resources: [{', '.join(circle)}]",
            ("Resources", circle[0]),
            "name one of them by a parameter instead of Ref",
        )


def _needs(
    logical_id: str,
    resource: Mapping[str, Any],
    resources: Mapping[str, Any],
    condition: Callable[[str, DocumentPath], bool],
) -> set[str]:
    path = ("Resources", logical_id, "Properties")
    named = {name for name, _ in references(resource.get("Properties"), path, condition)}
    named |= {name for name, _ in _depends_on(resource, path[:2])}
    return named & resources.keys()


def _depends_on(entry: Any, path: DocumentPath) -> Iterator[tuple[str, DocumentPath]]:
    named = entry.get("DependsOn", []) if isinstance(entry, dict) else []
    for name in named if isinstance(named, list) else [named]:
        if isinstance(name, str):
            yield name, (*path, "DependsOn")


def _circle(needs: Mapping[str, set[str]]) -> list[str]:
    """Follow needs until one comes again."""
    trail = [next(iter(needs))]
    while True:
        following = next(name for name in sorted(needs[trail[-1]]) if name in needs)
        if following in trail:
            return trail[trail.index(following) :]
        trail.append(following)


def references(
    value: Any,
    path: DocumentPath,
    condition: Callable[[str, DocumentPath], bool] | None = None,
) -> Iterator[tuple[str, DocumentPath]]:
    """List the names that a part of a template refers to, with their paths.

    ``condition`` chooses the branch of each ``Fn::If``; without it both count.
    """
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, (*path, str(index)), condition)
    elif isinstance(value, dict):
        name = function_of(value)
        if condition and name == "Fn::If" and _is_if(value[name]):
            chosen = 1 if condition(value[name][0], path) else 2
            yield from references(value[name][chosen], (*path, name, str(chosen)), condition)
            return
        yield from ((found, path) for found in _named(name, value))
        for key, item in value.items():
            yield from references(item, (*path, key), condition)


def _named(function: str | None, value: Mapping[str, Any]) -> Iterator[str]:
    argument = value[function] if function else None
    if function == "Ref" and isinstance(argument, str):
        yield argument
    elif function == "Fn::GetAtt":
        parts = argument.split(".") if isinstance(argument, str) else argument
        if isinstance(parts, list) and parts and isinstance(parts[0], str):
            yield parts[0]
    elif function == "Fn::Sub":
        yield from _substituted(argument)


def _substituted(argument: Any) -> Iterator[str]:
    text: Any = argument
    own: Any = ()
    if isinstance(argument, list) and len(argument) == 2:  # noqa: PLR2004 -- text and variables
        text, own = argument
    if isinstance(text, str):
        for found in SUBSTITUTION.finditer(text):
            name = found[1]
            if VARIABLE.fullmatch(name) and name not in (own or ()):
                yield name.partition(".")[0]


def _is_if(argument: Any) -> bool:
    return isinstance(argument, list) and len(argument) == 3  # noqa: PLR2004 -- if, then, else
