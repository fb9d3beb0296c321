"""Conditions of writes, completions, copies and deletes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
All of it was recorded on AWS, in March and November 2025.
"""

import re
from datetime import timedelta
from email.utils import format_datetime

import pytest
from s3_calls import NOW, error, without_ids

NOT_IMPLEMENTED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NotImplemented</Code><Message>A header'
    " you provided implies functionality that is not implemented</Message><Header>{}</Header>"
    "<additionalMessage>{}</additionalMessage></Error>"
)
UNACCEPTED = "We don't accept the provided value of {} header for this API"


@pytest.mark.parametrize(
    ("headers", "named", "why"),
    [
        ({"If-None-Match": "abc"}, "If-None-Match", UNACCEPTED.format("If-None-Match")),
        ({"If-Match": "*"}, "If-Match", UNACCEPTED.format("If-Match")),
        (
            {"If-Match": "abc", "If-None-Match": "*"},
            "If-Match,If-None-Match",
            "Multiple conditional request headers present in the request",
        ),
    ],
)
def test_conditions_that_no_write_has(s3, headers, named, why):
    """S3 says which header it is, and why."""
    answer = s3("PUT", "/b-1/k", b"1", headers)

    assert answer.status == 501
    assert without_ids(answer) == NOT_IMPLEMENTED.format(named, why)


def test_a_write_that_expects_what_is_not_there(s3):
    """The error names the key."""
    answer = s3("PUT", "/b-1/k", b"1", {"If-Match": "abc"})

    assert error(answer)[:2] == (404, "NoSuchKey")
    assert b"<Key>k</Key>" in answer.body


@pytest.mark.parametrize("name", ["x-amz-if-match-size", "x-amz-if-match-last-modified-time"])
def test_conditions_of_directory_buckets(s3, name):
    """A delete with one of them is refused, never done."""
    s3("PUT", "/b-1/k", b"1")
    answer = s3("DELETE", "/b-1/k", headers={name: "1"})

    assert error(answer)[:2] == (501, "NotImplemented")
    assert s3("GET", "/b-1/k").body == b"1"


@pytest.fixture
def begun(s3):
    """Begin an upload of one part; complete it with headers."""
    s3.clock.advance(timedelta(seconds=1))
    started = s3("POST", "/b-1/k", query="uploads").body.decode()
    upload_id = re.search("<UploadId>(.*)</UploadId>", started)[1]
    etag = s3("PUT", "/b-1/k", b"x", query=f"partNumber=1&uploadId={upload_id}").headers["etag"]
    document = (
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
        f"<ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    ).encode()
    s3.clock.advance(timedelta(seconds=1))

    def complete(headers):
        return s3("POST", "/b-1/k", document, headers, query=f"uploadId={upload_id}")

    return complete


CONFLICT = (
    409,
    "ConditionalRequestConflict",
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
)


def test_a_completion_whose_key_was_written_meanwhile(s3, begun):
    """A wrong ETag fails as ever; the right one is a conflict, because the upload is older."""
    etag = s3("PUT", "/b-1/k", b"2").headers["etag"]
    answer = begun({"If-Match": etag})

    assert error(begun({"If-Match": "abc"}))[:2] == (412, "PreconditionFailed")
    assert error(answer) == CONFLICT
    assert b"<Condition>If-Match</Condition><Key>k</Key>" in answer.body
    assert error(begun({"If-None-Match": "*"}))[:2] == (412, "PreconditionFailed")
    assert begun(None).status == 200


@pytest.mark.parametrize("versioning", [None, "Enabled"])
def test_a_completion_whose_key_was_deleted_meanwhile(s3, begun, versioning):
    """That nothing is there is no longer enough: begin again."""
    if versioning:
        status = f"<Status>{versioning}</Status>"
        body = f"<VersioningConfiguration>{status}</VersioningConfiguration>".encode()
        s3("PUT", "/b-1", body, query="versioning")
    etag = s3("PUT", "/b-1/k", b"2").headers["etag"]
    s3("DELETE", "/b-1/k")

    assert error(begun({"If-None-Match": "*"})) == CONFLICT
    assert error(begun({"If-Match": etag}))[:2] == (404, "NoSuchKey")
    assert begun(None).status == 200


def test_a_completion_of_a_key_that_nobody_touched(s3, begun):
    """The condition is all that counts."""
    s3("DELETE", "/b-1/another")

    assert begun({"If-None-Match": "*"}).status == 200


@pytest.mark.parametrize(("ahead", "status"), [(-1, 412), (1, 200)])
def test_a_copy_of_what_has_changed_since_tomorrow(s3, ahead, status):
    """A moment that has not come yet is no condition."""
    s3("PUT", "/b-1/k", b"1")
    s3.clock.advance(timedelta(hours=2))
    since = format_datetime(NOW + timedelta(hours=2 + ahead), usegmt=True)
    headers = {
        "x-amz-copy-source": "/b-1/k",
        "x-amz-copy-source-if-modified-since": since,
    }

    assert s3("PUT", "/b-1/copy", b"", headers).status == status
