"""What nobody sends on purpose: endless numbers, impossible dates, unknown encodings.

S3 reads them as it reads any other value that does not fit: no request of a client is a 500.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import base64
import hashlib
import re

import pytest
from s3_calls import error

ENDLESS = "9" * 5000
CORS = (
    "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET"
    "</AllowedMethod><MaxAgeSeconds>{}</MaxAgeSeconds></CORSRule></CORSConfiguration>"
)
LOCK = (
    "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
    "<DefaultRetention><Mode>GOVERNANCE</Mode>{}</DefaultRetention></Rule>"
    "</ObjectLockConfiguration>"
)
LOCKED = {"x-amz-bucket-object-lock-enabled": "true"}
RETENTION = "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{}</RetainUntilDate></Retention>"


def digest(body):
    return {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}


@pytest.fixture
def stored(s3):
    """The calls, with an object of three bytes."""
    s3("PUT", "/b-1/k", b"abc")
    return s3


@pytest.fixture
def upload(stored):
    """A multipart upload with one part: its id and the part's ETag."""
    begun = stored("POST", "/b-1/m", query="uploads").body.decode()
    upload_id = re.search("<UploadId>(.*)</UploadId>", begun)[1]
    part = stored("PUT", "/b-1/m", b"x", query=f"partNumber=1&uploadId={upload_id}")
    return upload_id, part.headers["etag"]


@pytest.mark.parametrize(
    ("header", "status", "body"),
    [
        (f"bytes=0-{ENDLESS}", 206, b"abc"),
        (f"bytes=-{ENDLESS}", 206, b"abc"),
        (f"bytes=000{'0' * 5000}1-", 206, b"bc"),
    ],
)
def test_endless_ranges(stored, header, status, body):
    """A range reaches as far as there are bytes, however far it asks."""
    answer = stored("GET", "/b-1/k", headers={"Range": header})

    assert (answer.status, answer.body) == (status, body)


def test_a_range_that_begins_behind_every_end(stored):
    """Nothing of it is there."""
    answer = stored("GET", "/b-1/k", headers={"Range": f"bytes={ENDLESS}-"})

    assert error(answer)[:2] == (416, "InvalidRange")


def test_endless_part_numbers(stored, upload):
    """There are no such parts: neither to read, nor to write, nor to complete."""
    upload_id, etag = upload
    completion = (
        f"<CompleteMultipartUpload><Part><PartNumber>{ENDLESS}</PartNumber><ETag>{etag}</ETag>"
        "</Part></CompleteMultipartUpload>"
    ).encode()
    query = f"partNumber={ENDLESS}"
    written = stored("PUT", "/b-1/m", b"x", query=f"{query}&uploadId={upload_id}")
    completed = stored("POST", "/b-1/m", completion, query=f"uploadId={upload_id}")

    assert error(stored("GET", "/b-1/k", query=query))[:2] == (416, "InvalidPartNumber")
    assert error(written)[:2] == (400, "InvalidArgument")
    assert error(completed)[:2] == (400, "InvalidPart")


@pytest.mark.parametrize(
    ("copied", "code"),
    [(f"0-{ENDLESS}", "InvalidArgument"), (f"{ENDLESS}-{ENDLESS}", "InvalidRequest")],
)
def test_endless_copied_ranges(stored, upload, copied, code):
    """A part is copied from bytes that are there."""
    headers = {"x-amz-copy-source": "/b-1/k", "x-amz-copy-source-range": f"bytes={copied}"}
    answer = stored("PUT", "/b-1/m", b"", headers, query=f"partNumber=2&uploadId={upload[0]}")

    assert error(answer)[:2] == (400, code)


def test_an_endless_upload(s3):
    """What says that it is larger than any object is refused before it is read."""
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": ENDLESS,
    }

    assert error(s3("PUT", "/b-1/k", b"x", headers))[:2] == (400, "EntityTooLarge")


@pytest.mark.parametrize("age", [ENDLESS, str(1 << 31)])
def test_an_endless_age(s3, age):
    """A browser keeps an answer for as many seconds as fit into an integer."""
    body = CORS.format(age).encode()

    assert error(s3("PUT", "/b-1", body, digest(body), query="cors"))[:2] == (400, "MalformedXML")


@pytest.mark.parametrize(
    "period",
    [
        "<Days>36501</Days>",
        "<Years>101</Years>",
        f"<Days>{ENDLESS}</Days>",
        "<Years>999999999</Years>",
    ],
)
def test_locks_for_ever(s3, period):
    """A default retention lasts a hundred years at most, and none is kept that no date can hold."""
    s3("PUT", "/locked", headers=LOCKED)
    body = LOCK.format(period).encode()
    refused = s3("PUT", "/locked", body, digest(body), query="object-lock")

    assert error(refused)[:2] == (400, "InvalidArgument")
    assert s3("PUT", "/locked/k", b"x").status == 200


@pytest.mark.parametrize("date", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_dates_that_are_none_in_utc(s3, date):
    """A date that no calendar of S3 has is no date."""
    s3("PUT", "/locked", headers=LOCKED)
    s3("PUT", "/locked/k", b"x")
    body = RETENTION.format(date).encode()
    headers = {
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-object-lock-retain-until-date": date,
        **digest(b"x"),
    }
    retained = s3("PUT", "/locked/k", body, digest(body), query="retention")

    assert error(retained)[:2] == (400, "MalformedXML")
    assert error(s3("PUT", "/locked/k", b"x", headers))[:2] == (400, "InvalidArgument")


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999",
        "Mon, 01 Jan 2026 99999999999:00:00",
        f"Mon, 01 Jan 2026 {ENDLESS}:00:00",
    ],
)
@pytest.mark.parametrize("name", ["If-Modified-Since", "If-Unmodified-Since"])
def test_conditions_on_no_date(stored, name, date):
    """What is no date is no condition."""
    assert stored("GET", "/b-1/k", headers={name: date}).status == 200


@pytest.mark.parametrize(
    "encoding", ["klingon", "utf-7", "utf-32", "idna", "rot13", "hex", "punycode"]
)
def test_documents_in_no_encoding(s3, encoding):
    """A document that cannot be read is malformed."""
    body = f'<?xml version="1.0" encoding="{encoding}"?><VersioningConfiguration/>'.encode()
    answer = s3("PUT", "/b-1", body, digest(body), query="versioning")

    assert error(answer)[:2] == (400, "MalformedXML")
