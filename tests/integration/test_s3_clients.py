"""Real clients of S3: the AWS CLI, s3transfer, boto3, over HTTP with signatures.

https://docs.aws.amazon.com/cli/latest/reference/s3/
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

import hashlib
import http.client
import io
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from s3_calls import S3Calls

from emulator.clock import ProcessClock
from emulator.wsgi import Server

LARGE_BYTES = 200 * 1024 * 1024


@pytest.fixture
def served(tmp_path):
    """S3 with verified signatures on a port, and its empty bucket."""
    (tmp_path / "data").mkdir()
    calls = S3Calls(tmp_path / "data", clock=ProcessClock(), verify_signatures=True)
    server = Server("AWS", 0)
    server.start(calls.service)
    client(server).create_bucket(Bucket="b-1")
    yield server
    server.stop()
    calls.stop()


def client(server, **options):
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, **options),
    )


def aws(server, folder, *arguments):
    """Run the AWS CLI."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    command = [str(Path(sys.executable).parent / "aws"), "s3", *arguments]
    done = subprocess.run(
        command, env=variables, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.md5(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/..",
        "/../..",
        "/Bad_Bucket/..",
        "//",
        "/%2e%2e/",
        "/b-1/../..",
        "/%ff",
        "/%zz",
        "/%00",
        "/*",
    ],
)
def test_odd_paths(served, method, path):
    """Each is answered in S3's XML, its body too, and the connection can be used further."""
    body = b"x" * 100_000
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=10)
    connection.connect()
    statuses = []
    for _ in range(2):
        connection.sock.sendall(head.encode() + body)
        answer = http.client.HTTPResponse(connection.sock, method=method)
        answer.begin()
        statuses.append((answer.status, b"<Error><Code>" in answer.read()))
    connection.close()

    assert statuses[0] == statuses[1]
    assert (400 <= statuses[0][0] < 500, statuses[0][1]) == (True, True)


def test_the_aws_cli(served, tmp_path):
    """A tree of 200 files, one of 200 MB, goes up by cp, comes back by sync, and goes by rm."""
    tree = tmp_path / "tree"
    for number in range(199):
        file = tree / f"folder {number % 7}" / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"%d" % number * number)
    (tree / "large").write_bytes(os.urandom(1 << 20) * (LARGE_BYTES >> 20))
    aws(served, tmp_path, "cp", "--recursive", "--only-show-errors", "tree", "s3://b-1/tree")
    unchanged = aws(served, tmp_path, "sync", "tree", "s3://b-1/tree")
    aws(served, tmp_path, "sync", "--only-show-errors", "s3://b-1/tree", "back")
    listed = aws(served, tmp_path, "ls", "--recursive", "s3://b-1/")
    returned = digests(tmp_path / "back")
    aws(served, tmp_path, "rm", "--recursive", "--only-show-errors", "s3://b-1/tree")

    assert unchanged == ""
    assert returned == digests(tree)
    assert len(listed.splitlines()) == 200
    assert aws(served, tmp_path, "ls", "--recursive", "s3://b-1/") == ""


@pytest.mark.slow
def test_sixteen_threads_of_s3transfer(served, tmp_path):
    """A file in many parts goes up and comes back whole."""
    content = os.urandom(1 << 20) * 64
    config = TransferConfig(
        multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=16
    )
    s3 = client(served, max_pool_connections=16)
    s3.upload_fileobj(io.BytesIO(content), "b-1", "k", Config=config)
    back = io.BytesIO()
    s3.download_fileobj("b-1", "k", back, Config=config)

    assert s3.head_object(Bucket="b-1", Key="k")["ETag"].endswith('-13"')
    assert back.getvalue() == content


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_that_boto3_computes(served, algorithm):
    """boto3 sends each of them, and verifies it when it reads."""
    s3 = client(served)
    s3.put_object(Bucket="b-1", Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    answer = s3.get_object(Bucket="b-1", Key="k", ChecksumMode="ENABLED")

    assert answer["Body"].read() == b"hello"
    assert answer[f"Checksum{algorithm}"]


def test_a_stream_of_unknown_hash(served):
    """A stream that cannot be read twice goes up, unsigned or in signed chunks."""
    s3 = client(served, s3={"payload_signing_enabled": False})
    s3.put_object(Bucket="b-1", Key="k", Body=io.BytesIO(b"hello" * 100_000))

    assert s3.head_object(Bucket="b-1", Key="k")["ContentLength"] == 500_000


def test_an_upload_that_breaks_off(served):
    """A client that goes away in the middle of a body leaves nothing."""
    url = client(served).generate_presigned_url(
        "put_object", Params={"Bucket": "b-1", "Key": "k"}, ExpiresIn=60
    )
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\nhalf".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"<Code>IncompleteBody</Code>" in answer
    assert "Contents" not in client(served).list_objects_v2(Bucket="b-1")


def test_awkward_keys_by_boto3(served):
    """What boto3 encodes comes back as it was, from gets and from listings."""
    s3 = client(served)
    keys = sorted(["a b", "a+b", "a%2Fb", "a//b", "../x", "😀", "ü", "a\x01b", "tab\t", "q?x=1#y"])
    for key in keys:
        s3.put_object(Bucket="b-1", Key=key, Body=key.encode())
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket="b-1")["Contents"]]

    assert listed == keys
    for key in keys:
        assert s3.get_object(Bucket="b-1", Key=key)["Body"].read() == key.encode()
