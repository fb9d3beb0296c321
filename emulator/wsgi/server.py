"""A threaded HTTP/1.1 server for WSGI applications, bound to loopback.

One thread a connection, kept alive between requests; a body is read only when the application asks
for it, so that a refused upload is refused before it is taken.
``stop`` ends what still runs and may be called twice.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from io import BufferedReader
from time import monotonic
from typing import TYPE_CHECKING, Any

from emulator.errors import StartupError
from emulator.settings import LOOPBACK
from emulator.wsgi.body import Body, ChunkedBody, ClientDisconnected
from emulator.wsgi.connection import Connection
from emulator.wsgi.request import BadRequestError, Head, read_head, to_environ
from emulator.wsgi.response import FileWrapper, Response

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedIOBase
    from wsgiref.types import StartResponse, WSGIApplication

_log = logging.getLogger(__name__)
_SILENCE_SECONDS = 120
_STOP_SECONDS = 1.0
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_SECONDS = 2.0
_LINGER_SECONDS = 0.5
_PIECE = 256 * 1024
_PAUSE_SECONDS = 0.2


class Server:
    """Serves one application on one loopback port, which is taken at once.

    Clients that connect before ``start`` wait for it.

    Args:
        name: what the listener is called in messages, for example ``API``.
        port: 0 picks a free one; see ``port`` afterwards.

    Raises:
        StartupError: the port is taken.
    """

    def __init__(self, name: str, port: int) -> None:
        self._app: WSGIApplication = _not_started
        self._name = name
        self._socket = _listen(name, port)
        self.port: int = self._socket.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._stopping = False
        self._stopped = threading.Event()
        self._acceptor = threading.Thread(target=self._accept, name=f"{name} listener")

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self, app: WSGIApplication) -> None:
        """Begin to answer, with ``app``."""
        self._app = app
        self._acceptor.start()

    def stop(self) -> None:
        """Close the port and every connection; what is being answered gets a second."""
        with self._lock:
            first, self._stopping = not self._stopping, True
        self._stopped.set()
        if first:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
        deadline = monotonic() + _STOP_SECONDS
        with self._lock:
            connections, threads = list(self._open), list(self._threads)
        for connection in connections:
            # No further request is read; one that is being answered may still be answered.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        if self._acceptor.ident is not None:
            threads.append(self._acceptor)
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        short = False
        while not self._stopping:
            try:
                connection, client = self._socket.accept()
            except OSError as error:
                # Mostly too many open files: the client waits until some are closed.
                if not short and not self._stopping:
                    reason = error.strerror or error
                    _log.error("%s listener: no more connections now: %s", self._name, reason)
                short = True
                self._stopped.wait(_PAUSE_SECONDS)
                continue
            short = False
            thread = threading.Thread(
                target=self._serve, args=(connection, client), name=f"{self._name} connection"
            )
            thread.daemon = True  # a handler that never ends must not keep the process
            with self._lock:
                self._open.add(connection)
                self._threads.add(thread)
                thread.start()  # before anybody can wait for it to end

    def _serve(self, accepted: socket.socket, client: tuple[str, int]) -> None:
        connection = Connection(accepted, _SILENCE_SECONDS)
        source = BufferedReader(connection, _PIECE)
        try:
            while not self._stopping and self._serve_one(connection, source, client):
                pass
        except (ConnectionError, TimeoutError):
            pass  # the client went away, or we are stopping
        except Exception:  # noqa: BLE001 -- the loop of a thread: one connection, not the server
            _log.exception("%s listener", self._name)
        finally:
            with self._lock:
                self._open.discard(accepted)
                self._threads.discard(threading.current_thread())
            for closing in (source, accepted):
                with contextlib.suppress(OSError):
                    closing.close()

    def _serve_one(
        self, connection: Connection, source: BufferedIOBase, client: tuple[str, int]
    ) -> bool:
        """Answer one request; tell whether the connection can take another."""
        try:
            head = read_head(source)
        except BadRequestError as error:
            refusal = Response(connection)
            refusal.start(error.status, [("Content-Type", "text/plain")])
            refusal.send([error.status.encode()])
            _linger(connection, source)
            return False
        if head is None:
            return False
        body = _body_of(head, connection, source)
        response = Response(connection, head, body)
        self._answer(head, body, response, client)
        if not response.keep_alive or not _drain(body, connection):
            _linger(connection, source)
            return False
        return True

    def _answer(self, head: Head, body: Body, response: Response, client: tuple[str, int]) -> None:
        environ = to_environ(head, server=(LOOPBACK, self.port), client=client)
        environ["wsgi.input"] = body
        environ["wsgi.file_wrapper"] = FileWrapper
        result: Any = None
        try:
            result = self._app(environ, response.start)
            response.send(result)
        except (ConnectionError, TimeoutError):
            raise
        except Exception:  # noqa: BLE001 -- a bug of an application is a 500 and a traceback
            _log.exception("%s %s", head.method, head.target)
            if response.started:
                raise ClientDisconnected("the response broke off") from None
            response.start("500 Internal Server Error", [("Content-Type", "text/plain")])
            response.send([b"Internal Server Error"])
        finally:
            if hasattr(result, "close"):
                result.close()


def _not_started(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    del environ
    start_response("503 Service Unavailable", [])
    return []


def _listen(name: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise StartupError(
            f"port {port} of the {name} listener cannot be used: "
            f"{getattr(error, 'strerror', None) or error}"
            f" (choose another with --{name.lower()}-port, or 0 for any free one)"
        ) from error
    listener.listen(512)
    return listener


def _body_of(head: Head, connection: Connection, source: BufferedIOBase) -> Body:
    def send_continue() -> None:
        if head.expects_continue:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    if head.content_length is None:
        return ChunkedBody(source, send_continue)
    return Body(source, head.content_length, send_continue)


def _drain(body: Body, connection: Connection) -> bool:
    """Read what the application left of the body; tell whether the next request can follow."""
    if body.exhausted:
        return True
    connection.be_patient(_DRAIN_SECONDS)
    deadline = monotonic() + _DRAIN_SECONDS
    left = _DRAIN_BYTES
    while left > 0 and monotonic() < deadline and not body.exhausted:
        left -= len(body.read(_PIECE))
    connection.be_patient(_SILENCE_SECONDS)
    return body.exhausted


def _linger(connection: Connection, source: BufferedIOBase) -> None:
    """Let the client read the answer before the connection goes, though it may still send."""
    deadline = monotonic() + _DRAIN_SECONDS
    with contextlib.suppress(OSError):  # it may have gone already
        connection.end_sending()
        connection.be_patient(_LINGER_SECONDS)
        while monotonic() < deadline and source.read1(_PIECE):
            pass
