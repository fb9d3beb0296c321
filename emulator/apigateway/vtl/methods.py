"""The methods of Java's String, List and Map that templates call.

https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/String.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from emulator.apigateway.vtl.values import RenderingError, spell

if TYPE_CHECKING:
    from collections.abc import Callable


def is_known(name: str) -> bool:
    """Tell whether some value has a method of this name."""
    return any(name in table for table in _TABLES.values()) or name in _ANY


def call(value: Any, name: str, arguments: list[Any]) -> Any:
    """Call a method of a value.

    Raises:
        RenderingError: the value has no such method, or the method fails.
    """
    table = next((table for kind, table in _TABLES.items() if isinstance(value, kind)), {})
    method = table.get(name) or _ANY.get(name)
    if method is None:
        raise RenderingError(f"{type(value).__name__} has no method {name}")
    try:
        return method(value, *arguments)
    except (TypeError, ValueError, LookupError, AttributeError, re.error) as error:
        raise RenderingError(f"{name}: {error}") from error


def _replacement(text: str) -> str:
    """Write Java's ``$1`` as Python's group reference."""
    return re.sub(r"\$(\d)", r"\\\1", text)


def _split(text: str, pattern: str) -> list[str]:
    parts = re.split(pattern, text)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return parts


def _substring(text: str, begin: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= begin <= stop <= len(text):
        raise IndexError(f"{begin}, {stop} of {len(text)}")
    return text[begin:stop]


def _get(items: list[Any], index: int) -> Any:
    if index < 0:
        raise IndexError(index)
    return items[index]


def _add(items: list[Any], item: Any) -> bool:
    items.append(item)
    return True


def _add_all(items: list[Any], more: list[Any]) -> bool:
    items.extend(more)
    return bool(more)


def _put(members: dict[str, Any], name: str, value: Any) -> Any:
    previous = members.get(name)
    members[name] = value
    return previous


def _put_all(members: dict[str, Any], more: dict[str, Any]) -> None:
    members.update(more)


def _entries(members: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": value} for name, value in members.items()]


_STRING: dict[str, Callable[..., Any]] = {
    "charAt": lambda text, index: _substring(text, index, index + 1),
    "concat": lambda text, more: text + more,
    "contains": lambda text, part: spell(part) in text,
    "endsWith": str.endswith,
    "equalsIgnoreCase": lambda text, other: text.lower() == spell(other).lower(),
    "indexOf": str.find,
    "isEmpty": lambda text: not text,
    "lastIndexOf": str.rfind,
    "length": len,
    "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
    "replace": str.replace,
    "replaceAll": lambda text, pattern, by: re.sub(pattern, _replacement(by), text),
    "replaceFirst": lambda text, pattern, by: re.sub(pattern, _replacement(by), text, count=1),
    "split": _split,
    "startsWith": str.startswith,
    "substring": _substring,
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "trim": str.strip,
}
_LIST: dict[str, Callable[..., Any]] = {
    "add": _add,
    "addAll": _add_all,
    "contains": lambda items, item: item in items,
    "get": _get,
    "indexOf": lambda items, item: items.index(item) if item in items else -1,
    "isEmpty": lambda items: not items,
    "remove": lambda items, index: items.pop(index),
    "size": len,
}
_MAP: dict[str, Callable[..., Any]] = {
    "containsKey": lambda members, name: name in members,
    "containsValue": lambda members, value: value in members.values(),
    "entrySet": _entries,
    "get": lambda members, name: members.get(name),
    "isEmpty": lambda members: not members,
    "keySet": list,
    "put": _put,
    "putAll": _put_all,
    "remove": lambda members, name: members.pop(name, None),
    "size": len,
    "values": lambda members: list(members.values()),
}
_ANY: dict[str, Callable[..., Any]] = {
    "equals": lambda value, other: type(value) is type(other) and value == other,
    "toString": spell,
}
_TABLES: dict[type, dict[str, Callable[..., Any]]] = {str: _STRING, list: _LIST, dict: _MAP}
