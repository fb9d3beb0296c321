"""What a target of a rule gets: the event, a part of it, or what a transformer makes of it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]")
_PLACEHOLDER = re.compile(r"<([\w.-]+)>")


def target_input(target: Mapping[str, Any], event: dict[str, Any]) -> bytes:
    """Make the payload for a target, ``Target`` of the EventBridge API."""
    if "Input" in target:
        return str(target["Input"]).encode()
    if "InputPath" in target:
        return _json(_follow(event, target["InputPath"])).encode()
    transformer = target.get("InputTransformer")
    return (_transform(transformer, event) if transformer else _json(event)).encode()


def _transform(transformer: Mapping[str, Any], event: dict[str, Any]) -> str:
    template = str(transformer["InputTemplate"])
    values = {
        name: _follow(event, path)
        for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    values["aws.events.event"] = event
    values["aws.events.event.json"] = _json(event)
    values["aws.events.rule-arn"] = None

    def fill(match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = values[match[1]]
        before, after = template[: match.start()], template[match.end() :]
        inside_text = before.count('"') % 2 == 1 and '"' in after
        if isinstance(value, str) and not inside_text:
            return _json(value)  # a text that the template has not quoted is quoted
        text = value if isinstance(value, str) else _json(value)
        return json.dumps(text)[1:-1] if inside_text else text

    return _PLACEHOLDER.sub(fill, template)


def _follow(event: Any, path: str) -> Any:
    """Follow a JSON path of plain steps; ``None`` where it leads nowhere."""
    value = event
    for name, index, quoted in _STEP.findall(path.removeprefix("$")):
        try:
            value = value[int(index)] if index else value[name or quoted]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
