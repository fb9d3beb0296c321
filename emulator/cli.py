"""The ``emulator`` command.

``up`` runs an application; every other command talks to one that runs.
A mistake of the user is one line and exit status 2; what was asked for and did not come true (a
function that failed, an application that is not idle) is exit status 1.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from emulator.client import Client, find_url
from emulator.durations import format_duration, parse_duration
from emulator.errors import EmulatorError, ServiceError
from emulator.offline import drop_table
from emulator.settings import Settings
from emulator.trace_following import trace

if TYPE_CHECKING:
    from emulator.application import Pairs

_DATA_FOLDER = Path(".emulator")
_EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_PORT = click.IntRange(0, 65_535)
_PORTS = 65_536
_DEBUG_PORT = 5678


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
    default=_DATA_FOLDER,
    show_default=True,
    help="Data folder of the emulator to talk to; it knows the URL.",
)
@click.pass_context
def main(ctx: click.Context, url: str | None, data_dir: Path) -> None:
    """Run a serverless application locally: template in, running application out.

    Example: emulator up --template filestore/template.yaml --web web
    """
    ctx.obj = (url, data_dir)


def _client() -> Client:
    url, data_folder = click.get_current_context().obj
    return Client(find_url(url, data_folder))


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


@main.command()
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
    default=_DATA_FOLDER,
    show_default=True,
    help="Everything that outlives the run.",
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
@click.option("--region", default="us-east-1", show_default=True, help="Region to act as.")
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
def up(
    *,
    web: Path | None,
    data_dir: Path,
    ephemeral: bool,
    exit_on_stdin_eof: bool,
    **options: Any,
) -> None:
    """Run an application until Ctrl-C.

    Example: emulator up --template filestore/template.yaml --parameter StoreOnLoad=True

    Example: emulator up --template template.yaml --concurrency 50 --enforce-memory
    """
    from emulator.up import run  # noqa: PLC0415 -- the other commands need not wait for Flask

    data_directory = None if ephemeral else data_dir
    settings = Settings(data_directory=data_directory, web_directory=web, **options)
    run(settings, until_stdin_ends=exit_on_stdin_eof)


@main.command()
@click.argument("function")
def fire(function: str) -> None:
    """Fire the schedules of FUNCTION, or the rule of that name, now.

    Example: emulator fire Expire
    """
    for name in _client().post("fire", {"function": function})["fired"]:
        click.echo(f"fired {name}")


@main.group(invoke_without_command=True)
@click.pass_context
def clock(ctx: click.Context) -> None:
    """Show the clock, or move it.

    Example: emulator clock advance 2h
    """
    if ctx.invoked_subcommand is None:
        _show_clock(_client().get("clock"))


# -2h is a duration, not the options -2 and -h.
@clock.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("duration")
def advance(duration: str) -> None:
    """Move the clock by DURATION; schedules that fall due fire, in order.

    Example: emulator clock advance 1h30m
    """
    parse_duration(duration)
    _show_clock(_client().post("clock", {"advance": duration}))


@clock.command("reset")
def reset_clock() -> None:
    """Set the clock back to real time.

    Example: emulator clock reset
    """
    _show_clock(_client().post("clock", {"reset": True}))


def _show_clock(answer: dict[str, Any]) -> None:
    from datetime import timedelta  # noqa: PLC0415

    offset = timedelta(seconds=answer["offset_seconds"])
    moved = f"{format_duration(offset)} from real time" if offset else "real time"
    click.echo(f"{answer['now']}  ({moved})")


@main.command()
@click.option("--timeout", type=float, default=5.0, show_default=True, help="Seconds to wait.")
def idle(timeout: float) -> None:
    """Wait until every event has been delivered and handled; exit status 1 if that takes longer.

    Example: emulator idle --timeout 10
    """
    running = _client().idle(timeout)
    if running:
        click.echo(f"emulator: not idle after {timeout:g} s:", err=True)
        click.echo("\n".join(f"  {line}" for line in running), err=True)
        sys.exit(1)


@main.command()
@click.option("--table", metavar="NAME", help="Only this DynamoDB table, whether or not one runs.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="As before the command.")
def reset(table: str | None, data_dir: Path | None) -> None:
    """Empty the application: objects, items, events in flight, clock; the API key stays.

    With --table, only that table is emptied; where no emulator runs, it is dropped from the data
    folder, so that the next start makes it as the template says.

    Example: emulator reset --table Files
    """
    url, data_folder = click.get_current_context().obj
    data_folder = data_dir or data_folder
    if table is not None and url is None and drop_table(data_folder, table):
        click.echo(f"{table} is dropped; the next start makes it anew")
        return
    client = Client(find_url(url, data_folder))
    client.post("reset", {} if table is None else {"table": table})
    click.echo("everything is empty" if table is None else f"{table} is empty")


@main.command()
@click.argument("function", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is logged from now on.")
@click.option("--since", metavar="DURATION", help="How far back.  [default: all that is kept]")
@click.option("--json", "as_json", is_flag=True, help="An object a line.")
def logs(function: str | None, *, follow: bool, since: str | None, as_json: bool) -> None:
    """Show what functions, or FUNCTION, have logged.

    Example: emulator logs -f Preprocess --since 5m
    """
    from emulator.log_following import show_logs  # noqa: PLC0415 -- as above

    if since is not None:
        parse_duration(since)
    show_logs(_client(), function, since=since, follow=follow, as_json=as_json)


main.add_command(trace)


@main.command()
@click.argument("function")
@click.option(
    "--payload",
    default="{}",
    show_default=True,
    metavar="JSON|@FILE|-",
    help="The event: JSON, a file, or standard input.",
)
@click.option("--event", "asynchronous", is_flag=True, help="Asynchronously: do not wait.")
def invoke(function: str, payload: str, *, asynchronous: bool) -> None:
    """Invoke FUNCTION; the result goes to standard output, the log to standard error.

    Example: emulator invoke Expire --payload '{}'
    """
    answer = _client().invoke(function, _read_payload(payload), asynchronous=asynchronous)
    click.echo(answer.log, err=True, nl=False)
    if answer.payload:
        click.echo(answer.payload.decode(errors="replace"))
    if answer.function_error:
        sys.exit(1)


def _read_payload(payload: str) -> bytes:
    if payload == "-":
        content = sys.stdin.buffer.read()
    elif payload.startswith("@"):
        try:
            content = Path(payload[1:]).read_bytes()
        except OSError as error:
            raise EmulatorError(f"{payload[1:]}: {error.strerror}") from error
    else:
        content = payload.encode()
    try:
        json.loads(content)
    except ValueError as error:
        raise EmulatorError(f"the payload is not JSON: {error}") from error
    return content
