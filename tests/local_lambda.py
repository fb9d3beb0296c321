"""A Lambda service with functions from a few lines of source, for tests of one behaviour."""

import base64
import io
import json
import textwrap
import threading
import uuid

from fakes import FakeClock

from emulator.application import Function
from emulator.awslambda import LambdaService, create_api
from emulator.credentials import CredentialStore
from emulator.errors import ServiceError
from emulator.invocation import Invocation
from emulator.outbox import Later, Outbox

REGION, ACCOUNT = "us-east-1", "123456789012"


def arn(name, qualifier=None):
    """Name a function of the test's account."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" + (
        f":{qualifier}" if qualifier else ""
    )


class KeptLog:
    """A log sink that keeps the events."""

    def __init__(self):
        self.events = []
        self._lock = threading.Lock()

    def write(self, event):
        with self._lock:
            self.events.append(event)

    @property
    def messages(self):
        return [event.message for event in self.events]


class RecordingSender:
    """Keeps what is sent, by ARN; an ARN of ``missing`` is refused as SQS does."""

    def __init__(self, *missing):
        self.sent = []
        self._missing = missing

    def send(self, arn, message):
        if arn in self._missing:
            raise ServiceError("QueueDoesNotExist", "The specified queue does not exist.")
        self.sent.append((arn, message))


class LocalLambda:
    """Functions whose handlers are in one module, ``app``; a context manager.

    Args:
        functions: by name the handler, or the members of ``Function``.
    """

    def __init__(self, folder, source, functions, *, sender=None, **options):
        self.code = folder / "code"
        self.code.mkdir()
        (self.code / "app.py").write_text(textwrap.dedent(source))
        self.temporary = folder / "lambda" / "tmp"
        self.log = KeptLog()
        self._waiting = {}
        self.clock = FakeClock()
        self.sender = sender or RecordingSender()
        self.outbox = Outbox(folder / "outbox")
        self.service = LambdaService(
            tuple(self._function(name, given) for name, given in functions.items()),
            clock=self.clock,
            credentials=CredentialStore(),
            outbox=self.outbox,
            endpoint_url="http://127.0.0.1:4566",
            region=REGION,
            account_id=ACCOUNT,
            directory=folder / "lambda",
            log=self.log,
            **options,
        )

    def _function(self, name, given):
        members = {
            "logical_id": name,
            "name": name,
            "runtime": "python3.13",
            "code_root": self.code,
            "handler": f"app.{name}",
            "timeout_seconds": 10,
        }
        return Function(**(members | ({"handler": given} if isinstance(given, str) else given)))

    def __enter__(self):
        self.service.start()
        return self

    def __exit__(self, *_):
        self.service.stop()

    def run(self, name, event=None, **further):
        """Invoke; give the result and the decoded payload."""
        result = self.service.invoke(self._invocation(name, event, **further))
        return result, json.loads(result.payload)

    def run_async(self, name, event=None, **further):
        """Invoke asynchronously; give the request id."""
        invocation = self._invocation(name, event, **further)
        self.service.invoke_async(invocation)
        return invocation.request_id

    def deliver_due(self):
        """Do what the pump does: attempt each record that is due; give when the others are."""
        handlers = self.service.record_handlers(self.sender)
        waiting = self._waiting
        while due := [
            name
            for name in self.outbox.waiting()
            if waiting.get(name, self.clock.now()) <= self.clock.now()
        ]:
            outcome = handlers[due[0].kind](self.outbox.read(due[0]))
            if isinstance(outcome, Later):
                self.outbox.replace(due[0], outcome.content)
                waiting[due[0]] = outcome.at
            else:
                self.outbox.remove(due[0])
        return sorted(waiting[name] for name in self.outbox.waiting())

    @staticmethod
    def _invocation(name, event, **further):
        return Invocation(
            function_name=name,
            payload=json.dumps(event).encode(),
            request_id=str(uuid.uuid4()),
            source="test",
            **further,
        )

    def call(self, path, body=b"{}", method="POST", **headers):
        """Call the Lambda API; give status, headers and body."""
        return call(create_api(self.service), path, body, method, **headers)

    def get(self, path):
        """Read from the Lambda API; give status and document."""
        status, _, content = self.call(path, method="GET")
        return status, json.loads(content)


def call(app, path, body=b"", method="GET", **headers):
    """Call a WSGI application; give status, headers and body."""
    answers = []
    environ = {
        "PATH_INFO": path.partition("?")[0],
        "RAW_URI": path,
        "QUERY_STRING": path.partition("?")[2],
        "REQUEST_METHOD": method,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    content = b"".join(app(environ, lambda status, fields: answers.append((status, dict(fields)))))
    status, fields = answers[0]
    return int(status[:3]), fields, content


def tail_of(headers):
    """Decode ``X-Amz-Log-Result``."""
    return base64.b64decode(headers["X-Amz-Log-Result"]).decode()
