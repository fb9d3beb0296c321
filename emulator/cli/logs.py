"""``emulator logs``: pages of the log, and with ``--follow`` what comes after them."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.following import INTERRUPTED, pages_after
from emulator.cli.place import Place, pass_place
from emulator.durations import parse_duration
from emulator.log_lines import log_lines, wants_colour

if TYPE_CHECKING:
    from emulator.cli.client import Client


@click.command()
@click.argument("function", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is logged from now on.")
@click.option("--since", metavar="DURATION", help="How far back.  [default: all that is kept]")
@click.option("--json", "as_json", is_flag=True, help="An object a line.")
@pass_place
def logs(
    place: Place, function: str | None, *, follow: bool, since: str | None, as_json: bool
) -> None:
    """Show what functions, or FUNCTION, have logged.

    Example: emulator logs -f Preprocess --since 5m
    """
    if since is not None:
        parse_duration(since)
    _show(place.client(), function, since=since, follow=follow, as_json=as_json)


def _show(
    client: Client, function: str | None, *, since: str | None, follow: bool, as_json: bool
) -> None:
    """Print what is kept, then what comes.

    Raises:
        EmulatorError: nothing answers, or there is no such function.
    """
    try:
        page = client.logs(function=function, since=since)
        nothing = not page["events"]
        while True:
            _print(page["events"], as_json=as_json)
            if not page["more"]:
                break
            page = client.logs(function=function, since=since, after=page["next"])
        if nothing:
            _say_nothing(function, since, follow=follow)
        if follow:
            for coming in pages_after(page["next"], partial(client.logs, function=function)):
                _print(coming["events"], as_json=as_json)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _print(events: list[dict[str, Any]], *, as_json: bool) -> None:
    coloured = wants_colour(sys.stdout, os.environ)
    for event in events:
        if as_json:
            sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
            continue
        sys.stdout.write(
            log_lines(
                when=datetime.fromisoformat(event["timestamp"]),
                function_name=event["function"],
                request_id=event["requestId"],
                level=event["level"],
                message=event["message"],
                coloured=coloured,
                with_date=True,
            )
        )
    sys.stdout.flush()


def _say_nothing(function: str | None, since: str | None, *, follow: bool) -> None:
    who = function or "no function"
    what = "has logged nothing" if function else "has logged anything"
    when = f" in the last {since}" if since else " yet"
    click.echo(f"emulator: {who} {what}{when}{'; waiting' if follow else ''}", err=True)
