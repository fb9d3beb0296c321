"""Copies of objects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

import pytest
from s3_calls import NAMESPACE, error

BODY = b"0123456789"


@pytest.fixture
def stored(s3):
    sent = {"Content-Type": "text/plain", "x-amz-meta-a": "1", "x-amz-tagging": "t=1"}
    s3("PUT", "/b-1/a b", BODY, {**sent, "x-amz-storage-class": "STANDARD_IA"})
    return s3


def copy(s3, target, source="/b-1/a%20b", **headers):
    named = {f"x-amz-{name.replace('_', '-')}": value for name, value in headers.items()}
    return s3("PUT", target, headers={"x-amz-copy-source": source, **named})


def test_a_copy(stored):
    """Metadata, type, tags and checksum are the source's; the class is not; bytes are shared."""
    answer = copy(stored, "/b-1/copy")
    head = stored("HEAD", "/b-1/copy")
    links = {path.stat().st_nlink for path in stored.files()}

    assert answer.body.decode() == (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<CopyObjectResult{NAMESPACE}>'
        "<LastModified>2026-01-02T03:04:05.000Z</LastModified>"
        '<ETag>"781e5e245d69b566979b86e28d23f2c7"</ETag>'
        "<ChecksumCRC64NVME>Ffmx7kz9nB0=</ChecksumCRC64NVME></CopyObjectResult>"
    )
    assert (head.headers["content-type"], head.headers["x-amz-meta-a"]) == ("text/plain", "1")
    assert head.headers["x-amz-tagging-count"] == "1"
    assert "x-amz-storage-class" not in head.headers
    assert (stored("GET", "/b-1/copy").body, links) == (BODY, {2})


def test_a_copy_outlives_its_source(stored):
    """Deleting or overwriting one changes nothing of the other."""
    copy(stored, "/b-1/copy")
    stored("PUT", "/b-1/a b", b"new")
    stored("DELETE", "/b-1/a b")

    assert stored("GET", "/b-1/copy").body == BODY


def test_replaced_metadata_and_tags(stored):
    """REPLACE takes what the request says, and nothing of the source."""
    copy(stored, "/b-1/copy", metadata_directive="REPLACE", meta_b="2")
    copy(stored, "/b-1/tagged", tagging_directive="REPLACE", tagging="x=1&y=2")
    head, tagged = stored("HEAD", "/b-1/copy").headers, stored("HEAD", "/b-1/tagged").headers

    assert (head.get("x-amz-meta-a"), head["x-amz-meta-b"]) == (None, "2")
    assert head["content-type"] == "binary/octet-stream"
    assert (tagged["x-amz-tagging-count"], tagged["x-amz-meta-a"]) == ("2", "1")


def test_copies_to_itself(stored):
    """A copy that changes nothing is refused; one that changes something is not."""
    refused = copy(stored, "/b-1/a b")

    assert error(refused) == (
        400,
        "InvalidRequest",
        (
            "This copy request is illegal because it is trying to copy an object to itself without"
            " changing the object's metadata, storage class, website redirect location or"
            " encryption attributes."
        ),
    )
    assert copy(stored, "/b-1/a b", metadata_directive="REPLACE").status == 200
    assert copy(stored, "/b-1/a b", storage_class="STANDARD").status == 200
    assert stored("GET", "/b-1/a b").body == BODY


@pytest.mark.parametrize(
    ("condition", "value", "status"),
    [
        ("if_match", '"781e5e245d69b566979b86e28d23f2c7"', 200),
        ("if_match", '"other"', 412),
        ("if_none_match", '"781e5e245d69b566979b86e28d23f2c7"', 412),
        ("if_modified_since", "Fri, 02 Jan 2026 03:04:05 GMT", 412),
        ("if_unmodified_since", "Fri, 02 Jan 2026 03:04:04 GMT", 412),
    ],
)
def test_conditions_of_the_source(stored, condition, value, status):
    """What a read would answer with 304 is 412 for a copy."""
    assert copy(stored, "/b-1/copy", **{f"copy_source_{condition}": value}).status == status


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("/b-1/none", "NoSuchKey"),
        ("/none/k", "NoSuchBucket"),
        ("b-1", "InvalidArgument"),
        ("/b-1/a%20b?versionId=x", "InvalidArgument"),
    ],
)
def test_sources_that_are_not_there(stored, source, code):
    """A missing source is named as such."""
    assert error(copy(stored, "/b-1/copy", source))[1] == code


