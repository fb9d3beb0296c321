"""S3 killed 50 times under a mixed load: the test of it, for longer than a test may take."""

from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.storage.peers import ROOT

if TYPE_CHECKING:
    from benchmarks.storage.peers import Target

KILLS = 50


def run(targets: list[Target]) -> None:
    """Print the verdict."""
    del targets  # it starts and kills a process of its own
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-o", "timeout=0"]
    started = perf_counter()
    done = subprocess.run(
        [*command, "tests/integration/test_s3_crash.py"],
        env={**os.environ, "S3_KILLS": str(KILLS)},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    verdict = done.stdout.decode().strip().rpartition("\n")[2]
    name = f"emulator: S3 killed {KILLS} times under load"
    print(f"{name:<58} {perf_counter() - started:8.1f} s   ({verdict})")
