"""kill -9 under a mixed load: what was acknowledged is there, whole, and nothing else is."""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

KILLS = int(os.environ.get("S3_KILLS", "15"))  # the soak of the benchmarks has 50
WORKERS = 4
KEYS = 6
PROCESS = Path(__file__).parent.parent / "s3_process.py"


class Running:
    """S3 in a process of its own; ``kill`` it, start it again."""

    def __init__(self, folder):
        self.folder = folder
        self.start()

    def start(self):
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(PROCESS), str(self.folder)],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.url = self.process.stdout.readline().decode().strip()
        assert self.url, (self.folder / "log").read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=10),
        )

    def files(self):
        return sum(1 for path in (self.folder / "s3" / "objects").rglob("*") if path.is_file())


class Worker:
    """Writes keys of its own, and remembers what each may hold: what was answered, or is asked."""

    def __init__(self, number):
        self._random = random.Random(number)  # noqa: S311 -- a load, no secret
        self._keys = [f"w{number}/k{n}" for n in range(KEYS)]
        self._count = 0
        self.acknowledged = dict.fromkeys(self._keys)
        self.asked = {}
        self.answers = 0

    def work(self, client):
        """Write until the server is gone."""
        try:
            while True:
                key = self._random.choice(self._keys)
                call = self._random.choice(
                    (self._put, self._put, self._copy, self._upload, self._delete)
                )
                call(client, key)
                self.answers += 1
        except (BotoCoreError, ClientError):
            return

    def _write(self, key, body, call):
        self.asked[key] = body
        call()
        self.acknowledged[key] = self.asked.pop(key)

    def _body(self):
        self._count += 1
        return b"%d." % self._count * self._random.choice((1, 300, 60_000))

    def _put(self, client, key):
        body = self._body()
        self._write(key, body, lambda: client.put_object(Bucket="b-1", Key=key, Body=body))

    def _copy(self, client, key):
        source = self._random.choice(self._keys)
        body = self.acknowledged[source]
        if body is not None and source != key:
            place = {"Bucket": "b-1", "Key": source}
            self._write(
                key, body, lambda: client.copy_object(Bucket="b-1", Key=key, CopySource=place)
            )

    def _upload(self, client, key):
        body = self._body()

        def upload():
            named = {"Bucket": "b-1", "Key": key}
            named["UploadId"] = client.create_multipart_upload(**named)["UploadId"]
            etag = client.upload_part(PartNumber=1, Body=body, **named)["ETag"]
            parts = [{"PartNumber": 1, "ETag": etag}]
            client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)

        self._write(key, body, upload)

    def _delete(self, client, key):
        self._write(key, None, lambda: client.delete_object(Bucket="b-1", Key=key))

    def check(self, client):
        """See that each key holds what was answered last, or what was asked since."""
        listed = {
            entry["Key"]: entry["Size"]
            for key in {key.split("/")[0] for key in self._keys}
            for entry in client.list_objects_v2(Bucket="b-1", Prefix=f"{key}/").get("Contents", [])
        }
        assert set(listed) <= set(self._keys)
        for key in self._keys:
            allowed = [self.acknowledged[key], self.asked.pop(key, self.acknowledged[key])]
            found = None
            if key in listed:
                found = client.get_object(Bucket="b-1", Key=key)["Body"].read()
                assert len(found) == listed[key]
            assert found in allowed, (key, found and found[:20], [a and a[:20] for a in allowed])
            self.acknowledged[key] = found
        return len(listed)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path):
    """After each of many kills every key holds its last acknowledged bytes, or those asked since.

    No file is left that belongs to nothing.
    """
    moments = random.Random(1)  # noqa: S311 -- a load, no secret
    workers = [Worker(number) for number in range(WORKERS)]
    running = Running(tmp_path)
    try:
        for _ in range(KILLS):
            threads = [
                threading.Thread(target=worker.work, args=(running.client(),)) for worker in workers
            ]
            for thread in threads:
                thread.start()
            threads[0].join(moments.uniform(0.05, 0.5))
            running.kill()
            for thread in threads:
                thread.join()
            running.start()
            client = running.client()
            objects = sum(worker.check(client) for worker in workers)
            uploads = client.list_multipart_uploads(Bucket="b-1").get("Uploads", [])

            assert objects <= running.files() <= objects + len(uploads)
    finally:
        running.kill()
    assert all(worker.answers > KILLS for worker in workers)
