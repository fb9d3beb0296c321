"""How the due time of a record survives the process: one line before the record's content.

The line and the content are written and renamed in as one file, so that a crash leaves either the
record as it was or the postponed one, never a record without its due time or a due time without
its record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.outbox import Later

_MARK = b"\0later "  # no JSON document begins so


@dataclass(frozen=True, slots=True, kw_only=True)
class Postponement:
    """Until when a record is kept, and when that was decided."""

    at: datetime
    since: datetime

    def seen_at(self, now: datetime) -> Postponement:
        """Keep the delay when the clock was turned back behind the decision."""
        if self.since <= now:
            return self
        return Postponement(at=now + (self.at - self.since), since=now)


def seal(content: bytes, postponement: Postponement) -> bytes:
    """Write a record's content with its due time."""
    moments = f"{postponement.at.isoformat()} {postponement.since.isoformat()}\n"
    return _MARK + moments.encode() + content


def unseal(stored: bytes) -> tuple[bytes, Postponement | None]:
    """Read a record's content, and its due time if it was postponed."""
    if not stored.startswith(_MARK):
        return stored, None
    line, _, content = stored.removeprefix(_MARK).partition(b"\n")
    at, since = line.decode().split(" ")
    moments = Postponement(at=datetime.fromisoformat(at), since=datetime.fromisoformat(since))
    return content, moments


def attempt(
    stored: bytes, handler: Callable[[bytes], Later | None], now: datetime
) -> Later | Postponement | None:
    """Hand a record to its handler, unless it is postponed and not due: then tell until when."""
    content, postponement = unseal(stored)
    kept = postponement.seen_at(now) if postponement else None
    return kept if kept is not None and kept.at > now else handler(content)