def test_another_checksum(stored):
    """A copy can ask for a checksum that its source does not have."""
    answer = copy(stored, "/b-1/copy", checksum_algorithm="CRC32")

    assert "<ChecksumCRC32>poTHxg==</ChecksumCRC32>" in answer.body.decode()


def test_versions_of_the_source(stored):
    """Any version can be copied; a delete marker cannot."""
    on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    stored("PUT", "/b-1", on, query="versioning")
    stored("PUT", "/b-1/a b", b"new")
    marker = stored("DELETE", "/b-1/a b").headers["x-amz-version-id"]
    answer = copy(stored, "/b-1/copy", "/b-1/a%20b?versionId=null")
    refused = copy(stored, "/b-1/copy", f"/b-1/a%20b?versionId={marker}")

    current = stored("PUT", "/b-1/a b", b"newest").headers["x-amz-version-id"]

    # A version that is named comes back as the newest one, even the current one.
    for version in ("null", current):
        assert copy(stored, "/b-1/a b", f"/b-1/a%20b?versionId={version}").status == 200
    assert "x-amz-copy-source-version-id" not in answer.headers  # recorded on AWS
    assert stored("GET", "/b-1/copy").body == BODY
    assert error(refused)[1] == "InvalidRequest"
    stored("DELETE", "/b-1/a b")
    assert error(copy(stored, "/b-1/copy", "/b-1/a%20b"))[1] == "NoSuchKey"


def test_a_copy_to_itself_where_the_bucket_encrypts(s3):
    """Recorded on AWS: a default encryption that was put makes such a copy legal."""
    s3("PUT", "/b-1/k", b"1")
    itself = {"x-amz-copy-source": "/b-1/k"}
    before = s3("PUT", "/b-1/k", b"", itself)
    s3(
        "PUT",
        "/b-1",
        b"<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        b"<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
        b"<BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
        query="encryption",
    )
    after = s3("PUT", "/b-1/k", b"", itself)
    shown = s3("GET", "/b-1", query="encryption").body

    assert (error(before)[1], after.status) == ("InvalidRequest", 200)
    assert b"<BucketKeyEnabled>true</BucketKeyEnabled>" in shown


def test_versions_of_copies_where_they_are_suspended(s3):
    """Recorded on AWS: the copy tells its version, null; a source has none to tell."""
    s3("PUT", "/b-1/k", b"1")
    body = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    s3("PUT", "/b-1", body, query="versioning")
    answer = s3("PUT", "/b-1/copy", b"", {"x-amz-copy-source": "/b-1/k"})

    assert answer.headers["x-amz-version-id"] == "null"
    assert "x-amz-copy-source-version-id" not in answer.headers
    assert "x-amz-version-id" not in s3("PUT", "/b-1/k", b"1").headers


def test_a_source_that_is_none(s3):
    """Recorded on AWS: the value is not repeated."""
    answer = s3("PUT", "/b-1/k", b"", {"x-amz-copy-source": "wrongformat"})

    assert error(answer) == (400, "InvalidArgument", "Invalid copy source object key")
    assert b"<ArgumentValue>x-amz-copy-source</ArgumentValue>" in answer.body


def test_plus_in_a_source(s3):
    """A plus is a space, as some SDKs write it; a plus itself comes as %2B."""
    s3("PUT", "/b-1/a b", b"space")
    s3("PUT", "/b-1/a+b", b"plus")
    for source, body in (("a+b", b"space"), ("a%2Bb", b"plus"), ("a%20b", b"space")):
        s3("PUT", "/b-1/copy", b"", {"x-amz-copy-source": f"/b-1/{source}"})
        assert s3("GET", "/b-1/copy").body == body
