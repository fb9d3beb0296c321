"""Listings of objects, and DeleteObjects, which takes what they show.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

import base64
import hashlib
import re

import pytest
from s3_calls import NAMESPACE, error

from emulator.s3.listing import OWNER_ID

KEYS = ["a", "a/b/1", "a/b/2", "a/c", "a0", "b", "c/1", "é", "😀"]


@pytest.fixture
def filled(s3):
    for key in KEYS:
        s3("PUT", f"/b-1/{key}", key.encode())
    return s3


def keys_of(answer):
    return re.findall("<Contents><Key>(.*?)</Key>", answer.body.decode())


def prefixes_of(answer):
    return re.findall("<CommonPrefixes><Prefix>(.*?)</Prefix>", answer.body.decode())


def test_a_whole_listing(s3):
    """The document of ListObjectsV2, with the checksum of each object (aws-facts 6.4)."""
    s3("PUT", "/b-1/k", b"0123456789")
    answer = s3("GET", "/b-1", query="list-type=2&prefix=k&start-after=a&fetch-owner=true")

    assert answer.body.decode() == (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult{NAMESPACE}><Name>b-1</Name>'
        "<Prefix>k</Prefix><StartAfter>a</StartAfter><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys>"
        "<IsTruncated>false</IsTruncated><Contents><Key>k</Key>"
        "<LastModified>2026-01-02T03:04:05.000Z</LastModified>"
        '<ETag>"781e5e245d69b566979b86e28d23f2c7"</ETag>'
        "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
        f"<Size>10</Size><StorageClass>STANDARD</StorageClass><Owner><ID>{OWNER_ID}</ID></Owner>"
        "</Contents></ListBucketResult>"
    )


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("delimiter", ["", "/", "b"])
@pytest.mark.parametrize("prefix", ["", "a", "a/"])
def test_pages_join(filled, size, delimiter, prefix):
    """Pages of any size show each key and common prefix once, in order, in both versions."""
    expected_keys, expected_prefixes = [], []
    for key in sorted(KEYS, key=str.encode):
        if not key.startswith(prefix):
            continue
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        group = key[: end + len(delimiter)]
        if end == -1:
            expected_keys.append(key)
        elif group not in expected_prefixes:
            expected_prefixes.append(group)
    shared = f"max-keys={size}&delimiter={delimiter}&prefix={prefix}"
    for first, name, following in (
        ("list-type=2&", "continuation-token", "NextContinuationToken"),
        ("", "marker", "NextMarker"),
    ):
        keys, prefixes, marker = [], [], ""
        while marker is not None:
            query = f"{first}{shared}" + (f"&{name}={marker}" if marker else "")
            answer = filled("GET", "/b-1", query=query)
            keys += keys_of(answer)
            prefixes += prefixes_of(answer)
            truncated = b"<IsTruncated>true" in answer.body
            found = re.search(f"<{following}>(.*?)</{following}>", answer.body.decode())
            marker = (found[1] if found else keys[-1]) if truncated else None

        assert (keys, prefixes) == (expected_keys, expected_prefixes)


def test_a_token_stands_in_for_a_start(filled):
    """Recorded on AWS: a page that a token asks for does not repeat ``start-after``."""
    first = filled("GET", "/b-1", query="list-type=2&max-keys=1&start-after=a").body.decode()
    token = re.search("<NextContinuationToken>(.*?)<", first)[1]
    query = f"list-type=2&max-keys=1&start-after=a&continuation-token={token}"
    second = filled("GET", "/b-1", query=query).body.decode()

    assert ("<StartAfter>" in first, "<StartAfter>" in second) == (True, False)


@pytest.mark.parametrize(
    ("query", "marker"), [("", "marker"), ("versions", "key-marker"), ("uploads", "key-marker")]
)
def test_a_marker_in_a_common_prefix(s3, query, marker):
    """Recorded on AWS: the prefix that a marker lies in is not shown again."""
    for key in ("f/a/1", "f/a/2", "f/b"):
        s3("PUT", f"/b-1/{key}", b"")
        s3("POST", f"/b-1/{key}", query="uploads")
    page = s3("GET", "/b-1", query=f"{query}&prefix=f/&delimiter=/&{marker}=f/a/1")

    assert (prefixes_of(page), page.body.count(b"<Key>"), b"f/b" in page.body) == ([], 1, True)


def test_encoded_keys(s3):
    """``encoding-type=url`` shows what XML cannot hold, as a form would write it."""
    for key in ("a b", "a+b", "a%2Fb", "a\x01b", "a/b*~(1)"):
        s3("PUT", f"/b-1/{key}", b"")
    answer = s3("GET", "/b-1", query="list-type=2&encoding-type=url")

    assert keys_of(answer) == ["a%01b", "a+b", "a%252Fb", "a%2Bb", "a/b*%7E%281%29"]


def test_max_keys(filled):
    """0 shows nothing; more than 1000 is 1000; nonsense is refused."""
    none = filled("GET", "/b-1", query="list-type=2&max-keys=0")
    many = filled("GET", "/b-1", query="list-type=2&max-keys=5000")

    assert (keys_of(none), b"<IsTruncated>false" in none.body) == ([], True)
    assert b"<MaxKeys>1000</MaxKeys>" in many.body
    for wrong in ("-1", "x", "9999999999"):
        refused = filled("GET", "/b-1", query=f"max-keys={wrong}")
        assert error(refused)[:2] == (400, "InvalidArgument")


@pytest.mark.parametrize(
    "query", ["list-type=2&continuation-token=", "list-type=2&continuation-token=%25%25"]
)
def test_tokens_that_s3_did_not_give(s3, query):
    """A continuation token that is none is refused."""
    assert error(s3("GET", "/b-1", query=query)) == (
        400,
        "InvalidArgument",
        "The continuation token provided is incorrect",
    )


def delete(s3, document):
    digest = base64.b64encode(hashlib.md5(document).digest()).decode()
    return s3("POST", "/b-1", document, {"Content-MD5": digest}, query="delete")


def test_delete_objects(filled):
    """Missing keys count as deleted (aws-facts 6.4); a condition that does not hold is an error."""
    answer = delete(
        filled,
        b"<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object>"
        b"<Object><Key>b</Key><ETag>other</ETag></Object></Delete>",
    )

    assert answer.body.decode() == (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<DeleteResult{NAMESPACE}>'
        "<Deleted><Key>a</Key></Deleted><Deleted><Key>none</Key></Deleted>"
        "<Error><Key>b</Key><Code>PreconditionFailed</Code>"
        "<Message>At least one of the pre-conditions you specified did not hold</Message></Error>"
        "</DeleteResult>"
    )
    assert filled("HEAD", "/b-1/a").status == 404
    assert filled("HEAD", "/b-1/b").status == 200


def test_quiet_and_refused_deletes(filled):
    """Quiet says nothing of what went well; over a thousand, none, or no digest is refused."""
    one = b"<Object><Key>a</Key></Object>"
    quiet = delete(filled, b"<Delete><Quiet>true</Quiet>" + one + b"</Delete>")
    many = delete(filled, b"<Delete>" + one * 1001 + b"</Delete>")
    none = delete(filled, b"<Delete></Delete>")
    undigested = filled("POST", "/b-1", b"<Delete>" + one + b"</Delete>", query="delete")

    assert b"<Deleted>" not in quiet.body
    assert [error(answer)[1] for answer in (many, none)] == ["MalformedXML"] * 2
    assert error(undigested) == (
        400,
        "InvalidRequest",
        "Missing required header for this request: Content-MD5",
    )


def test_deleting_versions(s3):
    """Versions are deleted by id; without one a marker is made, and named."""
    on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    s3("PUT", "/b-1", on, query="versioning")
    version = s3("PUT", "/b-1/k", b"1").headers["x-amz-version-id"]
    marked = delete(s3, b"<Delete><Object><Key>k</Key></Object></Delete>").body.decode()
    gone = delete(
        s3,
        f"<Delete><Object><Key>k</Key><VersionId>{version}</VersionId></Object></Delete>".encode(),
    ).body.decode()

    assert re.search(
        "<Deleted><Key>k</Key><DeleteMarker>true</DeleteMarker>"
        "<DeleteMarkerVersionId>.+</DeleteMarkerVersionId></Deleted>",
        marked,
    )
    assert f"<Deleted><Key>k</Key><VersionId>{version}</VersionId></Deleted>" in gone
