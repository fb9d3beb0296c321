"""The control API over HTTP, on the AWS listener below ``/_emulator``.

| call | does |
|---|---|
| ``GET /_emulator/`` | a page for people: what runs, with buttons for the calls below |
| ``GET /_emulator/health`` | says what runs, where, and what each schedule waits for |
| ``GET /_emulator/clock`` | tells the time |
| ``GET /_emulator/logs?function=F&since=5m&after=N&wait=S`` | gives a page of the log |
| ``GET /_emulator/trace?trace_id=T&after=N&limit=L&wait=S`` | gives what happened, or one trace |
| ``POST /_emulator/clock {"advance": "2h"}`` | moves it; ``{"reset": true}`` is real time again |
| ``POST /_emulator/fire {"function": "Expire"}`` | fires a schedule now |
| ``POST /_emulator/idle {"timeout": 5}`` | waits until every event was handled; 408 with the rest |
| ``POST /_emulator/reset`` | empties the application: objects, items, events, clock |
| ``POST /_emulator/reset {"table": "Files"}`` | empties one DynamoDB table |

Web pages must not be able to call it: a request is refused when it names another host, comes from
another origin, or is posted by a browser as anything but JSON.
"""

from __future__ import annotations

import re
import sqlite3
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request

from emulator.durations import parse_duration
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

_LOCAL_NAMES = {"127.0.0.1", "localhost", "::1"}
_LONGEST_WAIT_SECONDS = 600
_CONSOLE_POLICY = (
    "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " frame-ancestors 'none'"
)
_BROWSER_HEADERS = ("Referer", "Sec-Fetch-Mode", "Cookie")
_LONGEST_FOLLOW_SECONDS = 60


class Controlled(Protocol):
    """What the control API drives; implemented by ``stack.Stack``."""

    def health(self) -> dict[str, Any]:
        """Describe what runs."""

    def clock(self) -> dict[str, Any]:
        """Tell the time and the offset."""

    def advance_clock(self, delta: timedelta) -> dict[str, Any]:
        """Move the clock, fire what falls due, and tell the time."""

    def reset_clock(self) -> dict[str, Any]:
        """Set the clock back to real time."""

    def log_page(
        self, *, function: str | None, since: timedelta | None, after: int | None, wait: float
    ) -> dict[str, Any]:
        """Give a page of the log, waiting for it if there is nothing yet."""

    def trace_page(
        self, *, trace_id: str | None, after: int, limit: int, wait: float
    ) -> dict[str, Any]:
        """Give one trace, or the latest steps of all, waiting for one if there is none yet."""

    def fire(self, name: str) -> dict[str, Any]:
        """Fire the schedules of a function, or a rule, now."""

    def idle(self, timeout_seconds: float) -> tuple[str, ...]:
        """Wait until every event was handled; give what still runs."""

    def reset(self) -> None:
        """Empty the application."""

    def reset_table(self, name: str) -> None:
        """Empty one DynamoDB table."""


def create_app(stack: Controlled) -> Flask:
    """Make the WSGI application of the control API."""
    app = Flask(__name__, static_folder=None)
    app.before_request(_refuse_cross_site)
    app.register_error_handler(ServiceError, _render)
    app.register_error_handler(sqlite3.OperationalError, _not_written)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(405, _not_found)
    routes: dict[tuple[str, str], Callable[[], Any]] = {
        ("GET", ""): _console,
        ("GET", "health"): stack.health,
        ("GET", "clock"): stack.clock,
        ("GET", "logs"): lambda: _logs(stack),
        ("GET", "trace"): lambda: _trace(stack),
        ("POST", "clock"): lambda: _move_clock(stack),
        ("POST", "fire"): lambda: stack.fire(_member("function", str)),
        ("POST", "idle"): lambda: _idle(stack),
        ("POST", "reset"): lambda: _reset(stack),
    }
    for (method, path), view in routes.items():
        app.add_url_rule(f"/_emulator/{path}", f"{method} {path}", view, methods=[method])
    return app


