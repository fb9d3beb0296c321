"""Which emulator a command talks to: the options before its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from emulator.cli.client import Client, find_url

DATA_FOLDER = Path(".emulator")


@dataclass(frozen=True, slots=True)
class Place:
    """A URL, as chosen, and a data folder; the folder knows the URL of who runs in it."""

    url: str | None
    data_folder: Path

    def client(self) -> Client:
        """Talk to it."""
        return Client(find_url(self.url, self.data_folder))


pass_place = click.make_pass_decorator(Place)
