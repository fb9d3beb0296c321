"""Which zygote an environment is forked from: one with boto3 loaded, or a bare one.

Code that ships its own boto3 must find that one first, so that nothing may be loaded before it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from emulator.awslambda.zygote_process import ZygoteProcess

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_PRELOADED = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")


class Zygotes:
    """The parents of the environments, started as they are needed."""

    def __init__(self, runtime_directory: Path) -> None:
        self._runtime_directory = runtime_directory
        self._by_preload: dict[bool, ZygoteProcess] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def start(self) -> None:
        """Start the usual one; it boots while the emulator goes on."""
        self._get(preload=True)

    def stop(self) -> None:
        """End them, and every environment with them."""
        with self._lock:
            self._stopped = True
            zygotes = list(self._by_preload.values())
        for zygote in zygotes:
            zygote.stop()

    def for_code(self, folders: Iterable[Path]) -> ZygoteProcess:
        """Give the zygote for code in these folders."""
        brings_its_own = any((folder / name).exists() for folder in folders for name in _PRELOADED)
        return self._get(preload=not brings_its_own)

    def _get(self, *, preload: bool) -> ZygoteProcess:
        with self._lock:
            if self._stopped:
                raise ChildProcessError("the emulator is stopping")
            if preload not in self._by_preload:
                zygote = ZygoteProcess([self._runtime_directory], preload=preload)
                zygote.start()
                self._by_preload[preload] = zygote
            return self._by_preload[preload]