def _console() -> Response:
    page = files("emulator.control").joinpath("console.html").read_bytes()
    headers = {"Content-Security-Policy": _CONSOLE_POLICY, "X-Frame-Options": "DENY"}
    return Response(page, mimetype="text/html", headers=headers)


def _move_clock(stack: Controlled) -> dict[str, Any]:
    if _document().get("reset") is True:
        return stack.reset_clock()
    return stack.advance_clock(parse_duration(_member("advance", str)))


def _logs(stack: Controlled) -> dict[str, Any]:
    since = request.args.get("since")
    after = request.args.get("after")
    return stack.log_page(
        function=request.args.get("function"),
        since=None if since is None else parse_duration(since),
        after=None if after is None else int(_number("after", after)),
        wait=min(_number("wait", request.args.get("wait", "0")), _LONGEST_FOLLOW_SECONDS),
    )


def _trace(stack: Controlled) -> dict[str, Any]:
    return stack.trace_page(
        trace_id=request.args.get("trace_id") or None,
        after=int(_number("after", request.args.get("after", "0"))),
        limit=int(_number("limit", request.args.get("limit", "100"))),
        wait=min(_number("wait", request.args.get("wait", "0")), _LONGEST_FOLLOW_SECONDS),
    )


def _number(name: str, text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,6})?", text):
        raise ServiceError("ValidationException", f"{name} must be a number, and not {text!r}")
    return float(text) if "." in text else int(text)


def _idle(stack: Controlled) -> Response | tuple[Response, int]:
    timeout = _document().get("timeout", 5)
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise ServiceError("ValidationException", "timeout must be a number of seconds")
    if not 0 <= timeout <= _LONGEST_WAIT_SECONDS:
        raise ServiceError(
            "ValidationException", f"timeout must be between 0 and {_LONGEST_WAIT_SECONDS} seconds"
        )
    running = stack.idle(float(timeout))
    if running:
        message = f"not idle after {timeout} s: " + "; ".join(running[:10])
        return jsonify(message=message, running=list(running)), 408
    return jsonify(idle=True)


def _reset(stack: Controlled) -> dict[str, Any]:
    if "table" in _document():
        stack.reset_table(_member("table", str))
    else:
        stack.reset()
    return {"reset": True}


def _document() -> dict[str, Any]:
    document = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "the body must be a JSON object")
    return document


def _member(name: str, kind: type[str]) -> str:
    value = _document().get(name)
    if not isinstance(value, kind):
        raise ServiceError(
            "ValidationException", f'the body must have the member "{name}", a string'
        )
    return value


def _refuse_cross_site() -> tuple[Response, int] | None:
    host = urlsplit(f"//{request.host}")
    origin = request.headers.get("Origin")
    foreign = (
        host.hostname not in _LOCAL_NAMES
        or (origin is not None and urlsplit(origin).netloc != request.host)
        or request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
    )
    # A form of a foreign page needs no preflight; curl sends its type, too, and is no browser.
    browser = origin is not None or any(name in request.headers for name in _BROWSER_HEADERS)
    simple = request.method == "POST" and request.mimetype not in {"", "application/json"}
    if foreign or (browser and simple):
        message = "the control API answers this machine's own tools only, in JSON"
        return jsonify(message=message), 403
    return None


def _render(error: ServiceError) -> tuple[Response, int]:
    return jsonify(message=error.message, code=error.code), error.status


def _not_written(error: Exception) -> tuple[Response, int]:
    message = f"the data folder cannot be written: {error} (make room, and try again)"
    return jsonify(message=message, code="InternalError"), 503


def _not_found(_: Exception) -> tuple[Response, int]:
    message = (
        "no such call: the control API has GET health, clock, logs and trace,"
        " POST clock, fire, idle and reset"
    )
    return jsonify(message=message), 404
