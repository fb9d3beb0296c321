"""Headers on their way through the gateway: which are dropped, renamed, merged or refused.

Recorded by LocalStack from AWS (``TestApiGatewayHeaderRemapping``), and documented at
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulator.application import Pairs

_NEVER_REACHES_INTEGRATION = frozenset(
    (
        "connection",
        "content-length",
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "www-authenticate",
    )
)
_REMAPPED = frozenset(
    ("connection", "content-length", "date", "server", "www-authenticate", "x-amzn-requestid")
)
_DROPPED_FROM_RESPONSE = frozenset(("transfer-encoding",))
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def request_headers(sent: Pairs, added: Pairs) -> dict[str, list[str]]:
    """Collect the headers that an integration sees, all values of a name under its first spelling.

    Args:
        sent: by the client.
        added: by the gateway; they replace the client's.
    """
    replaced = {name.lower() for name, _ in added}
    kept = (
        (name, value)
        for name, value in sent
        if (lower := name.lower()) not in _NEVER_REACHES_INTEGRATION and lower not in replaced
    )
    return group((*kept, *added))


def group(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Gather the values of each name, whose case does not matter; the first spelling stays."""
    spelling: dict[str, str] = {}
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(spelling.setdefault(name.lower(), name), []).append(value)
    return grouped


def response_headers(headers: Pairs) -> Pairs:
    """Rename what an integration must not set to ``x-amzn-Remapped-…``, and drop the rest."""
    return tuple(
        (f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name, value)
        for name, value in headers
        if name.lower() not in _DROPPED_FROM_RESPONSE
    )


def is_sendable(name: str, value: str) -> bool:
    """Tell whether a header can go on the wire as one header; a newline in it would make two."""
    return bool(_TOKEN.fullmatch(name)) and not _FORBIDDEN_IN_VALUE.search(value)


def wire_value(value: str) -> str:
    """Spell a header value for WSGI: ISO-8859-1 as it is, anything else as its UTF-8 bytes."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("latin-1")
    return value


def replace_headers(headers: Pairs, replacements: Pairs) -> Pairs:
    """Put headers in place of those of the same name."""
    replaced = {name.lower() for name, _ in replacements}
    kept = tuple(header for header in headers if header[0].lower() not in replaced)
    return (*kept, *replacements)
