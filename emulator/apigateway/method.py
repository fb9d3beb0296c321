"""What a client sends to a stage and what it gets back, free of any web framework.

API Gateway calls the two *method request* and *method response*.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-method-settings.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.application import Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRequest:
    """One HTTP request to a stage.

    Args:
        path: what the handler sees: without the stage, percent-encoded as sent.
        full_path: the same with the stage, ``requestContext.path``.
        query_string: as sent, without the question mark.
        headers: as sent: case, order and duplicates.
    """

    http_method: str
    stage_name: str
    path: str
    full_path: str
    query_string: str = ""
    headers: Pairs = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"
    scheme: str = "http"
    port: str = "80"

    def header(self, name: str) -> str | None:
        """Find a header by its name in any case; the last one where it was sent repeatedly."""
        wanted = name.lower()
        found = [value for sent, value in self.headers if sent.lower() == wanted]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResponse:
    """One HTTP response of a stage; ``Content-Length`` is added at the edge.

    Args:
        reason: why the gateway itself refuses, for the trace; the client is not told.
    """

    status_code: int
    headers: Pairs
    body: bytes = b""
    reason: str = ""
