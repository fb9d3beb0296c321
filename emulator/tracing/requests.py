"""How a request to an AWS service becomes a step of the trace.

A service that refuses says why in ``environ[REFUSAL]``: clients are told less than that, or in a
form that would have to be parsed.
The duration is the time until the answer begins: an upload is in it, a download is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication

    from emulator.tracing.trace import Step, Trace

REFUSAL = "emulator.refusal"
_REQUEST_IDS = frozenset({"x-amz-request-id", "x-amzn-requestid"})
_FIRST_REFUSAL = "400"


def answer_traced(
    trace: Trace,
    source: str,
    app: WSGIApplication,
    environ: dict[str, Any],
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Let a service answer a request, and note it."""
    with trace.step(source, _subject(environ), environ.get("HTTP_X_AMZN_TRACE_ID")) as step:

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            _note(step, status, headers)
            return start_response(status, headers, *error)

        body = app(environ, start)
        step.reason = environ.get(REFUSAL, step.reason)
    return body


def _note(step: Step, status: str, headers: list[tuple[str, str]]) -> None:
    step.outcome = status[:3]
    named = ((name.lower(), value) for name, value in headers)
    step.request_id = next((value for name, value in named if name in _REQUEST_IDS), "")
    if status >= _FIRST_REFUSAL:
        types = (value for name, value in headers if name.lower() == "x-amzn-errortype")
        step.reason = next(types, status[4:])


def _subject(environ: dict[str, Any]) -> str:
    """Name the operation, or the method and path; a query may hold a signature."""
    operation: str = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[2]
    path: str = environ.get("RAW_URI", environ["PATH_INFO"])
    return operation or f"{environ.get('REQUEST_METHOD', '')} {path.partition('?')[0]}"
