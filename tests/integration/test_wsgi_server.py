"""The server over real sockets: what HTTP/1.1 asks of it, and what broken clients do to it."""

import errno
import http.client
import io
import logging
import socket
import struct
from pathlib import Path

import pytest

from emulator.errors import StartupError
from emulator.wsgi import ClientDisconnected, Server, StaticPages


class Recorder:
    """An application that answers with what it read and keeps how its reading ended."""

    def __init__(self):
        self.environs = []
        self.ended = None

    def __call__(self, environ, start_response):
        self.environs.append(environ)
        if environ["PATH_INFO"] == "/refuse":
            start_response("403 Forbidden", [])
            return [b"no"]
        if environ["PATH_INFO"] == "/bug":
            raise RuntimeError("a bug")
        try:
            body = environ["wsgi.input"].read()
        except ClientDisconnected as error:
            self.ended = error
            raise
        start_response("200 OK", [("X-Mixed-Case", "1")])
        return iter([body[:3], body[3:]]) if environ["PATH_INFO"] == "/stream" else [body]


@pytest.fixture
def app():
    return Recorder()


@pytest.fixture
def server(app):
    server = Server("API", 0)
    server.start(app)
    yield server
    server.stop()


@pytest.fixture
def connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    yield connection
    connection.close()


def exchange(server, raw):
    """Send raw bytes and read until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(raw)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_tls_is_refused_at_once(server):
    """A browser that was told https gets an end, instead of a server that waits for a line."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400 Bad Request")


def test_keep_alive(connection):
    """Requests follow each other on one connection, whatever their bodies were."""
    for path in ("/echo", "/stream", "/refuse", "/echo"):
        connection.request("POST", path, body=b"x" * 100_000)
        response = connection.getresponse()
        expected = b"no" if path == "/refuse" else b"x" * 100_000

        assert expected == response.read()


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\nConnection: close", b"GET / HTTP/1.0"])
def test_close(server, head):
    """A client that wants the connection closed sees its end without closing it itself."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(head + b"\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert b"Connection: close" in answer


def test_raw_headers(connection, app):
    """Names keep their case, repetitions their order, and the target stays undecoded."""
    connection.putrequest("GET", "/a%2Fb//c?q=%20+", skip_accept_encoding=True)
    connection.putheader("X-My_Key", "1")
    connection.putheader("x-my_key", "2")
    connection.endheaders()
    connection.getresponse().read()
    environ = app.environs[0]

    assert environ["emulator.raw_headers"][1:] == (("X-My_Key", "1"), ("x-my_key", "2"))
    assert (environ["RAW_URI"], environ["PATH_INFO"]) == ("/a%2Fb//c?q=%20+", "/a/b//c")


def test_chunked_request(connection):
    """A chunked body arrives decoded."""
    connection.request("POST", "/", body=iter([b"ab", b"cdef", b"g"]), encode_chunked=True)

    assert connection.getresponse().read() == b"abcdefg"


def test_pipelined_requests(server):
    """A second request in the same packet is answered after the first."""
    answers = exchange(
        server, b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\n\r\n"
    )

    assert answers.count(b"HTTP/1.1 200 OK") == 2


def test_continue_after_acceptance_only(server):
    """100 Continue is sent when the body is read, and not at all to a request that is refused."""
    head = b"POST %b HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"

    refused = exchange(server, head % b"/refuse")
    assert refused.startswith(b"HTTP/1.1 403")
    assert b"\r\nConnection: close\r\n" in refused  # the body may follow all the same
    assert exchange(server, head % b"/" + b"ok").startswith(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    ],
)
def test_short_body(server, app, raw):
    """A body that ends early is an error for its reader and gets no answer."""
    assert exchange(server, raw) == b""
    assert isinstance(app.ended, ClientDisconnected)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 4_000_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na", b"400"),
    ],
    ids=["nonsense", "long", "very long", "two lengths", "negative", "length and chunked"],
)
def test_malformed_request(server, raw, status):
    """What is not HTTP is refused, and the server goes on."""
    assert exchange(server, raw).startswith(b"HTTP/1.1 " + status)
    assert exchange(server, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_bug_of_an_application(connection, caplog):
    """An exception becomes a 500 and a traceback in the log."""
    connection.request("GET", "/bug")

    assert connection.getresponse().status == 500
    assert "RuntimeError: a bug" in caplog.text


def test_head_has_no_body(connection):
    """HEAD gets the headers of GET and nothing more."""
    connection.request("HEAD", "/refuse")
    response = connection.getresponse()

    assert (response.getheader("Content-Length"), response.read()) == ("2", b"")


def test_port_in_use(server):
    """A taken port is named, with the remedy."""
    with pytest.raises(StartupError, match=f"port {server.port} of the API listener.*--api-port"):
        Server("API", server.port)


def test_stop_twice_and_before_start():
    """Stopping needs no start and may be repeated."""
    server = Server("API", 0)
    server.stop()
    server.stop()


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "web"
    root.mkdir()
    (root / "index.html").write_text("<p>page")
    (root / "link").symlink_to(tmp_path / "secret.txt")
    return StaticPages(root, {"/emulator.json": lambda: b"{}"})


def get(app, path, method="GET", **headers):
    """Call an application without a socket: status and body."""
    statuses = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(), **headers}
    body = app(environ, lambda status, headers: statuses.append((status, dict(headers))))
    try:
        return *statuses[0], b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()


def test_static_page(pages):
    """A folder answers with its index, as HTML that is always revalidated."""
    status, headers, body = get(pages, "/")

    assert (status, body) == ("200 OK", b"<p>page")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    unchanged = get(pages, "/", HTTP_IF_MODIFIED_SINCE=headers["Last-Modified"])
    assert unchanged[0] == "304 Not Modified"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/link", "/%00", "/\x00", "/none", "/\xff", "//etc/passwd"]
)
def test_nothing_outside_the_folder(pages, path):
    """Neither dots nor links lead out of the folder."""
    assert get(pages, path)[0] == "404 Not Found"


def test_static_pages_only_read(pages):
    """Only GET and HEAD are answered."""
    assert get(pages, "/", method="POST")[0] == "405 Method Not Allowed"


def test_large_file(tmp_path):
    """A file goes out whole, by sendfile."""
    content = bytes(range(256)) * 20_000
    Path(tmp_path, "big.bin").write_bytes(content)
    server = Server("web", 0)
    server.start(StaticPages(tmp_path))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/big.bin")

    assert connection.getresponse().read() == content
    connection.close()
    server.stop()


class Exhausted(socket.socket):
    """A listening socket whose process has no more files, as often as is said."""

    failures = 0

    def accept(self):
        """Fail, or accept."""
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_too_many_connections(app, caplog):
    """While no further file can be opened clients wait, and one line says why."""
    server = Server("API", 0)
    server._socket = Exhausted(fileno=server._socket.detach())
    server._socket.failures = 2
    server.start(app)
    answer = exchange(server, b"GET / HTTP/1.0\r\n\r\n")
    server.stop()

    assert answer.startswith(b"HTTP/1.1 200")
    assert [record.message for record in caplog.records] == [
        "API listener: no more connections now: Too many open files"
    ]


def test_a_client_that_resets_the_connection(server, caplog):
    """Who tears the connection down while it is refused is no fault of ours."""
    caplog.set_level(logging.ERROR)
    for _ in range(20):
        client = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b"GET / HTTP/9.9\r\n\r\n")
        client.close()
    server.stop()

    assert caplog.records == []
