"""Connects queues, topics, event buses and functions with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.events.event_bus import EventBridge
from emulator.events.targets import Targets
from emulator.events.topics import Topics

if TYPE_CHECKING:
    from emulator.clock import Clock
    from emulator.invocation import Invoker
    from emulator.moto_services import MotoServices


def connect_targets(
    invoker: Invoker, services: MotoServices, clock: Clock
) -> tuple[Targets, EventBridge]:
    """Give what sends to functions, queues, topics and event buses, and the event buses."""
    targets = Targets(invoker, services)
    event_bridge = EventBridge(services, targets, clock)
    services.on_load("events", event_bridge.connect)
    services.on_load("sns", Topics(targets, clock).connect)
    return targets, event_bridge
