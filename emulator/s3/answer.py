"""What an operation answers with, before it is WSGI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.application import Pairs

XML = (("Content-Type", "application/xml"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response.

    Args:
        file: open at the first byte to send, ``length`` bytes of it; closed by the server.
        pieces: the first piece and the rest of a body of ``length`` bytes.
        length: of a body that is not in ``body``; also of the one that ``HEAD`` leaves out.
    """

    status: int = 200
    headers: Pairs = ()
    body: bytes = b""
    file: IO[bytes] | None = None
    pieces: tuple[bytes, Iterator[bytes]] | None = None
    length: int = 0


def xml(body: bytes, *headers: tuple[str, str]) -> Answer:
    """Answer with a document."""
    return Answer(headers=(*XML, *headers), body=body)
