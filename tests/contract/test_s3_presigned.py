"""Presigned URLs that bear headers in the query, as SDKs write them.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
The JavaScript SDK moves what it can from the headers to the query; botocore does so for version 2.
"""

from datetime import UTC, datetime
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from fakes import FakeClock
from s3_service import HOST, S3


@pytest.fixture
def s3(tmp_path):
    s3 = S3(tmp_path, FakeClock(datetime.now(UTC)))
    s3("PUT", "/bucket")
    yield s3
    s3.stop()


def presign(method, path, **parameters):
    """Write the path and query of a URL that has further parameters signed."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    request = AWSRequest(method, f"http://{HOST}{path}?{query}")
    S3SigV4QueryAuth(Credentials("test", "test"), "s3", "us-east-1", 60).add_auth(request)
    return request.url.removeprefix(f"http://{HOST}")


def test_headers_in_the_query(s3):
    """Metadata, tags and class in the query count as if they were headers."""
    target = presign(
        "PUT",
        "/bucket/key",
        **{
            "x-amz-meta-colour": "blue",
            "x-amz-tagging": "a=1",
            "x-amz-storage-class": "STANDARD_IA",
        },
    )
    assert s3("PUT", target, b"body", signed=False).status == 200
    headers = s3("HEAD", "/bucket/key").headers

    assert headers["x-amz-meta-colour"] == "blue"
    assert headers["x-amz-tagging-count"] == "1"
    assert headers["x-amz-storage-class"] == "STANDARD_IA"


def test_a_copy_by_url(s3):
    """The source of a copy may stand in the query."""
    s3("PUT", "/bucket/key", b"body")
    target = presign("PUT", "/bucket/copy", **{"x-amz-copy-source": "bucket/key"})
    assert s3("PUT", target, signed=False).status == 200
    assert s3("GET", "/bucket/copy").body == b"body"


def test_checksums_in_the_query(s3):
    """They are ignored, as the JavaScript SDK puts there that of an empty body."""
    target = presign("PUT", "/bucket/key", **{"x-amz-checksum-crc32": "AAAAAA=="})

    assert s3("PUT", target, b"body", signed=False).status == 200


def test_queries_without_a_signature(s3):
    """They name no headers."""
    s3("PUT", "/bucket/key?x-amz-meta-colour=blue", b"body")

    assert "x-amz-meta-colour" not in s3("HEAD", "/bucket/key").headers


def test_version_2(s3):
    """Botocore writes metadata into the query of a URL of version 2."""
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{HOST}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(signature_version="s3", s3={"addressing_style": "path"}),
    )
    parameters = {"Bucket": "bucket", "Key": "key", "Metadata": {"venue": "123"}}
    url = client.generate_presigned_url("put_object", parameters)
    answer = s3("PUT", url.removeprefix(f"http://{HOST}"), b"body", signed=False)

    listing = client.generate_presigned_url("list_objects", {"Bucket": "bucket"})

    assert answer.status == 200
    assert s3("HEAD", "/bucket/key").headers["x-amz-meta-venue"] == "123"
    # What is signed of a bucket's path ends in a slash, though the path does not.
    assert s3("GET", listing.removeprefix(f"http://{HOST}"), signed=False).status == 200
