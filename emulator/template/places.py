"""Where each part of a template was written, so that every complaint names a file and a line.

A part is found by its path, the keys and indices from the root of the document.
Parts that SAM made are looked up as what they were made from: a function's ``Code`` as its
``CodeUri``, the role of a function as the function.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterable

DocumentPath = tuple[str, ...]

# What a property of a CloudFormation resource is called on the SAM resource that it comes from.
_SAM_PROPERTIES = {
    "Body": "DefinitionBody",
    "BodyS3Location": "DefinitionUri",
    "Code": "CodeUri",
    "Content": "ContentUri",
    "DeadLetterConfig": "DeadLetterQueue",
    "TracingConfig": "Tracing",
}
_PROPERTY = 3  # Resources, logical ID, Properties, then the property


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file."""

    file: Path
    line: int


class Places:
    """The places of all parts of a document.

    Args:
        root: where the document begins.
    """

    def __init__(self, root: Place, places: Iterable[tuple[DocumentPath, Place]] = ()) -> None:
        self._root = root
        self._places = dict(places)

    @property
    def file(self) -> Path:
        """Tell the file of the document itself."""
        return self._root.file

    def put(self, path: DocumentPath, place: Place) -> None:
        """Note where a part stands."""
        self._places[path] = place

    def mount(self, path: DocumentPath, included: Places) -> None:
        """Take over the places of a document that was included at ``path``."""
        self._places[path] = included._root
        for inner, place in included._places.items():
            self._places[path + inner] = place

    def find(self, path: DocumentPath) -> Place:
        """Find where a part stands, or the smallest part around it that stands anywhere."""
        path = self._as_written(path)
        for length in range(len(path), 0, -1):
            if found := self._places.get(path[:length]):
                return found
        return self._root

    def error(self, problem: str, path: DocumentPath, remedy: str | None = None) -> TemplateError:
        """Make the error that names a part of the document."""
        place = self.find(path)
        in_resource = len(path) > 1 and path[0] in ("Resources", "Outputs", "Parameters")
        return TemplateError(
            problem,
            file=place.file,
            line=place.line,
            logical_id=self._as_written(path)[1] if in_resource else None,
            remedy=remedy,
        )

    def to_rows(self) -> list[list[Any]]:
        """Spell everything as JSON can."""
        rows = [[[], str(self._root.file), self._root.line]]
        rows += [[path, str(place.file), place.line] for path, place in self._places.items()]
        return rows

    @classmethod
    def from_rows(cls, rows: list[list[Any]]) -> Places:
        """Read what ``to_rows`` spelt."""
        files = {file: Path(file) for file in {row[1] for row in rows}}
        places = ((tuple(path), Place(file=files[file], line=line)) for path, file, line in rows)
        _, root = next(places)
        return cls(root, places)

    def _as_written(self, path: DocumentPath) -> DocumentPath:
        if len(path) < 2 or path[0] != "Resources":  # noqa: PLR2004 -- Resources, logical ID
            return path
        logical_id, rest = path[1], path[2:]
        if path[:2] not in self._places:
            logical_id = self._origin(logical_id)
        written = ("Resources", logical_id, *rest)
        if len(written) > _PROPERTY and written[: _PROPERTY + 1] not in self._places:
            name = _SAM_PROPERTIES.get(written[_PROPERTY], written[_PROPERTY])
            written = (*written[:_PROPERTY], name, *written[_PROPERTY + 1 :])
        return written

    def _origin(self, generated: str) -> str:
        """Find the resource from which SAM generated another: its ID begins with that one's."""
        written = (
            path[1]
            for path in self._places
            if len(path) == 2 and path[0] == "Resources"  # noqa: PLR2004 -- Resources, logical ID
        )
        return max(
            (logical_id for logical_id in written if generated.startswith(logical_id)),
            key=len,
            default=generated,
        )
