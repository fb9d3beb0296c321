"""An asynchronous invocation on its way: what its record in the outbox holds.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from emulator.invocation import Invocation


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedInvocation:
    """An asynchronous invocation on its way.

    Args:
        accepted_at: when it was accepted; its age counts from then.
        due_at: when the next attempt is due.
        attempts: how often the function has failed it.
        throttles: how often it could not even start.
        last_response: what the function answered last, an error; ``None`` before.
        last_version: the version that answered it.
        expired: whether it is too old for another attempt.
    """

    invocation: Invocation
    accepted_at: datetime
    due_at: datetime
    attempts: int = 0
    throttles: int = 0
    last_response: str | None = None
    last_version: str = "$LATEST"
    expired: bool = False

    def encode(self) -> bytes:
        """Write it as a record of the outbox."""
        document = asdict(self)
        document["invocation"]["payload"] = self.invocation.payload.decode()
        for name in ("accepted_at", "due_at"):
            document[name] = document[name].isoformat()
        return json.dumps(document).encode()


def decode(content: bytes) -> QueuedInvocation:
    """Read a record of the outbox."""
    document = json.loads(content)
    invocation = document.pop("invocation")
    invocation["payload"] = invocation["payload"].encode()
    accepted_at = datetime.fromisoformat(document.pop("accepted_at"))
    due_at = document.pop("due_at", None)
    return QueuedInvocation(
        invocation=Invocation(**invocation),
        accepted_at=accepted_at,
        due_at=datetime.fromisoformat(due_at) if due_at else accepted_at,
        **document,
    )
