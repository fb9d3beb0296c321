"""What ``emulator up`` prints once everything answers: where, with which key, what runs when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from emulator.application import Application, Function, Schedule, SupportNote


def banner(
    application: Application,
    *,
    urls: Iterable[tuple[str, str]],
    due: Iterable[tuple[Schedule, datetime]],
    clock_offset: timedelta,
    warnings: tuple[str, ...],
    seconds: float,
    keeps_data: bool,
) -> str:
    """Draw the banner.

    Args:
        application: what runs.
        urls: what to show first, by name, in order.
        due: each schedule and when it fires next.
        clock_offset: how far the clock was moved, from an earlier run.
        warnings: what of this machine stands in the way, a line each.
        seconds: how long the start took.
        keeps_data: whether there is a data folder to come back to.
    """
    lines = [f"{application.template.name} runs ({seconds:.2f} s)", ""]
    lines += [f"  {name:<9} {url}" for name, url in urls]
    lines += ["", "Functions"]
    lines += _functions(application, {schedule.name: moment for schedule, moment in due})
    lines += [""] if warnings else []
    if clock_offset != timedelta():
        lines += ["", f"The clock is moved by {clock_offset}; `emulator clock reset` sets it back."]
    lines += [f"Warning: {warning}" for warning in warnings]
    lines += _notes(application.support_notes)
    return "\n".join(
        [*lines, "", f"Ctrl-C stops it; {'data stays' if keeps_data else 'its data goes with it'}."]
    )


def _functions(application: Application, due: dict[str, datetime]) -> Iterator[str]:
    width = max((len(function.name) for function in application.functions), default=0)
    for function in application.functions:
        triggers = list(_triggers(application, function, due)) or ["invoked directly"]
        yield f"  {function.name:<{width}}  {triggers[0]}"
        yield from (f"  {'':<{width}}  {trigger}" for trigger in triggers[1:])


def _triggers(
    application: Application, function: Function, due: dict[str, datetime]
) -> Iterator[str]:
    yield from _routes_to(application, function)
    for bucket in application.buckets:
        for notification in bucket.notifications:
            if notification.function_name == function.name:
                yield f"{', '.join(notification.events)} of bucket {bucket.name}"
    for schedule in application.schedules:
        if schedule.function_name == function.name:
            moment = due.get(schedule.name)
            when = f"next {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "disabled"
            yield f"{schedule.expression}, {when}"


def _routes_to(application: Application, function: Function) -> Iterator[str]:
    for api in application.rest_apis:
        for route in api.routes:
            if getattr(route.integration, "function_name", None) == function.name:
                key = "  (API key)" if route.api_key_required else ""
                yield f"{route.http_method} /{api.stage_name}{route.resource_path}{key}"


def _notes(notes: Iterable[SupportNote]) -> list[str]:
    unsupported = [note for note in notes if note.level == "unsupported"]
    if not unsupported:
        return []
    lines = ["", "Not as on AWS (--strict makes these errors)"]
    return lines + [f"  {note.place}: {note.reason}" for note in unsupported]
