"""Updates a running application to its changed template, as CloudFormation updates a stack.

What can fail comes first and changes nothing; then what is new is made; then functions, routes,
schedules and notifications are put in place, each as a whole, so that a request sees the earlier
application or the new one. Ports, API key, data and the environments of unchanged functions stay.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html

As there, what leaves the template keeps its data: tables and buckets stay until a reset.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from emulator.listeners import make_gateway
from emulator.local_urls import with_local_urls
from emulator.other_services import OtherServices
from emulator.provisioning import provision
from emulator.stack import announce

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from emulator.application import Application
    from emulator.stack import Stack

_KINDS = ("functions", "rest_apis", "buckets", "tables", "schedules")
# moto takes these again and again; of the others only what is new is made.
_REPEATABLE = frozenset({"parameters", "event_rules"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an update has done.

    Args:
        changes: what is new, changed or gone, a few words each.
        refused: what cannot be changed while the application runs, a line each.
    """

    changes: tuple[str, ...]
    refused: tuple[str, ...]


def update_stack(stack: Stack, application: Application) -> Update:
    """Bring a running application to another state of its template.

    Raises:
        EmulatorError: it cannot run; nothing has changed then.
    """
    before = stack.application
    application = with_local_urls(
        application, stack.url("api") or "", stack.url("aws") or "", stack.settings.region
    )
    gateway = make_gateway(stack, application)
    put_functions = stack.functions.prepare(application.functions)
    put_schedules = stack.scheduler.prepare(application.schedules)

    refused = stack.dynamodb.apply(application.tables)
    stack.s3.apply(application.buckets)
    added, unchangeable = _additions(before.other_services, application.other_services)
    provision(added, stack.moto_services)

    put_functions()
    stack.handlers.update(stack.functions.record_handlers(stack.targets))
    stack.deployed.replace(application, gateway)
    put_schedules()
    announce(stack)
    return Update(changes=tuple(_changes(before, application)), refused=(*refused, *unchangeable))


def _changes(before: Application, after: Application) -> Iterator[str]:
    for kind in _KINDS:
        old, new = _by_name(getattr(before, kind)), _by_name(getattr(after, kind))
        yield from (f"{name} is new" for name in new if name not in old)
        yield from (f"{name} changed" for name in new if name in old and new[name] != old[name])
        yield from (f"{name} is gone" for name in old if name not in new)
    if before.other_services != after.other_services:
        yield "other services changed"


def _by_name(parts: Iterable[Any]) -> dict[str, Any]:
    """Name the parts as the template does."""
    return {getattr(part, "logical_id", part.name): part for part in parts}


def _additions(
    before: OtherServices, after: OtherServices
) -> tuple[OtherServices, tuple[str, ...]]:
    """Give what is to be made, and what has changed and must wait for a start."""
    added: dict[str, tuple[Any, ...]] = {}
    waiting: list[str] = []
    for kind in (field.name for field in fields(OtherServices)):
        old, new = getattr(before, kind), getattr(after, kind)
        names = {_name(part) for part in old}
        changed = [part for part in new if part not in old]
        added[kind] = tuple(
            part for part in changed if kind in _REPEATABLE or _name(part) not in names
        )
        waiting += [
            f"{_name(part)} changes at the next start"
            for part in changed
            if part not in added[kind]
        ]
    return replace(OtherServices(), **added), tuple(waiting)


def _name(part: Any) -> str:
    if isinstance(part, str):
        return part
    return str(getattr(part, "name", None) or f"{part.topic_arn} → {part.endpoint}")
