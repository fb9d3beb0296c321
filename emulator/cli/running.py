"""The commands for a running application: ``fire``, ``clock``, ``idle``, ``reset``, ``invoke``."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from emulator.cli.offline import drop_table
from emulator.cli.place import Place, pass_place
from emulator.durations import format_duration, parse_duration
from emulator.errors import EmulatorError


@click.command()
@click.argument("function")
@pass_place
def fire(place: Place, function: str) -> None:
    """Fire the schedules of FUNCTION, or the rule of that name, now.

    Example: emulator fire Expire
    """
    for name in place.client().post("fire", {"function": function})["fired"]:
        click.echo(f"fired {name}")


@click.group(invoke_without_command=True)
@pass_place
@click.pass_context
def clock(ctx: click.Context, place: Place) -> None:
    """Show the clock, or move it.

    Example: emulator clock advance 2h
    """
    if ctx.invoked_subcommand is None:
        _show_clock(place.client().get("clock"))


# -2h is a duration, not the options -2 and -h.
@clock.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("duration")
@pass_place
def advance(place: Place, duration: str) -> None:
    """Move the clock by DURATION; schedules that fall due fire, in order.

    Example: emulator clock advance 1h30m
    """
    parse_duration(duration)
    _show_clock(place.client().post("clock", {"advance": duration}))


@clock.command("reset")
@pass_place
def reset_clock(place: Place) -> None:
    """Set the clock back to real time.

    Example: emulator clock reset
    """
    _show_clock(place.client().post("clock", {"reset": True}))


def _show_clock(answer: dict[str, Any]) -> None:
    offset = timedelta(seconds=answer["offset_seconds"])
    moved = f"{format_duration(offset)} from real time" if offset else "real time"
    click.echo(f"{answer['now']}  ({moved})")


@click.command()
@click.option("--timeout", type=float, default=5.0, show_default=True, help="Seconds to wait.")
@pass_place
def idle(place: Place, timeout: float) -> None:
    """Wait until every event has been delivered and handled; exit status 1 if that takes longer.

    Example: emulator idle --timeout 10
    """
    running = place.client().idle(timeout)
    if running:
        click.echo(f"emulator: not idle after {timeout:g} s:", err=True)
        click.echo("\n".join(f"  {line}" for line in running), err=True)
        sys.exit(1)


@click.command()
@click.option("--table", metavar="NAME", help="Only this DynamoDB table, whether or not one runs.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="As before the command.")
@pass_place
def reset(place: Place, table: str | None, data_dir: Path | None) -> None:
    """Empty the application: objects, items, events in flight, clock; the API key stays.

    With --table, only that table is emptied; where no emulator runs, it is dropped from the data
    folder, so that the next start makes it as the template says.

    Example: emulator reset --table Files
    """
    place = Place(place.url, data_dir or place.data_folder)
    if table is not None and place.url is None and drop_table(place.data_folder, table):
        click.echo(f"{table} is dropped; the next start makes it anew")
        return
    place.client().post("reset", {} if table is None else {"table": table})
    click.echo("everything is empty" if table is None else f"{table} is empty")


@click.command()
@click.argument("function")
@click.option(
    "--payload",
    default="{}",
    show_default=True,
    metavar="JSON|@FILE|-",
    help="The event: JSON, a file, or standard input.",
)
@click.option("--event", "asynchronous", is_flag=True, help="Asynchronously: do not wait.")
@pass_place
def invoke(place: Place, function: str, payload: str, *, asynchronous: bool) -> None:
    """Invoke FUNCTION; the result goes to standard output, the log to standard error.

    Example: emulator invoke Expire --payload '{}'
    """
    answer = place.client().invoke(function, _read_payload(payload), asynchronous=asynchronous)
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
