"""What is measured: this emulator and its peers, each a process of its own on a free port.

The peers are installed from PyPI into an environment that goes with the run, never into the
project's; one that cannot be installed is skipped with a line that says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
# Stock moto is the version that the emulator builds on, so that the rows differ by our work alone.
MOTO = "moto[server,dynamodb,s3]==5.2.5"
_START_SECONDS = 60
_STOP_SECONDS = 5
_TEMPLATE = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "bucket"}},
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One running server."""

    name: str
    url: str
    process: subprocess.Popen[bytes]

    def client(self, service: str) -> Any:
        """Make a boto3 client that talks to it; clients are not shared between threads."""
        return boto3.session.Session().client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
                read_timeout=600,
            ),
        )

    def memory_bytes(self) -> int:
        """Tell its resident memory now, all processes of it together."""
        return sum(_status_bytes(pid, "VmRSS") for pid in self._pids())

    def peak_bytes(self) -> int:
        """Tell the most that its main process ever had, since ``forget_peak``."""
        return _status_bytes(self.process.pid, "VmHWM")

    def forget_peak(self) -> None:
        """Let ``peak_bytes`` begin anew: https://man7.org/linux/man-pages/man5/proc.5.html."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def describe_memory(self) -> str:
        """Write both figures."""
        return f"{self.memory_bytes() / 1e6:8.0f} MB, {self.peak_bytes() / 1e6:.0f} MB"

    def _pids(self) -> list[int]:
        found, waiting = [self.process.pid], [self.process.pid]
        while waiting:
            for listed in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    below = [int(child) for child in listed.read_text().split()]
                    found += below
                    waiting += below
        return found


@contextmanager
def start_targets(folder: Path) -> Iterator[list[Target]]:
    """Start the emulator and every peer that can be installed; all are gone afterwards."""
    # Without this, a SIGTERM would end us and leave them.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with ExitStack() as closing:
        targets = [closing.enter_context(_emulator(folder / "emulator"))]
        environment = _install(folder / "peers")
        if environment is not None:
            targets += [
                closing.enter_context(start(environment, folder))
                for start in (_moto_server, _ministack)
            ]
        yield targets


@contextmanager
def _emulator(folder: Path) -> Iterator[Target]:
    folder.mkdir()
    template, ready_file = folder / "template.json", folder / "ready.json"
    template.write_text(json.dumps(_TEMPLATE))
    command = [sys.executable, "-m", "emulator", "up", "--template", str(template)]
    place = ["--data-dir", str(folder / "data"), "--ready-file", str(ready_file)]
    command += ["--api-port", "0", "--aws-port", "0", *place]
    with _running(command, os.environ.copy(), ROOT) as process:
        _wait(ready_file.exists, process, "the emulator")
        url = json.loads(ready_file.read_text())["aws"]
        yield Target(name="emulator", url=url, process=process)


@contextmanager
def _moto_server(environment: Path, folder: Path) -> Iterator[Target]:
    port = _free_port()
    command = [str(environment / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with _peer("moto_server", command, {}, port, folder) as target:
        yield target


@contextmanager
def _ministack(environment: Path, folder: Path) -> Iterator[Target]:
    port = _free_port()
    variables = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "LOG_LEVEL": "ERROR"}
    command = [str(environment / "bin" / "ministack")]
    with _peer("ministack", command, variables, port, folder) as target:
        yield target


@contextmanager
def _peer(
    name: str, command: list[str], variables: dict[str, str], port: int, folder: Path
) -> Iterator[Target]:
    home = folder / name
    home.mkdir()
    places = {"HOME": str(home), "TMPDIR": str(home), "PATH": os.environ["PATH"]}
    with _running(command, places | variables, home) as process:
        url = f"http://127.0.0.1:{port}"
        _wait(lambda: _answers(url), process, name)
        yield Target(name=name, url=url, process=process)


@contextmanager
def _running(
    command: list[str], variables: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a group of its own, so that nothing of it is left."""
    process = subprocess.Popen(
        command,
        env=variables,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _install(environment: Path) -> Path | None:
    uv = shutil.which("uv")
    make = [uv, "venv", "--python", sys.executable] if uv else [sys.executable, "-m", "venv"]
    pip = [uv, "pip"] if uv else [str(environment / "bin" / "python"), "-m", "pip"]
    variables = {**os.environ, "VIRTUAL_ENV": str(environment)}
    for command in ([*make, str(environment)], [*pip, "install", "--quiet", MOTO, "ministack"]):
        done = subprocess.run(command, env=variables, capture_output=True, check=False)
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            print(f"peers skipped, they cannot be installed: {reason}")
            return None
    return environment


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False


def _wait(ready: Any, process: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{name} did not start (exit status {process.poll()})")
        time.sleep(0.02)


def _status_bytes(pid: int, name: str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0
