"""A running Lambda service with functions of any runtime, without listeners."""

import json
import shutil
import sys
import textwrap
import uuid
from pathlib import Path

import pytest
from fakes import FakeClock

from emulator.application import Function
from emulator.awslambda import LambdaService
from emulator.awslambda.interpreters import Interpreters, Places
from emulator.awslambda.runtimes import parse_runtime
from emulator.credentials import CredentialStore
from emulator.invocation import Invocation
from emulator.outbox import Outbox

ENDPOINT = "http://127.0.0.1:9"


class KeptLog:
    """A log sink that keeps the events."""

    def __init__(self):
        self.events = []

    def write(self, event):
        self.events.append(event)

    def messages(self):
        return [event.message for event in self.events]


class Functions:
    """Functions that can be added until the service starts."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.log = KeptLog()
        self.clock = FakeClock()
        self.service = None
        self._functions = []

    def write(self, name, content, mode=0o644):
        """Write a file of the code; give its path."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(content))
        file.chmod(mode)
        return file

    def add(self, name, runtime, handler, *, code="code", **further):
        """Add a function whose code is in a folder of this one; ``None`` for inline code."""
        further = {"timeout_seconds": 10, **further}
        root = None if code is None else self.folder / code
        function = Function(
            logical_id=name,
            name=name,
            handler=handler,
            runtime=runtime,
            code_root=root,
            **further,
        )
        self._functions.append(function)

    def start(self, **further):
        """Start the service."""
        self.service = LambdaService(
            tuple(self._functions),
            clock=self.clock,
            credentials=CredentialStore(),
            outbox=Outbox(self.folder / "outbox"),
            endpoint_url=ENDPOINT,
            region="us-east-1",
            account_id="123456789012",
            directory=self.folder / "lambda",
            log=self.log,
            **further,
        )
        self.service.start()
        return self

    def stop(self):
        if self.service is not None:
            self.service.stop()

    def run(self, name, event=None, **further):
        """Invoke; give the result and the decoded payload."""
        result = self.service.invoke(
            Invocation(
                function_name=name,
                payload=json.dumps(event).encode(),
                request_id=str(uuid.uuid4()),
                source="test",
                **further,
            )
        )
        return result, json.loads(result.payload)

    def answer(self, name, event=None):
        """Invoke; give the decoded payload of a success."""
        result, payload = self.run(name, event)
        assert result.function_error is None, payload
        return payload


def has_node():
    """Tell whether Node.js functions can run here."""
    places = Places.of_user()
    client = places.packs / "node" / "node_modules" / "aws-lambda-ric"
    found = Interpreters(places).find(parse_runtime("nodejs20.x"))
    return found is not None and client.exists()


def other_python():
    """Give a runtime of a Python that is not the emulator's and is here; ``None`` without one."""
    interpreters = Interpreters(Places.of_user())
    for version in ("3.13", "3.12", "3.14", "3.11"):
        runtime = parse_runtime(f"python{version}")
        found = interpreters.find(runtime)
        if not found.warning and found.program != Path(sys.executable):
            return runtime.name
    return None


needs_node = pytest.mark.skipif(not has_node(), reason="no Node.js with AWS's runtime client")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
