"""The event of a scheduled rule.

https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from emulator.arns import rule_arn

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.application import Schedule


def to_event(
    schedule: Schedule, *, due: datetime, event_id: str, region: str, account_id: str
) -> bytes:
    """Write what the function gets: the rule's ``Input`` verbatim, else the Scheduled Event."""
    if schedule.input is not None:
        return schedule.input.encode()
    document = {
        "version": "0",
        "id": event_id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account_id,
        "time": due.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [rule_arn(region, account_id, schedule.name)],
        "detail": {},
    }
    return json.dumps(document, separators=(",", ":")).encode()
