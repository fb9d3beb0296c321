"""S3 alone in a process, to be killed: ``python s3_process.py FOLDER`` prints its URL."""

import sys
import threading
from pathlib import Path

from emulator.application import Bucket
from emulator.clock import ProcessClock
from emulator.credentials import CredentialStore
from emulator.outbox import Outbox
from emulator.s3 import S3Service
from emulator.wsgi import Server

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    service = S3Service(
        buckets=(Bucket(logical_id="B", name="b-1"),),
        directory=folder / "s3",
        clock=ProcessClock(),
        credentials=CredentialStore(folder / "credentials.json"),
        outbox=Outbox(folder / "outbox"),
        region="us-east-1",
        account_id="123456789012",
    )
    service.start()
    server = Server("AWS", 0)
    server.start(service)
    print(server.url, flush=True)  # noqa: T201 -- the parent reads it
    threading.Event().wait()
