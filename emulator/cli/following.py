"""``--follow``: page after page of the log or the trace, until the emulator stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import click

from emulator.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERRUPTED = 130  # the exit status after Ctrl-C, 128 + SIGINT
_WAIT_SECONDS = 20.0


class ReadPage(Protocol):
    """A question of the client: ``logs`` or ``trace``."""

    def __call__(self, *, after: int, wait_seconds: float) -> dict[str, Any]:
        """Read the page that begins after a number, and wait so long for it."""


def pages_after(after: int, read_page: ReadPage) -> Iterator[dict[str, Any]]:
    """Give the next pages; the emulator holds each back until there is something on it."""
    while True:
        try:
            page = read_page(after=after, wait_seconds=_WAIT_SECONDS)
        except EmulatorError:
            click.echo("emulator: it has stopped", err=True)
            return
        yield page
        after = page["next"]
