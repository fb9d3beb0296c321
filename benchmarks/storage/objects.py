"""S3: small and large objects, by boto3 and by raw sockets, beside the limits of disk and loopback.

boto3 is most of what a small call by it costs; the raw rows send presigned requests over a kept
socket. The peers hold bodies in memory, so that only the emulator gets the large object.
"""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
import threading
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.figures import rate_of, rate_row, row, times_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.storage.peers import Target

COUNT = 200
ROUNDS = 5
CLIENTS = 8
SIZES = {"1 KB": 1024, "1 MB": 1 << 20}
LARGE_BYTES = 5 << 30
BUCKET = "bucket"
_PIECE = bytes(range(256)) * 4096  # 1 MB


def run(targets: list[Target]) -> None:
    """Print the rows."""
    for target in targets:
        target.client("s3").create_bucket(Bucket=BUCKET)
    for name, size in SIZES.items():
        for clients in (1, CLIENTS):
            _hash_limit(name, size, clients)
        for method in ("put", "get"):
            _by_boto3(targets, method, name, size)
            for clients in (1, CLIENTS):
                _raw(targets, method, name, size, clients)
    _large(targets[0])


def _by_boto3(targets: list[Target], method: str, name: str, size: int) -> None:
    body = os.urandom(size)

    def work_of(target: Target) -> Callable[[], object]:
        client = target.client("s3")
        client.put_object(Bucket=BUCKET, Key="k", Body=body)

        def put() -> None:
            client.put_object(Bucket=BUCKET, Key="k", Body=body)

        def get() -> None:
            client.get_object(Bucket=BUCKET, Key="k")["Body"].read()

        return put if method == "put" else get

    works = {target.name: work_of(target) for target in targets}
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in _turns(works):
        times[turn] += times_of(works[turn], COUNT // ROUNDS)
    for target, taken in times.items():
        row(f"{target}: {method}_object {name}, boto3", taken)


def _raw(targets: list[Target], method: str, name: str, size: int, clients: int) -> None:
    def make_for(target: Target) -> Callable[[], Callable[[], object]]:
        def make() -> Callable[[], object]:
            key = f"raw-{threading.get_ident()}-{os.urandom(4).hex()}"
            client, body = target.client("s3"), os.urandom(size)
            client.put_object(Bucket=BUCKET, Key=key, Body=body)
            connection = _Connection(target, client, method, key)
            return lambda: connection.call(body if method == "put" else b"")

        return make

    # The more clients, the more a request may cost before it is unbearable.
    each = (400 if size < 1 << 20 else 60) // clients * 2
    works = {target.name: make_for(target) for target in targets}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in _turns(works):
        seconds[turn].append(rate_of(works[turn], clients, each))
    for target, taken in seconds.items():
        label = f"{target}: {method} {name}, raw, {clients} client{'s'[: clients > 1]}"
        rate_row(label, clients * each, median(taken))


def _turns(names: Iterable[str]) -> Iterator[str]:
    """Give each target its turn in every round, so that what else the machine does hits all."""
    order = list(names)
    for _ in range(ROUNDS):
        yield from order
        order.reverse()


def _hash_limit(name: str, size: int, clients: int) -> None:
    """Print how many ETags can be computed, which every answer to a PUT needs one of."""
    body = os.urandom(size)

    def make() -> Callable[[], object]:
        return lambda: hashlib.md5(body, usedforsecurity=False).digest()

    seconds = rate_of(make, clients, COUNT)
    label = f"limit: MD5 of {name}, {clients} thread{'s'[: clients > 1]}"
    rate_row(label, clients * COUNT, seconds)


class _Connection:
    """A kept socket that repeats one presigned request."""

    def __init__(self, target: Target, client: Any, method: str, key: str) -> None:
        url = client.generate_presigned_url(
            f"{method}_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=3600
        )
        parts = urlsplit(url)
        self._line = f"{method.upper()} {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}"
        where = urlsplit(target.url)
        self._address = (str(where.hostname), int(where.port or 80))
        self._buffer = bytearray(1 << 20)
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def begin(self, length: int) -> None:
        """Send the head of a request."""
        head = f"{self._line}\r\nContent-Length: {length}\r\n\r\n"
        self._socket.sendall(head.encode())

    def send(self, piece: bytes) -> None:
        """Send a piece of a body."""
        self._socket.sendall(piece)

    def end(self) -> int:
        """Read the answer, and drop its body; give the body's length."""
        head = b""
        while b"\r\n\r\n" not in head:
            more = self._socket.recv(65_536)
            if not more:
                raise ConnectionError(head)
            head += more
        head, _, rest = head.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head)
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        )
        left = length - len(rest)
        while left > 0:
            left -= self._socket.recv_into(self._buffer, min(left, len(self._buffer)))
        if b"connection: close" in head.lower():  # a new one for the next is part of the cost
            self._socket.close()
            self._connect()
        return length

    def call(self, body: bytes) -> None:
        """Send a whole request and read the answer."""
        head = f"{self._line}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        self._socket.sendall(head + body)
        self.end()


def _large(target: Target) -> None:
    pieces = LARGE_BYTES // len(_PIECE)
    megabytes = LARGE_BYTES / 1e6

    def report(name: str, started: float) -> None:
        seconds = perf_counter() - started
        print(f"{name:<58} {megabytes / seconds:8.0f} MB/s   ({seconds:.1f} s)")

    with tempfile.NamedTemporaryFile(prefix="benchmark-") as file:
        started = perf_counter()
        for _ in range(pieces):
            file.write(_PIECE)
        file.flush()
        report("limit: the same stream written to a file", started)
    started = perf_counter()
    _loopback(pieces)
    report("limit: the same stream over a loopback socket", started)
    client = target.client("s3")
    target.forget_peak()
    put = _Connection(target, client, "put", "large")
    started = perf_counter()
    put.begin(LARGE_BYTES)
    for _ in range(pieces):
        put.send(_PIECE)
    put.end()
    report(f"{target.name}: PUT of {LARGE_BYTES >> 30} GB", started)
    get = _Connection(target, client, "get", "large")
    started = perf_counter()
    get.begin(0)
    get.end()
    report(f"{target.name}: GET of {LARGE_BYTES >> 30} GB", started)
    print(f"{target.name + ': peak of resident memory meanwhile':<58} {_mb(target.peak_bytes())}")
    client.delete_object(Bucket=BUCKET, Key="large")


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:8.0f} MB"


def _loopback(pieces: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_swallow, args=(server,))
        thread.start()
        with socket.create_connection(server.getsockname()) as sender:
            for _ in range(pieces):
                sender.sendall(_PIECE)
        thread.join()


def _swallow(server: socket.socket) -> None:
    buffer = bytearray(1 << 20)
    connection, _ = server.accept()
    with connection:
        while connection.recv_into(buffer):
            pass
