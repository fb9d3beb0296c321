"""S3 without sockets: requests straight to the service, answers as status, headers and body."""

import io
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import quote

from fakes import FakeClock

from emulator.credentials import CredentialStore
from emulator.outbox import Outbox
from emulator.s3 import S3Service
from emulator.wsgi.response import FileWrapper

NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


class S3Calls:
    """A service over a folder; options are those of the service."""

    def __init__(self, folder, *, buckets=(), region="us-east-1", clock=None, **options):
        self.folder = folder
        self.clock = clock or FakeClock(NOW)
        self.outbox = Outbox(folder / "outbox")
        self.service = S3Service(
            buckets=buckets,
            directory=folder / "s3",
            clock=self.clock,
            credentials=CredentialStore(folder / "credentials.json"),
            outbox=self.outbox,
            region=region,
            account_id="123456789012",
            **{"verify_signatures": False, **options},
        )
        self.service.start()

    def __call__(self, method, path, body=b"", headers=None, *, query="", encoded=False):
        """Send a request; the path is given decoded."""
        target = path if encoded else quote(path, safe="/")
        sent = {"Host": "127.0.0.1:4566", "Content-Length": str(len(body)), **(headers or {})}
        sent = {name: value for name, value in sent.items() if value is not None}
        environ = {
            "REQUEST_METHOD": method,
            "RAW_URI": target + (f"?{query}" if query else ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "emulator.raw_headers": tuple(sent.items()),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
            "wsgi.file_wrapper": FileWrapper,
        }
        answer = SimpleNamespace()

        def start_response(status, answered):
            answer.status = int(status.split()[0])
            answer.headers = {name.lower(): value for name, value in answered}

        pieces = self.service(environ, start_response)
        answer.body = b"" if method == "HEAD" else b"".join(pieces)
        if hasattr(pieces, "close"):
            pieces.close()
        return answer

    def files(self):
        """List the files that hold bytes."""
        return [path for path in (self.folder / "s3" / "objects").rglob("*") if path.is_file()]

    def stop(self):
        self.service.stop()


def error(answer):
    """Read status, code and message of an error."""
    found = re.search(r"<Code>(.*)</Code><Message>(.*)</Message>", answer.body.decode())
    return (answer.status, *found.groups()) if found else (answer.status, None, None)


def without_ids(answer):
    """Give an error's document without what differs from request to request."""
    return re.sub(r"<RequestId>.*</HostId>", "", answer.body.decode())
