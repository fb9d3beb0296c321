"""What the HTTP server itself costs: an empty application, client and server in one process."""

from __future__ import annotations

import http.client
import socket
import threading
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from benchmarks.figures import row, times_of
from emulator.wsgi import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COUNT = 2000


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _app(_: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b"{}"]


def main() -> None:
    """Print the rows."""
    server = Server("bench", 0)
    server.start(_app)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def request() -> None:
        connection.request("GET", "/")
        connection.getresponse().read()

    row("our listener, http.client, keep-alive", times_of(request, COUNT))
    with socket.create_connection(("127.0.0.1", server.port)) as raw:

        def send() -> None:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r\n")
            raw.recv(65_536)

        row("our listener, raw socket, keep-alive", times_of(send, COUNT))
    connection.close()
    server.stop()
    _peer()


def _peer() -> None:
    peer = make_server("127.0.0.1", 0, _app, handler_class=_Quiet)
    thread = threading.Thread(target=peer.serve_forever)
    thread.start()

    def request() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", peer.server_port)
        connection.request("GET", "/")
        connection.getresponse().read()
        connection.close()

    row("peer: wsgiref, http.client, a connection each", times_of(request, COUNT))
    peer.shutdown()
    thread.join()
    peer.server_close()
