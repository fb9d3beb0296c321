"""CORS of function URLs: preflights are answered here, and responses get their headers.

https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.application import CorsConfiguration, Pairs


def is_preflight(method: str, origin: str | None, requested_method: str | None) -> bool:
    """Tell whether a browser asks before it sends."""
    return method == "OPTIONS" and origin is not None and requested_method is not None


def preflight_headers(cors: CorsConfiguration, origin: str | None) -> Pairs:
    """Give what a preflight is answered with; nothing for an origin that is not allowed."""
    headers = [*response_headers(cors, origin)]
    if not headers:
        return ()
    headers = [(name, value) for name, value in headers if "Expose" not in name]
    if cors.allow_methods:
        headers.append(("Access-Control-Allow-Methods", ",".join(cors.allow_methods)))
    if cors.allow_headers:
        headers.append(("Access-Control-Allow-Headers", ",".join(cors.allow_headers)))
    if cors.max_age_seconds is not None:
        headers.append(("Access-Control-Max-Age", str(cors.max_age_seconds)))
    return tuple(headers)


def response_headers(cors: CorsConfiguration, origin: str | None) -> Pairs:
    """Give what every response to an allowed origin gets."""
    if origin is None or not {origin, "*"} & set(cors.allow_origins):
        return ()
    everyone = "*" in cors.allow_origins and not cors.allow_credentials
    headers = [("Access-Control-Allow-Origin", "*" if everyone else origin), ("Vary", "Origin")]
    if cors.allow_credentials:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    if cors.expose_headers:
        headers.append(("Access-Control-Expose-Headers", ",".join(cors.expose_headers)))
    return tuple(headers)
