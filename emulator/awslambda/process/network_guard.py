"""Stops calls to real AWS: a handler that means the emulated services must not reach others' data.

SDKs find the emulator by ``AWS_ENDPOINT_URL``; what names an endpoint of AWS all the same is
stopped when its host is looked up, so that nothing else pays for it.
Other hosts are the developer's own business: databases, mocks, the internet.
Not seen: other programs that a handler starts, and connections to plain addresses of AWS.
"""

from __future__ import annotations

import fnmatch
import os
import re
import socket
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Endpoints of the services, and 169.254…, where credentials of machines and containers come from.
_AWS = re.compile(
    r"(?:.+\.)?(?:amazonaws\.(?:com(?:\.cn)?|eu)|api\.aws|on\.aws)|"
    r"169\.254\.\d+\.\d+",
    re.IGNORECASE,
)
ALLOWED_HOSTS_FILE = "allowed-hosts"


class RealAwsCallError(RuntimeError):
    """A call to AWS itself; no ``OSError``, which SDKs would take for a reason to try again."""


def install(runtime_directory: Path) -> None:
    """Guard the look-up of hosts in this process.

    Args:
        runtime_directory: holds the file with the hosts that the user allows, if any.
    """
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, _guarded(getattr(socket, name), runtime_directory))


def _guarded(look_up: Callable[..., Any], runtime_directory: Path) -> Callable[..., Any]:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode("latin-1") if isinstance(host, bytes) else host
        if name and _AWS.fullmatch(name.rstrip(".")) and not _allowed(name, runtime_directory):
            raise _stopped(name)
        return look_up(host, *arguments, **options)

    return guarded


def _allowed(host: str, runtime_directory: Path) -> bool:
    try:
        patterns = (runtime_directory / ALLOWED_HOSTS_FILE).read_text().split()
    except OSError:
        return False
    return any(fnmatch.fnmatchcase(host.rstrip(".").lower(), pattern) for pattern in patterns)


def _stopped(host: str) -> RealAwsCallError:
    message = (
        f"the emulator stopped a call to {host}, which is AWS itself: leave the endpoint to"
        f" AWS_ENDPOINT_URL ({os.environ.get('AWS_ENDPOINT_URL', 'not set')}) to have it emulated,"
        f" or allow it with `emulator up --allow-host {host}`"
    )
    sys.stderr.write(f"[WARN] {message}\n")
    return RealAwsCallError(message)
