"""S3 in this process, called as clients call it, without a socket."""

import io
import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulator.credentials import CredentialStore
from emulator.outbox import Outbox
from emulator.s3 import S3Service

HOST = "127.0.0.1:4566"
ACCOUNT = "123456789012"


@dataclass
class Answered:
    """A response, with what the tests look at."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def text(self):
        return self.body.decode()

    @property
    def code(self):
        """The code of an error."""
        return self.member("Code")

    @property
    def message(self):
        """The message of an error."""
        return self.member("Message")

    def member(self, name):
        """The text of the first element of a name."""
        found = re.search(rf"<{name}>([^<]*)</{name}>", self.text)
        return found and found[1].replace("&quot;", '"').replace("&amp;", "&")


class S3:
    """An S3 service over a folder; ``buckets`` are the template's."""

    def __init__(self, folder, clock, *buckets, **options):
        self.folder = folder
        self.clock = clock
        self.outbox = Outbox(folder / "outbox")
        self.credentials = CredentialStore()
        (folder / "s3").mkdir(exist_ok=True)
        self.service = S3Service(
            buckets=buckets,
            directory=folder / "s3",
            clock=clock,
            credentials=self.credentials,
            outbox=self.outbox,
            region="us-east-1",
            account_id=ACCOUNT,
            **options,
        )
        self.service.start()

    def stop(self):
        self.service.stop()

    def __call__(self, method, target, body=b"", headers=None, *, signed=True, host=HOST):
        """Send a request; ``signed=False`` sends it as anybody."""
        headers = {"Host": host, "Content-Length": str(len(body)), **(headers or {})}
        if signed:
            headers = self._sign(method, target, body, headers, host)
        path, _, query = target.partition("?")
        started = []
        environ = {
            "REQUEST_METHOD": method,
            "RAW_URI": target,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.file_wrapper": _Whole,
            "emulator.raw_headers": tuple(headers.items()),
        }
        pieces = self.service(environ, lambda *answer: started.append(answer))
        try:
            content = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        status, sent = started[0]
        if method == "HEAD":
            content = b""
        return Answered(int(status[:3]), dict(sent), content)

    def _sign(self, method, target, body, headers, host):
        path, _, query = target.partition("?")
        url = f"http://{host}{quote(path, safe='/%~')}" + (f"?{query}" if query else "")
        request = AWSRequest(method, url, headers=headers, data=body)
        S3SigV4Auth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
        return dict(request.headers.items())

    def events(self):
        """Take every event record that was written."""
        records = [json.loads(self.outbox.read(name)) for name in self.outbox.waiting()]
        self.outbox.clear()
        return records


class _Whole:
    def __init__(self, file):
        self._file = file

    def __iter__(self):
        yield self._file.read()

    def close(self):
        self._file.close()
