"""The ``emulator`` command.

``up`` runs an application; every other command talks to one that runs.
A mistake of the user is one line and exit status 2; what was asked for and did not come true (a
function that failed, an application that is not idle) is exit status 1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from emulator.cli.logs import logs
from emulator.cli.place import DATA_FOLDER, Place
from emulator.cli.running import clock, fire, idle, invoke, reset
from emulator.cli.trace import trace
from emulator.cli.up import up
from emulator.errors import EmulatorError, ServiceError


class _Group(click.Group):
    """Prints a user's mistake as one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (EmulatorError, ServiceError) as error:
            _fail(error)


def _fail(error: Exception) -> NoReturn:
    click.echo(f"emulator: {error}", err=True)
    sys.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="filestore-emulator")
@click.option("--url", envvar="EMULATOR_URL", help="AWS listener of the emulator to talk to.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=DATA_FOLDER,
    show_default=True,
    help="Data folder of the emulator to talk to; it knows the URL.",
)
@click.pass_context
def main(ctx: click.Context, url: str | None, data_dir: Path) -> None:
    """Run a serverless application locally: template in, running application out.

    Example: emulator up --template filestore/template.yaml --web web
    """
    ctx.obj = Place(url, data_dir)


for _command in (up, fire, clock, idle, reset, logs, trace, invoke):
    main.add_command(_command)
