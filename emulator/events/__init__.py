"""What happens without a request: delivery of the outbox, S3 notifications, schedules."""

from emulator.events.connecting import connect_targets
from emulator.events.notifications import deliver_object_event
from emulator.events.pump import Pump
from emulator.events.schedule_expression import parse_schedule
from emulator.events.scheduler import Scheduler
from emulator.events.targets import Targets

__all__ = [
    "Pump",
    "Scheduler",
    "Targets",
    "connect_targets",
    "deliver_object_event",
    "parse_schedule",
]
