"""Collects what is not as on AWS, while an application is made of its resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.application import SupportNote

if TYPE_CHECKING:
    from typing import Literal

    from emulator.template.places import Place
    from emulator.template.resources.properties import Properties


class Notes:
    """Support notes; each is kept once."""

    def __init__(self) -> None:
        self._notes: dict[SupportNote, None] = {}

    def in_order(self) -> tuple[SupportNote, ...]:
        """Give the notes in the order of the files' lines."""
        return tuple(sorted(self._notes, key=lambda note: (str(note.file), note.line or 0)))

    def append(self, note: SupportNote) -> None:
        """Add a note that is made already."""
        self._notes[note] = None

    def ignored(self, properties: Properties, name: str | None, reason: str) -> None:
        """Note what makes no difference here."""
        self._property(properties, name, "ignored", reason)

    def unsupported(self, properties: Properties, name: str | None, reason: str) -> None:
        """Note what does something on AWS that it does not do here."""
        self._property(properties, name, "unsupported", reason)

    def add(
        self, place: str, level: Literal["ignored", "unsupported"], reason: str, at: Place
    ) -> None:
        """Note anything."""
        self.append(
            SupportNote(place=place, level=level, reason=reason, file=at.file, line=at.line)
        )

    def _property(
        self,
        properties: Properties,
        name: str | None,
        level: Literal["ignored", "unsupported"],
        reason: str,
    ) -> None:
        below = [part for part in properties.path[2:] if part != "Properties"]
        place = ".".join([properties.path[1], *below, *([name] if name else [])])
        self.add(place, level, reason, properties.place(name))
