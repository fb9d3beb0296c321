"""Asynchronous invocations: accepted into the outbox, tried again when the function fails.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
A function error is tried again after one minute and then after two; throttling with a growing
delay for up to six hours; every attempt bears the same request id.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from emulator.invocation import Invocation

RECORD_KIND = "invocation"
_RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=2))
_LONGEST_BACKOFF = timedelta(minutes=5)
LONGEST_AGE = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedInvocation:
    """An asynchronous invocation on its way.

    Args:
        accepted_at: when it was accepted; its age counts from then.
        attempts: how often the function has failed it.
        throttles: how often it could not even start.
    """

    invocation: Invocation
    accepted_at: datetime
    attempts: int = 0
    throttles: int = 0

    def encode(self) -> bytes:
        """Write it as a record of the outbox."""
        invocation = asdict(self.invocation)
        invocation["payload"] = self.invocation.payload.decode()
        document = {
            "invocation": invocation,
            "accepted_at": self.accepted_at.isoformat(),
            "attempts": self.attempts,
            "throttles": self.throttles,
        }
        return json.dumps(document).encode()

    def after_failure(self) -> QueuedInvocation:
        """Count a failed attempt."""
        return replace(self, attempts=self.attempts + 1)

    def after_throttle(self) -> QueuedInvocation:
        """Count an attempt that was throttled."""
        return replace(self, throttles=self.throttles + 1)

    @property
    def retry_delay(self) -> timedelta:
        """How long to wait after the failure that was counted last."""
        return _RETRY_DELAYS[min(self.attempts, len(_RETRY_DELAYS)) - 1]

    @property
    def backoff(self) -> timedelta:
        """How long to wait after the throttle that was counted last."""
        return min(timedelta(seconds=2 ** min(self.throttles - 1, 20)), _LONGEST_BACKOFF)


def decode(content: bytes) -> QueuedInvocation:
    """Read a record of the outbox."""
    document = json.loads(content)
    fields = document["invocation"]
    fields["payload"] = fields["payload"].encode()
    return QueuedInvocation(
        invocation=Invocation(**fields),
        accepted_at=datetime.fromisoformat(document["accepted_at"]),
        attempts=document["attempts"],
        throttles=document["throttles"],
    )
