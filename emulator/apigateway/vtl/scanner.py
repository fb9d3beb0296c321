"""A place in the text of a template, and the patterns that are looked for there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.errors import TemplateError

if TYPE_CHECKING:
    import re


class Scanner:
    """Reads a template from left to right.

    Args:
        place: logical ID and property that hold the template, for messages.
    """

    def __init__(self, text: str, place: str) -> None:
        self.text = text
        self.place = place
        self.position = 0

    @property
    def at_end(self) -> bool:
        """Tell whether everything was read."""
        return self.position >= len(self.text)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Read a pattern if it comes next."""
        found = pattern.match(self.text, self.position)
        if found:
            self.position = found.end()
        return found

    def expect(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        """Read a pattern that must come next.

        Raises:
            TemplateError: it does not.
        """
        found = self.take(pattern)
        if found is None:
            raise self.error(f"expected {what}")
        return found

    def error(self, problem: str) -> TemplateError:
        """Name a problem at this place, by line."""
        line = self.text.count("\n", 0, self.position) + 1
        return TemplateError(f"mapping template, line {line}: {problem}", logical_id=self.place)
