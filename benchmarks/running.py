"""One ``emulator up`` on free ports, as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class Running:
    """A running emulator; ``ready_seconds`` is how long it took."""

    def __init__(self, folder: Path, template: Path, *options: str) -> None:
        ready_file = folder / "ready.json"
        ready_file.unlink(missing_ok=True)
        place = ["--data-dir", str(folder / "data"), "--ready-file", str(ready_file)]
        command = [sys.executable, "-m", "emulator", "up", "--template", str(template)]
        self.started = perf_counter()
        self.process = subprocess.Popen(
            [*command, "--api-port", "0", "--aws-port", "0", *place, *options],
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
        )
        while not ready_file.exists():
            if self.process.poll() is not None:
                raise RuntimeError("the emulator did not start")
            time.sleep(0.002)
        self.ready_seconds = perf_counter() - self.started
        self.ready: dict[str, Any] = json.loads(ready_file.read_text())
        self.api = next(iter(self.ready["stages"].values()), "")

    def stop(self) -> None:
        """End it, and wait for that."""
        self.process.terminate()
        self.process.wait()
