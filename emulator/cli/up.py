"""``emulator up``: its options, and what they must look like."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.place import DATA_FOLDER, Place, pass_place
from emulator.settings import Settings

if TYPE_CHECKING:
    from emulator.application import Pairs

_EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_PORT = click.IntRange(0, 65_535)
_PORTS = 65_536
_DEBUG_PORT = 5678
_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]")


def _read_parameters(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> Pairs:
    pairs = tuple(value.partition("=") for value in values)
    for name, equals, _value in pairs:
        if not name or not equals:
            raise click.BadParameter(f"{name!r} is no parameter: write --parameter Name=Value")
    return tuple((name, value) for name, _equals, value in pairs)


def _read_debug_ports(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    ports: list[tuple[str, int]] = []
    for number, value in enumerate(values):
        name, colon, port = value.partition(":")
        if not name or (colon and not port.isdecimal()) or not 0 < int(port or 1) < _PORTS:
            raise click.BadParameter(f"{value!r} is no function: write --debug Function:5678")
        ports.append((name, int(port) if port else _DEBUG_PORT + number))
    return tuple(ports)


def _read_region(_: click.Context, __: click.Parameter, value: str) -> str:
    if not _REGION.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no region: write eu-central-1, for example")
    return value


@click.command()
@click.option(
    "--template",
    required=True,
    type=click.Path(path_type=Path),
    help="SAM or CloudFormation template.",
)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="K=V",
    callback=_read_parameters,
    help="Parameter of the template; may be repeated.",
)
@click.option("--api-port", type=_PORT, default=3000, show_default=True, help="0: any free one.")
@click.option("--aws-port", type=_PORT, default=4566, show_default=True, help="0: any free one.")
@click.option("--web", type=_EXISTING_FOLDER, help="Folder of static pages to serve.")
@click.option("--web-port", type=_PORT, default=8080, show_default=True, help="0: any free one.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help=f"Everything that outlives the run.  [default: {DATA_FOLDER}]",
)
@click.option("--ephemeral", is_flag=True, help="Keep nothing: data goes with the process.")
@click.option(
    "--durable", is_flag=True, help="Wait for the disk, so that a power cut loses nothing either."
)
@click.option("--api-key", help="Key for the secured calls.  [default: made once, kept]")
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Gets one JSON object with every URL once everything answers.",
)
@click.option(
    "--region",
    default="us-east-1",
    show_default=True,
    callback=_read_region,
    help="Region to act as.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help="Invocations of one function that run at once; further ones wait.",
)
@click.option(
    "--debug",
    "debug_ports",
    multiple=True,
    metavar="FUNCTION[:PORT]",
    callback=_read_debug_ports,
    help="Wait for a debugger, on port 5678 or PORT; may be repeated. See docs/debugging.md.",
)
@click.option(
    "--enforce-memory",
    is_flag=True,
    help="Kill what takes more memory than its function's MemorySize, as Lambda does.",
)
@click.option(
    "--lambda-engine",
    type=click.Choice(["fork", "spawn"]),
    help="How Python functions start: forked from a warm process, or each an interpreter of its"
    " own.  [default: fork; spawn on macOS]",
)
@click.option("--strict", is_flag=True, help="Refuse a template that is not fully emulated.")
@click.option(
    "--insecure-s3", is_flag=True, help="S3 takes every request: no signature is verified."
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="HOST",
    help="Let functions call this host of AWS itself, e.g. 'sts.amazonaws.com'; may be repeated.",
)
@click.option("--exit-on-stdin-eof", is_flag=True, help="Stop when standard input ends.")
@pass_place
def up(
    place: Place,
    /,
    *,
    web: Path | None,
    data_dir: Path | None,
    ephemeral: bool,
    exit_on_stdin_eof: bool,
    **options: Any,
) -> None:
    """Run an application until Ctrl-C.

    Example: emulator up --template filestore/template.yaml --parameter StoreOnLoad=True

    Example: emulator up --template template.yaml --concurrency 50 --enforce-memory
    """
    from emulator.up import run  # noqa: PLC0415 -- the other commands need not wait for Flask

    data_directory = None if ephemeral else data_dir or place.data_folder
    settings = Settings(data_directory=data_directory, web_directory=web, **options)
    run(settings, until_stdin_ends=exit_on_stdin_eof)
