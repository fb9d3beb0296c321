"""CORS of a bucket: the first rule that allows origin, method and headers decides.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from emulator.application import CorsRule, Pairs
    from emulator.s3.request import S3Request

_VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def actual_headers(rules: tuple[CorsRule, ...], request: S3Request) -> Pairs:
    """Give what is added to any response, errors included; nothing for a foreign origin.

    What only a preflight should ask is heeded here too, as S3 does.
    """
    origin = request.headers.get("origin")
    rule = origin and _find(rules, origin, _method(request) or request.method, _headers_of(request))
    return _headers(rule, origin) if rule and origin else ()


def preflight(rules: tuple[CorsRule, ...] | None, request: S3Request) -> Pairs:
    """Answer ``OPTIONS``; ``rules`` is ``None`` if there is no such bucket.

    Raises:
        ServiceError: the bucket's rules do not allow it.
    """
    origin = request.headers.get("origin")
    if not origin:
        raise s3_error("BadRequest", "Insufficient information. Origin request header needed.")
    method = _method(request)
    if rules is None:
        raise _forbidden("CORSResponse: Bucket not found", method or "OPTIONS", "BUCKET")
    if not rules:
        message = "CORSResponse: CORS is not enabled for this bucket."
        raise _forbidden(message, method or "OPTIONS", "BUCKET")
    resource = "OBJECT" if request.key else "BUCKET"
    if not method:
        message = "Invalid Access-Control-Request-Method: null"
        raise s3_error("BadRequest", message, ResourceType=resource)
    asked = _headers_of(request)
    rule = _find(rules, origin, method, asked)
    if rule is None:
        raise _forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the"
            " evalution of Origin, request method / Access-Control-Request-Method or"
            " Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
            method,
            resource,
        )
    allowed = (("Access-Control-Allow-Headers", ", ".join(asked)),) if asked else ()
    return (*_headers(rule, origin), *allowed)


def _forbidden(message: str, method: str, resource_type: str) -> Exception:
    return s3_error(
        "AccessForbidden", message, status=403, Method=method, ResourceType=resource_type
    )


def _method(request: S3Request) -> str | None:
    return request.headers.get("access-control-request-method")


def _headers_of(request: S3Request) -> tuple[str, ...]:
    asked = request.headers.get("access-control-request-headers", "")
    return tuple(name.strip().lower() for name in asked.split(",") if name.strip())


def _find(
    rules: tuple[CorsRule, ...], origin: str, method: str, headers: tuple[str, ...]
) -> CorsRule | None:
    return next(
        (
            rule
            for rule in rules
            if method in rule.allowed_methods
            and _any_matches(rule.allowed_origins, origin)
            and all(_any_matches(rule.allowed_headers, name) for name in headers)
        ),
        None,
    )


def _any_matches(patterns: tuple[str, ...], text: str) -> bool:
    """Compare with patterns that may hold one ``*``; case does not matter."""
    return any(
        re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.IGNORECASE | re.DOTALL)
        for pattern in patterns
    )


def _headers(rule: CorsRule, origin: str) -> Pairs:
    anybody = "*" in rule.allowed_origins
    headers = [
        ("Access-Control-Allow-Origin", "*" if anybody else origin),
        ("Access-Control-Allow-Methods", ", ".join(rule.allowed_methods)),
    ]
    if rule.expose_headers:
        headers.append(("Access-Control-Expose-Headers", ", ".join(rule.expose_headers)))
    if rule.max_age_seconds is not None:
        headers.append(("Access-Control-Max-Age", str(rule.max_age_seconds)))
    if not anybody:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    return (*headers, ("Vary", _VARY))
