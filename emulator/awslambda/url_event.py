"""Function URLs: a request as an event of payload format 2.0, and a result as a response.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
Recorded from AWS (LocalStack's validated tests, ``TestLambdaURL``): results that are no response
come back as compact JSON, but a string as it is.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.application import Pairs

_HOP_BY_HOP = frozenset(
    (
        *("connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    )
)
_TEXT = ("application/json", "application/xml", "application/javascript")
_TEXT_SUFFIXES = ("+json", "+xml")


class MalformedResponseError(Exception):
    """The function's result looks like a response, and is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlRequest:
    """A request to a function URL.

    Args:
        path: encoded as it was sent; begins with a slash.
        port: of the listener.
    """

    method: str
    path: str
    query_string: str
    protocol: str
    headers: Pairs
    body: bytes
    source_ip: str
    port: str

    def header(self, name: str) -> str | None:
        """Give a header, its values joined; ``None`` without it."""
        values = [value for key, value in self.headers if key.lower() == name]
        return ",".join(values) if values else None


def to_event(
    request: UrlRequest,
    *,
    url_id: str,
    domain_name: str,
    request_id: str,
    trace_id: str,
    now: datetime,
    caller: dict[str, Any] | None,
) -> bytes:
    """Write the event; ``caller`` is the ``authorizer.iam`` of a signed request."""
    context: dict[str, Any] = {
        "accountId": caller["accountId"] if caller else "anonymous",
        "apiId": url_id,
        "domainName": domain_name,
        "domainPrefix": url_id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }
    if caller:
        context["authorizer"] = {"iam": caller}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query_string,
        "headers": _headers(request, trace_id),
        "requestContext": context,
    }
    if cookies := request.header("cookie"):
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
    if query := _joined(parse_qsl(request.query_string, keep_blank_values=True)):
        event["queryStringParameters"] = query
    event["isBase64Encoded"] = False
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request)
    return json.dumps(event).encode()


def _headers(request: UrlRequest, trace_id: str) -> dict[str, str]:
    sent = [(name.lower(), value) for name, value in request.headers]
    forwarded = request.header("x-forwarded-for")
    return {
        **_joined((name, value) for name, value in sent if name not in _HOP_BY_HOP),
        "x-amzn-trace-id": trace_id,
        "x-forwarded-for": ", ".join(filter(None, (forwarded, request.source_ip))),
        "x-forwarded-port": request.port,
        "x-forwarded-proto": "http",
    }


def _joined(pairs: Any) -> dict[str, str]:
    """Join the values of a name by commas, in their order."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(request: UrlRequest) -> tuple[str, bool]:
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    is_text = media_type.startswith("text/") or media_type in _TEXT
    if is_text or media_type.endswith(_TEXT_SUFFIXES):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass  # it says that it is text, and is not
    return base64.b64encode(request.body).decode(), True


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlResponse:
    """What the client gets."""

    status: int
    headers: Pairs
    body: bytes


def to_response(payload: bytes) -> UrlResponse:
    """Read a function's result.

    Raises:
        MalformedResponseError: it has a status code, but is no response.
    """
    try:
        result = json.loads(payload)
    except (ValueError, RecursionError):
        return _plain(payload)
    if isinstance(result, str):
        return _plain(result.encode())
    if not isinstance(result, dict) or "statusCode" not in result:
        return _plain(json.dumps(result, separators=(",", ":"), ensure_ascii=False).encode())
    headers = result.get("headers") or {}
    cookies = result.get("cookies") or []
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        raise MalformedResponseError
    fields = [(str(name), _text(value)) for name, value in headers.items()]
    if not any(name.lower() == "content-type" for name, _ in fields):
        fields.append(("Content-Type", "application/json"))
    fields += [("Set-Cookie", str(cookie)) for cookie in cookies]
    return UrlResponse(status=_status(result), headers=tuple(fields), body=_response_body(result))


def _plain(body: bytes) -> UrlResponse:
    return UrlResponse(status=200, headers=(("Content-Type", "application/json"),), body=body)


def _status(result: dict[str, Any]) -> int:
    try:
        status = int(result["statusCode"])
    except (TypeError, ValueError) as error:
        raise MalformedResponseError from error
    if not 100 <= status <= 599:  # noqa: PLR2004 -- HTTP
        raise MalformedResponseError
    return status


def _response_body(result: dict[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        return json.dumps(body, separators=(",", ":")).encode()
    if result.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedResponseError from error


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
