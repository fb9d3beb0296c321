"""X-Ray trace ids: every request and invocation bears one, made up where the caller sends none.

https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
Left out are segments: nothing is sent to X-Ray.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.identifiers import new_hex

if TYPE_CHECKING:
    from datetime import datetime


def new_root(now: datetime) -> str:
    """Make the id of a new trace, for example ``1-5759e988-bd862e3fe1be46a994272793``."""
    return f"1-{int(now.timestamp()):08x}-{new_hex(12)}"


def whole_trace_id(header: str | None, now: datetime, *, sampled: bool) -> str:
    """Complete ``Root=…;Parent=…;Sampled=…``; what the caller sends is kept."""
    parts = parts_of(header or "")
    defaults = {
        "Root": parts.get("Root") or new_root(now),
        "Parent": new_hex(8),
        "Sampled": str(int(sampled)),
    }
    return ";".join(f"{name}={value}" for name, value in {**defaults, **parts}.items())


def parts_of(trace_id: str) -> dict[str, str]:
    """Take a trace id apart."""
    return dict(part.partition("=")[::2] for part in trace_id.split(";") if "=" in part)


def root_of(trace_id: str | None) -> str | None:
    """Give what everything of one trace has in common; ``None`` without it."""
    return parts_of(trace_id).get("Root") if trace_id else None
