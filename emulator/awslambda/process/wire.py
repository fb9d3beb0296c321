"""Frames on a stream socket: two lengths, a JSON header, raw bytes.

The body of a frame is never copied into the header: payloads are up to 6 MB.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socket import socket

_LENGTHS = struct.Struct(">II")
_LARGEST_PIECE = 1 << 20


def send(sock: socket, header: dict[str, Any], body: bytes = b"") -> None:
    """Send one frame."""
    head = json.dumps(header, separators=(",", ":")).encode()
    sock.sendall(_LENGTHS.pack(len(head), len(body)) + head + body)


def receive(sock: socket) -> tuple[dict[str, Any], bytes]:
    """Receive one frame.

    Raises:
        EOFError: the other side has gone.
    """
    head_length, body_length = _LENGTHS.unpack(_read(sock, _LENGTHS.size))
    return json.loads(_read(sock, head_length)), _read(sock, body_length)


def _read(sock: socket, count: int) -> bytes:
    pieces = []
    while count:
        piece = sock.recv(min(count, _LARGEST_PIECE))
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
