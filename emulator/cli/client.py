"""How the other commands talk to a running emulator: its control API and its Lambda API."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from emulator.data_folder import read_announcement
from emulator.errors import EmulatorError

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_URL = "http://127.0.0.1:4566"
_PATIENCE_SECONDS = 30.0
_LONGEST_INVOCATION_SECONDS = 900.0


def find_url(url: str | None, data_folder: Path) -> str:
    """Tell where the emulator answers: as chosen, as its data folder says, else the default."""
    ready = read_announcement(data_folder) or {}
    return (url or ready.get("aws") or DEFAULT_URL).rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvokeAnswer:
    """What the Lambda API answered."""

    status: int
    payload: bytes
    function_error: str | None
    log: str


class Client:
    """Calls one running emulator.

    Raises:
        EmulatorError: from every call, when nothing answers or the call is refused.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise EmulatorError(f"{url!r} is no URL of an emulator: write http://127.0.0.1:PORT")
        self._host, self._port = parts.hostname, parts.port or 80

    def get(self, call: str) -> dict[str, Any]:
        """Ask the control API."""
        return self._control("GET", call, None, _PATIENCE_SECONDS)[1]

    def post(self, call: str, document: dict[str, Any]) -> dict[str, Any]:
        """Tell the control API to do something."""
        return self._control("POST", call, document, _PATIENCE_SECONDS)[1]

    def idle(self, timeout_seconds: float) -> list[str]:
        """Wait until every event was handled; give what still runs."""
        status, answer = self._control(
            "POST", "idle", {"timeout": timeout_seconds}, timeout_seconds + _PATIENCE_SECONDS
        )
        return answer["running"] if status == http.HTTPStatus.REQUEST_TIMEOUT else []

    def logs(self, wait_seconds: float = 0, **query: str | int | None) -> dict[str, Any]:
        """Read a page of the log, waiting for it if need be."""
        return self._page("logs", wait_seconds, query)

    def trace(self, wait_seconds: float = 0, **query: str | int | None) -> dict[str, Any]:
        """Read what happened, waiting for it if need be."""
        return self._page("trace", wait_seconds, query)

    def invoke(self, function: str, payload: bytes, *, asynchronous: bool) -> InvokeAnswer:
        """Invoke a function."""
        status, headers, body = self._request(
            "POST",
            f"/2015-03-31/functions/{quote(function, safe='')}/invocations",
            payload,
            {
                "X-Amz-Invocation-Type": "Event" if asynchronous else "RequestResponse",
                "X-Amz-Log-Type": "None" if asynchronous else "Tail",
            },
            _LONGEST_INVOCATION_SECONDS,
        )
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise EmulatorError(_message(body))
        log = base64.b64decode(headers.get("X-Amz-Log-Result", "")).decode(errors="replace")
        return InvokeAnswer(
            status=status,
            payload=body,
            function_error=headers.get("X-Amz-Function-Error"),
            log=log,
        )

    def _page(
        self, call: str, wait_seconds: float, query: dict[str, str | int | None]
    ) -> dict[str, Any]:
        given = {name: value for name, value in query.items() if value is not None}
        call = f"{call}?{urlencode({**given, 'wait': f'{wait_seconds:g}'})}"
        return self._control("GET", call, None, wait_seconds + _PATIENCE_SECONDS)[1]

    def _control(
        self, method: str, call: str, document: dict[str, Any] | None, timeout: float
    ) -> tuple[int, dict[str, Any]]:
        body = None if document is None else json.dumps(document).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        status, _, answer = self._request(method, f"/_emulator/{call}", body, headers, timeout)
        if status not in {http.HTTPStatus.OK, http.HTTPStatus.REQUEST_TIMEOUT}:
            raise EmulatorError(_message(answer))
        return status, json.loads(answer)

    def _request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], timeout: float
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise EmulatorError(
                f"no emulator answers at {self._url}: {error}"
                " (start one with `emulator up --template FILE`, or name it with --url)"
            ) from error
        finally:
            connection.close()


def _message(body: bytes) -> str:
    try:
        document = json.loads(body)
        return str(document.get("message") or document.get("Message"))
    except (ValueError, AttributeError):
        return f"the answer is not an emulator's: {body[:200]!r}"
