"""An execution environment that is not forked: the same worker in an interpreter of its own.

The emulator starts it where ``fork`` is unsafe. Its first frame is the configuration.
"""

from __future__ import annotations

import signal
import site
import socket

from . import wire, worker


def main(control_descriptor: int) -> None:
    """Become the environment that the first frame describes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    site.setquit()  # Python was started without `site`; handlers may call exit() all the same
    control = socket.socket(fileno=control_descriptor)
    configuration, _ = wire.receive(control)
    worker.run(configuration, control)
