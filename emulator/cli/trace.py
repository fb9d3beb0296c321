"""``emulator trace``: what happened of late, or one trace, and with ``--follow`` what comes."""

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
from emulator.errors import EmulatorError
from emulator.log_lines import wants_colour
from emulator.tracing.trace import KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 10_000
_REFUSED_COLOUR, _QUIET_COLOUR = "31", "2"


@click.command()
@click.argument("trace_id", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on.")
@click.option("--refused", is_flag=True, help="Only what was refused or has failed.")
@click.option("--limit", default=100, show_default=True, help="How many of the latest to show.")
@click.option("--json", "as_json", is_flag=True, help="An object a line.")
@pass_place
def trace(
    place: Place,
    trace_id: str | None,
    *,
    follow: bool,
    refused: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show what happened: requests, invocations, events, schedules, and why something was refused.

    TRACE_ID, the id of a trace or of one of its requests, shows all of that trace in its order,
    with what its functions have logged.

    Example: emulator trace --refused

    Example: emulator trace 1-6564b2c1-0f3a…
    """
    if trace_id and not trace_id.isprintable():
        raise EmulatorError(f"TRACE_ID {trace_id!r} is no id that emulator trace has shown")
    if trace_id and follow:
        raise EmulatorError("--follow shows what comes of every trace: leave TRACE_ID out")
    client = place.client()
    shown = Lines(refused=refused, as_json=as_json, whole=trace_id is not None)
    try:
        page = client.trace(trace_id=trace_id, limit=_MOST if refused or trace_id else limit)
        records = shown.wanted(page["records"])[-limit:] if refused else page["records"]
        shown.print(records)
        if not records:
            _say_nothing(trace_id, refused=refused)
        if follow:
            for coming in pages_after(page["next"], partial(client.trace, limit=_MOST)):
                shown.print(shown.wanted(coming["records"]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


class Lines:
    """How records are shown.

    Args:
        refused: only what has a reason.
        whole: they are one trace, whose id need not be repeated.
    """

    def __init__(self, *, refused: bool, as_json: bool, whole: bool) -> None:
        self._refused = refused
        self._as_json = as_json
        self._whole = whole
        self._coloured = wants_colour(sys.stdout, os.environ)

    def wanted(self, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Choose what was asked for."""
        return [record for record in records if not self._refused or _is_refused(record)]

    def print(self, records: Iterable[dict[str, Any]]) -> None:
        """Print them, in their order."""
        for record in records:
            text = json.dumps(record, ensure_ascii=False) if self._as_json else self._line(record)
            sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def _line(self, record: dict[str, Any]) -> str:
        time = f"{datetime.fromisoformat(record['time']):%H:%M:%S.%f}"[:-3]
        trace_id = "" if self._whole else f"{record['traceId']}  "
        if record["source"] == "log":
            return self._painted(f"{time}{'':>12}  log       {record['reason']}", _QUIET_COLOUR)
        line = (
            f"{time} {record['durationMs']:>8.1f} ms  {trace_id}{record['source']:<8}"
            f"  {record['subject']}  {record['outcome']}"
        )
        if record["reason"]:
            line += f"\n{'':>25}  {' '.join(record['reason'].split())}"
            return self._painted(line, _REFUSED_COLOUR)
        return line

    def _painted(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._coloured else text


def _is_refused(record: dict[str, Any]) -> bool:
    return bool(record["reason"]) and record["source"] != "log"


def _say_nothing(trace_id: str | None, *, refused: bool) -> None:
    what = "was refused" if refused else "has happened"
    where = f" in a trace {trace_id}; the latest {KEPT} steps are kept" if trace_id else ""
    click.echo(f"emulator: nothing {what} yet{where}", err=True)
