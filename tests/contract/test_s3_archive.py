"""Restoring objects from the archive, on the emulator's clock.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
"""

from datetime import timedelta

import pytest
from s3_calls import error


def restore(s3, days=2, tier=None, key="k"):
    job = f"<GlacierJobParameters><Tier>{tier}</Tier></GlacierJobParameters>" if tier else ""
    body = f"<RestoreRequest><Days>{days}</Days>{job}</RestoreRequest>".encode()
    return s3("POST", f"/b-1/{key}", body, query="restore")


@pytest.fixture
def archived(s3):
    """Give an S3 that has an archived object, at 2026-01-02T03:04:05Z."""
    s3("PUT", "/b-1/k", b"body", {"x-amz-storage-class": "GLACIER"})
    return s3


def test_a_restoration(archived):
    """It takes hours; then the object can be read and copied, until the midnight after its days."""
    begun, again = restore(archived), restore(archived)
    ongoing = archived("HEAD", "/b-1/k").headers["x-amz-restore"]
    unread = archived("GET", "/b-1/k")
    archived.clock.advance(timedelta(hours=5))
    done = archived("GET", "/b-1/k")
    copied = archived("PUT", "/b-1/copy", headers={"x-amz-copy-source": "/b-1/k"})
    longer = restore(archived, days=9)
    shown = archived("HEAD", "/b-1/k").headers["x-amz-restore"]
    archived.clock.advance(timedelta(days=10))
    gone = archived("GET", "/b-1/k")

    assert (begun.status, longer.status, done.body, copied.status) == (202, 200, b"body", 200)
    assert error(again) == (
        409,
        "RestoreAlreadyInProgress",
        "Object restore is already in progress",
    )
    assert ongoing == 'ongoing-request="true"'
    assert done.headers["x-amz-restore"] == (
        'ongoing-request="false", expiry-date="Mon, 05 Jan 2026 00:00:00 GMT"'
    )
    assert shown == 'ongoing-request="false", expiry-date="Mon, 12 Jan 2026 00:00:00 GMT"'
    assert error(unread)[:2] == error(gone)[:2] == (403, "InvalidObjectState")
    assert "x-amz-restore" not in archived("HEAD", "/b-1/k").headers
    assert "x-amz-restore" not in archived("HEAD", "/b-1/copy").headers


@pytest.mark.parametrize(
    ("storage_class", "tier", "hours"),
    [
        ("GLACIER", "Expedited", 5 / 60),
        ("GLACIER", "Bulk", 12),
        ("DEEP_ARCHIVE", "Standard", 12),
        ("DEEP_ARCHIVE", "Bulk", 48),
    ],
)
def test_tiers(s3, storage_class, tier, hours):
    """Each takes as long as AWS says that it may."""
    s3("PUT", "/b-1/k", b"body", {"x-amz-storage-class": storage_class})
    restore(s3, tier=tier)
    s3.clock.advance(timedelta(hours=hours, seconds=-1))
    before = s3("GET", "/b-1/k").status
    s3.clock.advance(timedelta(seconds=1))

    assert (before, s3("GET", "/b-1/k").status) == (403, 200)


def test_what_is_not_archived(s3):
    """It needs no restoration; what is not there cannot have one."""
    s3("PUT", "/b-1/k", b"body")
    s3("PUT", "/b-1/deep", b"body", {"x-amz-storage-class": "DEEP_ARCHIVE"})

    assert error(restore(s3)) == (
        403,
        "InvalidObjectState",
        "Restore is not allowed for the object's current storage class",
    )
    assert error(restore(s3, key="none"))[1] == "NoSuchKey"
    assert error(restore(s3, tier="Expedited", key="deep"))[1] == "InvalidArgument"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("", "MalformedXML"),
        ("<RestoreRequest/>", "MalformedXML"),
        ("<RestoreRequest><Days>0</Days></RestoreRequest>", "MalformedXML"),
        ("<RestoreRequest><Days>1</Days><Tier>Fast</Tier></RestoreRequest>", "MalformedXML"),
        ("<RestoreRequest><Type>SELECT</Type></RestoreRequest>", "NotImplemented"),
    ],
)
def test_refused_requests(archived, document, code):
    """What is no request, or one for a query of the archive."""
    assert error(archived("POST", "/b-1/k", document.encode(), query="restore"))[1] == code
