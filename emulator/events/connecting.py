"""Connects queues, topics, event buses and functions with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.events.event_bus import EventBridge
from emulator.events.targets import Targets
from emulator.events.topics import Topics

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.clock import Clock
    from emulator.invocation import Invoker
    from emulator.moto_services import MotoServices
    from emulator.tracing.trace import Trace


def connect_targets(
    invoker: Invoker,
    services: MotoServices,
    clock: Clock,
    trace: Trace,
    has_function: Callable[[str], bool],
) -> tuple[Targets, EventBridge]:
    """Give what sends to functions, queues, topics and event buses, and the event buses.

    Args:
        invoker: runs the functions.
        services: moto's queues, topics and event buses.
        clock: the emulator's.
        trace: where what is sent is noted.
        has_function: tells whether there is a function of a name.
    """
    targets = Targets(invoker, services, trace, has_function=has_function)
    event_bridge = EventBridge(services, targets, clock)
    services.on_load("events", event_bridge.connect)
    services.on_load("sns", Topics(targets, clock).connect)
    return targets, event_bridge
