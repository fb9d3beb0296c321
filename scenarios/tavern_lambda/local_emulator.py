"""An emulator of a scenario run: a process on free ports that keeps nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

_START_SECONDS = 60
_STOP_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A folder of scenarios and the parameters that the template gets for them."""

    template: Path
    folder: str
    parameters: tuple[str, ...]

    @classmethod
    def parse(cls, line: str, template: Path) -> Configuration:
        """Read a line like ``scenarios/store_on_load: StoreOnLoad=True``."""
        folder, _, parameters = line.partition(":")
        return cls(template=template, folder=folder.strip(), parameters=tuple(parameters.split()))


class LocalEmulator:
    """A running emulator; it ends with this process, however that ends.

    Raises:
        pytest.UsageError: it does not start; with what it printed.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="scenarios-")
        ready_file = Path(self._folder.name) / "ready.json"
        self._log_file = Path(self._folder.name) / "emulator.log"
        command = [sys.executable, "-m", "emulator", "up"]
        command += ["--template", str(configuration.template)]
        command += ["--api-port", "0", "--aws-port", "0", "--ephemeral", "--exit-on-stdin-eof"]
        command += ["--ready-file", str(ready_file)]
        for parameter in configuration.parameters:
            command += ["--parameter", parameter]
        with self._log_file.open("wb") as log:
            # Its standard input ends when this process does, even by kill -9.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )
        self._wait_for(ready_file)
        ready = json.loads(ready_file.read_text())
        self._control = f"{ready['aws']}/_emulator"
        self.variables = {
            # An application without an API has functions to invoke, still.
            "TEST_HOST": next(iter(ready["stages"].values()), ready["api"]),
            "TEST_API_KEY": ready["api_key"],
            "EMULATOR_URL": ready["aws"],
            "AWS_ENDPOINT_URL": ready["aws"],
            "AWS_DEFAULT_REGION": ready["region"],
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def reset(self) -> None:
        """Empty the application."""
        request = urllib.request.Request(  # noqa: S310 -- our own emulator, on loopback
            f"{self._control}/reset",
            data=b"{}",
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 -- the same
            response.read()

    def stop(self) -> None:
        """End it; twice does no harm."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def _wait_for(self, ready_file: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not ready_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                printed = self._log_file.read_text(errors="replace")
                self.stop()
                raise pytest.UsageError(f"the emulator did not start:\n{printed}")
            time.sleep(0.01)  # a process that starts has no other sign
