"""``Fn::ForEach``: what it makes takes its place before anything else is looked at.

In the text and keys of its body, ``${Identifier}`` is replaced by each item of the collection,
``&{Identifier}`` by its letters and digits, and ``Ref: Identifier`` by the item itself.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulator.template.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emulator.template.places import DocumentPath, Places

PREFIX = "Fn::ForEach::"
_SHAPE = "Fn::ForEach needs a list of an identifier, a collection, and one key with its value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loops:
    """Expands the loops of one template.

    Args:
        resolve: resolves what depends on parameters, mappings and conditions only.
        places: learns where the parts stand that loops make.
    """

    resolve: Callable[[Any, DocumentPath], Any]
    places: Places

    def expand(self, value: Any, path: DocumentPath, items: Mapping[str, str]) -> Any:
        """Give a part of the template without loops; ``items`` are those of the loops around it.

        Raises:
            TemplateError: a loop is malformed, or makes a key that is there already.
        """
        if isinstance(value, str):
            return _substitute(value, items)
        if isinstance(value, list):
            return [self.expand(item, (*path, str(at)), items) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and isinstance(value.get("Ref"), str) and value["Ref"] in items:
            return items[value["Ref"]]
        made = self._mapping(value, path, items)
        substituted = made.get("Fn::Sub") if len(made) == 1 else None
        if items and isinstance(substituted, str) and "${" not in substituted:
            return substituted  # SAM wants plain text where nothing is left to substitute
        return made

    def _mapping(
        self, value: dict[str, Any], path: DocumentPath, items: Mapping[str, str]
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, item in value.items():
            at = (*path, str(key))
            if not str(key).startswith(PREFIX):
                made[_substitute(key, items)] = self.expand(item, at, items)
                continue
            for new, body in self._loop(item, at, items).items():
                if new in made or new in value:
                    raise self.places.error(f"{key} makes {new}, which is there already", at)
                self.places.put((*path, new), self.places.find(at))
                made[new] = body
        return made

    def _loop(self, loop: Any, path: DocumentPath, items: Mapping[str, str]) -> dict[str, Any]:
        if not isinstance(loop, list) or len(loop) != 3:  # noqa: PLR2004 -- see _SHAPE
            raise self.places.error(_SHAPE, path)
        identifier, collection, body = loop
        if not isinstance(identifier, str) or not isinstance(body, dict):
            raise self.places.error(_SHAPE, path)
        made: dict[str, Any] = {}
        for item in self._collection(collection, (*path, "1"), items):
            part = self._mapping(body, (*path, "2"), {**items, identifier: item})
            if repeated := sorted(made.keys() & part.keys()):
                remedy = f"its key must contain ${{{identifier}}}"
                raise self.places.error(f"{path[-1]} makes {repeated[0]} twice", path, remedy)
            made.update(part)
        return made

    def _collection(
        self, collection: Any, path: DocumentPath, items: Mapping[str, str]
    ) -> list[str]:
        resolved = self.resolve(self.expand(collection, path, items), path)
        texts = [to_text(item) for item in resolved] if isinstance(resolved, list) else [None]
        known = [text for text in texts if text is not None]
        if len(known) < len(texts):
            raise self.places.error("the collection of Fn::ForEach must be a list of texts", path)
        return known


def _substitute(text: Any, items: Mapping[str, str]) -> Any:
    if not isinstance(text, str):
        return text
    for identifier, item in items.items():
        text = text.replace(f"${{{identifier}}}", item)
        plain = "".join(character for character in item if character.isalnum())
        text = text.replace(f"&{{{identifier}}}", plain)
    return text
