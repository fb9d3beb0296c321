"""What an invocation gave, as stages compare it and ``$ext`` functions get it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

MISSING = object()
_LONGEST_PAYLOAD = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaResult:
    """The answer of the Invoke API.

    Args:
        payload: decoded JSON; ``None`` for Event and DryRun.
        log: the log tail, decoded; empty for Event and DryRun.
    """

    function: str
    invocation_type: str
    status_code: int
    function_error: str | None
    payload: Any
    log: str
    executed_version: str | None
    request_id: str | None

    @property
    def body(self) -> Any:
        """The ``body`` of an API Gateway proxy result, JSON-decoded if it is JSON."""
        body = self.payload.get("body", MISSING) if isinstance(self.payload, dict) else MISSING
        if not isinstance(body, str):
            return body
        if self.payload.get("isBase64Encoded"):
            body = base64.b64decode(body).decode()
        try:
            return json.loads(body)
        except ValueError:
            return body

    def meta(self) -> dict[str, Any]:
        """Everything but payload and body."""
        return {
            "status_code": self.status_code,
            "function_error": self.function_error,
            "executed_version": self.executed_version,
            "request_id": self.request_id,
            "log": self.log,
        }

    def describe(self) -> str:
        """Show it in a failure message, with what the function has logged."""
        payload = json.dumps(self.payload, indent=2, default=str)[:_LONGEST_PAYLOAD]
        log = "".join(f"\n    | {line}" for line in self.log.splitlines()) or " none"
        indented = payload.replace("\n", "\n    ")
        return (
            f"{self.invocation_type} {self.function}: StatusCode={self.status_code}"
            f" FunctionError={self.function_error} RequestId={self.request_id}\n"
            f"  payload:\n    {indented}\n  log:{log}"
        )
