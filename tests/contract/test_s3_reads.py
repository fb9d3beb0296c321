"""How S3 answers reads: ranges, conditions, overrides, parts, attributes.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from s3_calls import NAMESPACE, NOW, error, without_ids

BODY = b"0123456789"
ETAG = '"781e5e245d69b566979b86e28d23f2c7"'


@pytest.fixture
def stored(s3):
    s3("PUT", "/b-1/k", BODY)
    return s3


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        ("bytes=0-8", 206, b"012345678", "bytes 0-8/10"),
        ("bytes=3-", 206, b"3456789", "bytes 3-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=-99", 206, BODY, "bytes 0-9/10"),
        ("bytes=1-0", 200, BODY, None),
        ("bytes=-", 200, BODY, None),
        ("bytes=-1-", 200, BODY, None),
        ("bytes=0--1", 200, BODY, None),
        ("bytes=0-1,3-4", 200, BODY, None),
        ("lines=0-1", 200, BODY, None),
    ],
)
def test_ranges(stored, asked, status, body, content_range):
    """What S3 does not understand is the whole object (recorded: aws-facts 6.4)."""
    answer = stored("GET", "/b-1/k", headers={"Range": asked})

    assert (answer.status, answer.body) == (status, body)
    assert answer.headers.get("content-range") == content_range
    assert answer.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_ranges_that_cannot_be(stored, asked):
    """A range behind the end is 416, with the size (recorded: aws-facts 6.4)."""
    answer = stored("GET", "/b-1/k", headers={"Range": asked})

    assert answer.status == 416
    assert answer.headers["content-range"] == "bytes */10"
    assert without_ids(answer) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidRange</Code>'
        "<Message>The requested range is not satisfiable</Message>"
        f"<RangeRequested>{asked}</RangeRequested><ActualObjectSize>10</ActualObjectSize></Error>"
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": ETAG}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Match": "*"}, 200),
        ({"If-None-Match": ETAG}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 304),
        ({"If-Modified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
        ({"If-Unmodified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 412),
        ({"If-Unmodified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 200),
        ({"If-Match": ETAG, "If-Unmodified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 200),
        ({"If-None-Match": ETAG, "If-Modified-Since": "Fri, 02 Jan 2026 03:04:04 GMT"}, 304),
        ({"If-None-Match": '"o"', "If-Modified-Since": "Fri, 02 Jan 2026 03:04:05 GMT"}, 200),
    ],
)
def test_conditions(stored, headers, status):
    """Conditions and their precedence are those of API_GetObject.html."""
    assert stored("GET", "/b-1/k", headers=headers).status == status
    assert stored("HEAD", "/b-1/k", headers=headers).status == status


def test_a_304_has_no_body(stored):
    """It has the ETag, and neither body nor length."""
    answer = stored("GET", "/b-1/k", headers={"If-None-Match": ETAG})

    assert (answer.body, answer.headers["etag"]) == (b"", ETAG)
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("PUT", {"If-None-Match": "*"}, (412, "PreconditionFailed")),
        ("PUT", {"If-None-Match": ETAG}, (501, "NotImplemented")),
        ("PUT", {"If-Match": '"other"'}, (412, "PreconditionFailed")),
        ("PUT", {"If-Match": "*"}, (501, "NotImplemented")),
        ("DELETE", {"If-Match": '"other"'}, (412, "PreconditionFailed")),
    ],
)
def test_conditional_writes(stored, method, headers, expected):
    """A write whose condition does not hold changes nothing (recorded: aws-facts 6.4)."""
    answer = stored(method, "/b-1/k", b"new", headers)

    assert error(answer)[:2] == expected
    assert stored("GET", "/b-1/k").body == BODY
    assert len(stored.files()) == 1


def test_conditional_writes_that_hold(stored):
    """The right ETag overwrites and deletes; a key that is free can be taken once."""
    assert stored("PUT", "/b-1/free", b"1", {"If-None-Match": "*"}).status == 200
    assert stored("PUT", "/b-1/k", b"new", {"If-Match": ETAG}).status == 200
    assert error(stored("PUT", "/b-1/none", b"", {"If-Match": ETAG}))[:2] == (404, "NoSuchKey")
    etag = stored("HEAD", "/b-1/k").headers["etag"]
    assert stored("DELETE", "/b-1/k", headers={"If-Match": etag}).status == 204
    assert error(stored("DELETE", "/b-1/k", headers={"If-Match": "*"}))[:2] == (404, "NoSuchKey")


def test_conditions_of_a_presigned_url(stored):
    """They stand in the query, and count (recorded: aws-facts 6.1)."""
    answer = stored("PUT", "/b-1/k", b"new", query="If-None-Match=%2A")

    assert answer.status == 412


def test_overrides(stored):
    """A response can be told its headers; what is not Latin-1 is refused (aws-facts 6.1)."""
    query = "response-content-type=text%2Fcss&response-content-disposition=attachment"
    answer = stored("GET", "/b-1/k", query=query)
    refused = stored("GET", "/b-1/k", query="response-content-type=%E2%82%AC")

    assert answer.headers["content-type"] == "text/css"
    assert answer.headers["content-disposition"] == "attachment"
    assert error(refused) == (
        400,
        "InvalidArgument",
        "Header value cannot be represented using ISO-8859-1.",
    )


def test_missing_objects_and_buckets(s3):
    """The errors name what is missing; HEAD has the status alone (recorded: aws-facts 6.4)."""
    key, bucket = s3("GET", "/b-1/none"), s3("GET", "/no-bucket/k")

    assert without_ids(key) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        "<Message>The specified key does not exist.</Message><Key>none</Key></Error>"
    )
    assert without_ids(bucket) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code>'
        "<Message>The specified bucket does not exist</Message>"
        "<BucketName>no-bucket</BucketName></Error>"
    )
    assert s3("HEAD", "/b-1/none").status == 404


def test_the_part_number_of_an_object_without_parts(stored):
    """It has one part, itself; any other is 416."""
    first, second = (stored("GET", "/b-1/k", query=f"partNumber={n}") for n in (1, 2))
    both = stored("GET", "/b-1/k", headers={"Range": "bytes=0-1"}, query="partNumber=1")

    assert (first.status, first.body) == (206, BODY)
    assert error(second) == (
        416,
        "InvalidPartNumber",
        "The requested partnumber is not satisfiable",
    )
    assert error(both)[1] == "InvalidRequest"


def test_attributes(stored):
    """GetObjectAttributes shows what was asked for (API_GetObjectAttributes.html)."""
    headers = {"x-amz-object-attributes": "ETag,Checksum,ObjectSize,StorageClass,ObjectParts"}
    answer = stored("GET", "/b-1/k", headers=headers, query="attributes")

    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<GetObjectAttributesResponse{NAMESPACE}><ETag>{ETAG[1:-1]}</ETag><Checksum>"
        "<ChecksumCRC64NVME>Ffmx7kz9nB0=</ChecksumCRC64NVME>"
        "<ChecksumType>FULL_OBJECT</ChecksumType></Checksum><StorageClass>STANDARD</StorageClass>"
        "<ObjectSize>10</ObjectSize></GetObjectAttributesResponse>"
    )
    assert error(stored("GET", "/b-1/k", query="attributes"))[1] == "InvalidRequest"


def test_archived_objects(s3):
    """What would have to be restored first cannot be read, but its head can."""
    s3("PUT", "/b-1/k", BODY, {"x-amz-storage-class": "GLACIER"})

    assert error(s3("GET", "/b-1/k")) == (
        403,
        "InvalidObjectState",
        "The operation is not valid for the object's storage class",
    )
    assert s3("HEAD", "/b-1/k").headers["x-amz-storage-class"] == "GLACIER"


def test_keys_of_ones_own(s3):
    """What was stored without a customer's key cannot be read or copied with one.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
    """
    s3("PUT", "/b-1/k", BODY)
    name = "server-side-encryption-customer-algorithm"
    read = s3("GET", "/b-1/k", headers={f"x-amz-{name}": "AES256"})
    copied = s3(
        "PUT",
        "/b-1/copy",
        headers={"x-amz-copy-source": "/b-1/k", f"x-amz-copy-source-{name}": "AES256"},
    )

    for answer in (read, copied):
        assert error(answer) == (
            400,
            "InvalidRequest",
            "The encryption parameters are not applicable to this object.",
        )


def test_the_only_part_of_a_whole_object(s3):
    """Recorded on AWS: part 1 of what was not uploaded in parts is all of it, checksum included."""
    s3("PUT", "/b-1/k", b"test-123")
    answer = s3("GET", "/b-1/k", headers={"x-amz-checksum-mode": "ENABLED"}, query="partNumber=1")

    assert (answer.status, answer.headers["content-range"]) == (206, "bytes 0-7/8")
    assert answer.headers["x-amz-checksum-type"] == "FULL_OBJECT"
    assert "x-amz-mp-parts-count" not in answer.headers


@pytest.mark.parametrize(("hours", "status"), [(-1, 200), (1, 304), (3, 200)])
def test_what_has_changed_since_tomorrow(s3, hours, status):
    """Recorded on AWS: a moment that has not come yet is no condition."""
    s3("PUT", "/b-1/k", b"1")
    s3.clock.advance(timedelta(hours=2))
    since = format_datetime(NOW + timedelta(hours=hours), usegmt=True)

    assert s3("GET", "/b-1/k", headers={"If-Modified-Since": since}).status == status
