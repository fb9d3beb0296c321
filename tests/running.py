"""An emulator as users run it: a process of its own, on free ports, found by its ready file."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "filestore" / "template.yaml"
START_SECONDS = 60


class Emulator:
    """A running ``emulator up``; ``start`` again after ``kill`` to see what survived."""

    def __init__(self, folder, *options, template=TEMPLATE):
        self.data = Path(folder) / "data"
        self._ready_file = Path(folder) / "ready.json"
        self._log_file = Path(folder) / "emulator.log"
        ports = ["--api-port", "0", "--aws-port", "0", "--web-port", "0"]
        place = ["--data-dir", str(self.data), "--ready-file", str(self._ready_file)]
        self._command = [sys.executable, "-m", "emulator", "up", "--template", str(template)]
        self._command += [*ports, *place, *options]
        self.process = None
        self.ready = {}

    def start(self):
        """Start it and wait until everything answers."""
        self._ready_file.unlink(missing_ok=True)
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready_file.exists():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.005)  # the start of a process has no other sign
        self.ready = json.loads(self._ready_file.read_text())
        return self

    def stop(self, number=signal.SIGTERM):
        """Send a signal and wait; give the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def kill(self):
        """End it as a crash would."""
        self.stop(signal.SIGKILL)

    def log(self):
        """Everything it has printed."""
        return self._log_file.read_text(errors="replace")

    @property
    def api(self):
        """Root URL of the API's stage."""
        return next(iter(self.ready["stages"].values()))

    def call(self, method, path, document=None, *, key=None, headers=None):
        """Call the API; give status and decoded answer."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        if key is not None:
            headers["x-api-key"] = key
        body = None if document is None else json.dumps(document).encode()
        status, _, answer = fetch(method, self.api + path, body, headers)
        return status, json.loads(answer) if answer else None

    def control(self, call, document=None):
        """Call the control API; give status and answer."""
        method = "GET" if document is None else "POST"
        body = None if document is None else json.dumps(document).encode()
        headers = {"Content-Type": "application/json"}
        status, _, answer = fetch(method, f"{self.ready['aws']}/_emulator/{call}", body, headers)
        return status, json.loads(answer)

    def idle(self, timeout=30):
        """Wait until every event was handled."""
        status, answer = self.control("idle", {"timeout": timeout})
        assert status == 200, answer

    def upload(self, name, content, media_type="application/octet-stream"):
        """Upload a file as a client does; give its id and the status of the PUT."""
        status, answer = self.call("POST", "/file", {"name": name})
        assert status == 200, answer
        status, _, body = fetch("PUT", answer["url"], content, {"Content-Type": media_type})
        assert status == 200, body
        return answer["id"]

    def info(self, ids):
        """Give the details of files, deleted ones too."""
        status, details = self.call(
            "POST", "/files/?deleted=yes&nonstored=yes", ids, key=self.ready["api_key"]
        )
        assert status == 200, details
        return details

    def command(self, *arguments):
        """Run another ``emulator`` command against this one."""
        return run_command("--url", self.ready["aws"], *arguments)

    def client(self, service):
        """Make a boto3 client that talks to this emulator."""
        return boto3.client(
            service,
            endpoint_url=self.ready["aws"],
            region_name=self.ready["region"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


def run_command(*arguments):
    """Run an ``emulator`` command."""
    return subprocess.run(
        [sys.executable, "-m", "emulator", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )


def fetch(method, url, body=None, headers=None):
    """Send one request; give status, headers and body, errors included."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def children_of(pid):
    """List the living descendants of a process."""
    found, waiting = [], [pid]
    while waiting:
        for listed in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            with suppress(OSError):  # the thread has ended meanwhile
                below = [int(child) for child in listed.read_text().split()]
                found += below
                waiting += below
    return found


def is_alive(pid):
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
