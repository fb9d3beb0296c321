"""One accepted connection: a blocking socket that loses patience with a silent peer.

Python's own timeouts ask ``poll`` before every call, and let go of the interpreter for that; those
of the system, ``SO_RCVTIMEO``, cost nothing: https://man7.org/linux/man-pages/man7/socket.7.html
"""

from __future__ import annotations

import os
import socket
import struct
from contextlib import contextmanager
from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer


class Connection(RawIOBase):
    """Sends, and is read as a raw stream; whoever stands still is a ``TimeoutError``."""

    def __init__(self, accepted: socket.socket, patience_seconds: float) -> None:
        super().__init__()
        self._socket = accepted
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted.settimeout(None)
        self.be_patient(patience_seconds)

    def be_patient(self, seconds: float) -> None:
        """Wait as long for the peer, at each step."""
        whole, rest = divmod(seconds, 1)
        interval = struct.pack("@ll", int(whole), int(rest * 1_000_000))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, interval)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read what has arrived; 0 is the end."""
        with _patience():
            return self._socket.recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        with _patience():
            self._socket.sendall(data)

    def send_file(self, file: BinaryIO, length: int) -> int:
        """Send so much of an open file, from where it stands; less only if it ends before."""
        offset, left = file.tell(), length
        with _patience():
            while left and (
                sent := os.sendfile(self._socket.fileno(), file.fileno(), offset, left)
            ):
                offset += sent
                left -= sent
        return length - left

    def end_sending(self) -> None:
        """Tell the peer that nothing more will come."""
        self._socket.shutdown(socket.SHUT_WR)


@contextmanager
def _patience() -> Iterator[None]:
    try:
        yield
    except BlockingIOError as error:  # the system's word for a timeout of a blocking socket
        raise TimeoutError("the peer stands still") from error
