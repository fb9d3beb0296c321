"""Object lock: retention, legal hold, and what a bucket gives its new versions.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectRetention.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html
Codes and messages are those that moto's and LocalStack's tests have recorded on AWS.
"""

import base64
import hashlib
import io
from datetime import timedelta

import pytest
from s3_calls import NAMESPACE, S3Calls, error

from emulator.application import Bucket, ObjectLock
from emulator.errors import StartupError

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
PROTECTED = (403, "AccessDenied", "Access Denied because object protected by object lock.")
MISSING = (400, "InvalidRequest", "Bucket is missing Object Lock Configuration")
UNTIL = "2026-01-03T00:00:00.000Z"
BYPASS = {"x-amz-bypass-governance-retention": "true"}
LOCKED = {"x-amz-bucket-object-lock-enabled": "true"}
MD5 = base64.b64encode(hashlib.md5(b"body").digest()).decode()
DEFAULT = (
    "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
    "<DefaultRetention>{}</DefaultRetention></Rule></ObjectLockConfiguration>"
)


@pytest.fixture
def locked(s3):
    """Give an S3 whose bucket ``b-2`` takes locks, at 2026-01-02T03:04:05Z."""
    assert s3("PUT", "/b-2", headers=LOCKED).status == 200
    return s3


def put(s3, **locks):
    """Upload ``k`` with locks; give the version."""
    headers = {f"x-amz-object-lock-{name.replace('_', '-')}": text for name, text in locks.items()}
    answer = s3("PUT", "/b-2/k", b"body", {"Content-MD5": MD5, **headers})
    assert answer.status == 200
    return answer.headers["x-amz-version-id"]


def retain(s3, mode, until, headers=None):
    body = f"<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>"
    return s3("PUT", "/b-2/k", body.encode(), headers, query="retention")


def hold(s3, status):
    body = f"<LegalHold><Status>{status}</Status></LegalHold>".encode()
    return s3("PUT", "/b-2/k", body, query="legal-hold")


def delete(s3, version, headers=None):
    return s3("DELETE", "/b-2/k", headers=headers, query=f"versionId={version}")


def test_a_bucket_with_locks(locked):
    """It keeps versions, for good, and says that it has locks."""
    suspended = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"

    assert b"Enabled" in locked("GET", "/b-2", query="versioning").body
    assert locked("GET", "/b-2", query="object-lock").body.decode() == (
        f"{HEAD}<ObjectLockConfiguration{NAMESPACE}><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
        "</ObjectLockConfiguration>"
    )
    assert error(locked("PUT", "/b-2", suspended, query="versioning")) == (
        409,
        "InvalidBucketState",
        (
            "An Object Lock configuration is present on this bucket, so the versioning state cannot"
            " be changed."
        ),
    )


def test_a_retention(locked):
    """A version cannot be deleted before its time; a delete marker can be put over it."""
    version = put(locked, mode="COMPLIANCE", retain_until_date=UNTIL)
    shown = locked("HEAD", "/b-2/k").headers

    assert (shown["x-amz-object-lock-mode"], shown["x-amz-object-lock-retain-until-date"]) == (
        "COMPLIANCE",
        UNTIL,
    )
    assert locked("GET", "/b-2/k", query="retention").body.decode() == (
        f"{HEAD}<Retention{NAMESPACE}><Mode>COMPLIANCE</Mode>"
        f"<RetainUntilDate>{UNTIL}</RetainUntilDate></Retention>"
    )
    assert error(delete(locked, version, BYPASS)) == PROTECTED
    assert locked("DELETE", "/b-2/k").status == 204
    locked.clock.advance(timedelta(days=1))
    assert delete(locked, version).status == 204


def test_governance_can_be_bypassed(locked):
    """Who says so may delete, also with many others."""
    version, other = (put(locked, mode="GOVERNANCE", retain_until_date=UNTIL) for _ in range(2))
    body = f"<Delete><Object><Key>k</Key><VersionId>{other}</VersionId></Object></Delete>".encode()
    digest = {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}
    refused = locked("POST", "/b-2", body, digest, query="delete").body

    assert error(delete(locked, version)) == PROTECTED
    assert delete(locked, version, BYPASS).status == 204
    assert b"<Code>AccessDenied</Code><Message>Access Denied because object protected" in refused
    assert b"<Deleted>" in locked("POST", "/b-2", body, {**digest, **BYPASS}, query="delete").body


def test_retentions_only_grow(locked):
    """A later date is taken; an earlier one, another mode or none only by bypassing governance."""
    put(locked, mode="GOVERNANCE", retain_until_date=UNTIL)
    earlier, later = UNTIL, "2027-01-01"

    assert retain(locked, "GOVERNANCE", later).status == 200
    assert error(retain(locked, "GOVERNANCE", earlier)) == PROTECTED
    assert error(retain(locked, "COMPLIANCE", "2028-01-01")) == PROTECTED
    assert error(locked("PUT", "/b-2/k", b"<Retention/>", query="retention")) == PROTECTED
    assert locked("PUT", "/b-2/k", b"<Retention/>", BYPASS, query="retention").status == 200
    assert retain(locked, "COMPLIANCE", UNTIL).status == 200
    assert error(retain(locked, "GOVERNANCE", later, BYPASS)) == PROTECTED


def test_a_legal_hold(locked):
    """It holds until it is lifted, whatever is bypassed."""
    version = put(locked, legal_hold="ON")
    held = delete(locked, version, BYPASS)
    shown = locked("GET", "/b-2/k", query="legal-hold").body.decode()

    assert error(held) == PROTECTED
    assert shown == f"{HEAD}<LegalHold{NAMESPACE}><Status>ON</Status></LegalHold>"
    assert hold(locked, "OFF").headers["x-amz-version-id"] == version
    assert locked("HEAD", "/b-2/k").headers["x-amz-object-lock-legal-hold"] == "OFF"
    assert delete(locked, version).status == 204


@pytest.mark.parametrize(
    ("period", "until"),
    [("<Days>1</Days>", "2026-01-03T03:04:05.678Z"), ("<Years>1</Years>", "2027-01-02")],
)
def test_the_default_of_a_bucket(locked, period, until):
    """New versions get it, but delete markers and those with a retention of their own do not."""
    document = DEFAULT.format(f"<Mode>GOVERNANCE</Mode>{period}")
    assert locked("PUT", "/b-2", document.encode(), query="object-lock").status == 200
    version = put(locked)
    shown = locked("HEAD", "/b-2/k").headers
    marker = locked("DELETE", "/b-2/k").headers["x-amz-version-id"]
    own = put(locked, mode="GOVERNANCE", retain_until_date="2030-01-01T00:00:00Z")

    assert shown["x-amz-object-lock-mode"] == "GOVERNANCE"
    assert shown["x-amz-object-lock-retain-until-date"].startswith(until)
    assert (error(delete(locked, version)), delete(locked, marker).status) == (PROTECTED, 204)
    until = locked("HEAD", "/b-2/k", query=f"versionId={own}").headers
    assert until["x-amz-object-lock-retain-until-date"] == "2030-01-01T00:00:00.000Z"


def test_copies_and_multipart_uploads(locked):
    """A copy is not locked as its source; both can ask for locks of their own."""
    put(locked, legal_hold="ON", mode="GOVERNANCE", retain_until_date=UNTIL)
    source = {"x-amz-copy-source": "/b-2/k"}
    asked = {"x-amz-object-lock-legal-hold": "ON"}
    locked("PUT", "/b-2/plain", headers=source)
    locked("PUT", "/b-2/held", headers={**source, **asked})
    uploads = locked("POST", "/b-1/k", headers=asked, query="uploads")
    plain, held = (locked("HEAD", f"/b-2/{key}").headers for key in ("plain", "held"))

    assert not any(name.startswith("x-amz-object-lock") for name in plain)
    assert held["x-amz-object-lock-legal-hold"] == "ON"
    assert "x-amz-object-lock-mode" not in held
    assert error(uploads) == MISSING
    assert locked("POST", "/b-2/k", headers=asked, query="uploads").status == 200
    assert error(locked("PUT", "/b-1/k", headers={**source, **asked})) == MISSING


def test_locks_survive(tmp_path):
    """A lock is there after a restart."""
    s3 = S3Calls(tmp_path)
    s3("PUT", "/b-2", headers=LOCKED)
    version = put(s3)
    hold(s3, "ON")
    s3.stop()
    s3 = S3Calls(tmp_path)
    held = delete(s3, version)
    s3.stop()

    assert error(held) == PROTECTED


def test_the_template_gives_a_bucket_locks(tmp_path):
    """Its versions are kept, and retained as the template says; what S3 refuses stops the start."""
    lock = ObjectLock(mode="GOVERNANCE", days=1)
    bucket = Bucket(logical_id="B", name="b-2", versioning=True, object_lock=lock)
    s3 = S3Calls(tmp_path, buckets=(bucket,))
    held = delete(s3, put(s3))
    shown = s3("GET", "/b-2", query="object-lock").body.decode()
    s3.stop()

    assert error(held) == PROTECTED
    assert DEFAULT.format("<Mode>GOVERNANCE</Mode><Days>1</Days>")[25:] in shown
    wrong = Bucket(logical_id="B", name="b-2", object_lock=ObjectLock(mode="GOVERNANCE"))
    with pytest.raises(StartupError, match="MalformedXML"):
        S3Calls(tmp_path, buckets=(wrong,))


NONE = (
    404,
    "NoSuchObjectLockConfiguration",
    "The specified object does not have a ObjectLock configuration",
)


def test_versions_without_locks(locked):
    """They have neither retention nor hold; an unknown version is that."""
    put(locked)

    assert error(locked("GET", "/b-2/k", query="retention")) == NONE
    assert error(locked("GET", "/b-2/k", query="legal-hold")) == NONE
    assert error(locked("GET", "/b-2/none", query="retention"))[1] == "NoSuchKey"


@pytest.mark.parametrize("query", ["retention", "legal-hold"])
def test_buckets_without_locks(s3, query):
    """Nothing in them can be locked."""
    s3("PUT", "/b-1/k", b"body")
    body = (
        f"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{UNTIL}</RetainUntilDate></Retention>"
        if query == "retention"
        else "<LegalHold><Status>ON</Status></LegalHold>"
    )
    headers = {"x-amz-object-lock-legal-hold": "ON", "Content-MD5": MD5}

    assert error(s3("GET", "/b-1/k", query=query)) == MISSING
    assert error(s3("PUT", "/b-1/k", body.encode(), query=query)) == MISSING
    assert error(s3("PUT", "/b-1/k", b"body", headers)) == MISSING


@pytest.mark.parametrize(
    ("locks", "message"),
    [
        (
            {"mode": "GOVERNANCE"},
            (
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be"
                " supplied"
            ),
        ),
        ({"mode": "ABC", "retain-until-date": UNTIL}, "Unknown wormMode directive."),
        (
            {"mode": "GOVERNANCE", "retain-until-date": "2026-01-01T00:00:00Z"},
            "The retain until date must be in the future!",
        ),
        (
            {"mode": "GOVERNANCE", "retain-until-date": "soon"},
            "The retain until date must be provided in ISO 8601 format",
        ),
        ({"legal-hold": "abc"}, "Legal Hold must be either of 'ON' or 'OFF'"),
    ],
)
def test_refused_headers(locked, locks, message):
    """What is no lock, in S3's words."""
    headers = {f"x-amz-object-lock-{name}": text for name, text in locks.items()}
    answer = locked("PUT", "/b-2/k", b"body", {"Content-MD5": MD5, **headers})

    assert error(answer) == (400, "InvalidArgument", message)


def test_a_locked_upload_has_a_digest(locked):
    """What can never be deleted must arrive as it was sent."""
    answer = locked("PUT", "/b-2/k", b"body", {"x-amz-object-lock-legal-hold": "ON"})

    assert error(answer) == (
        400,
        "InvalidRequest",
        (
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with"
            " Object Lock parameters"
        ),
    )


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("", "MissingRequestBodyError"),
        ("<ObjectLockConfiguration/>", "MalformedXML"),
        (DEFAULT.format("").replace("Enabled<", "On<"), "MalformedXML"),
        (DEFAULT.format("<Mode>abc</Mode><Days>1</Days>"), "MalformedXML"),
        (DEFAULT.format("<Mode>GOVERNANCE</Mode>"), "MalformedXML"),
        (DEFAULT.format("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"), "MalformedXML"),
        (DEFAULT.format("<Mode>GOVERNANCE</Mode><Days>x</Days>"), "MalformedXML"),
        (DEFAULT.format("<Mode>GOVERNANCE</Mode><Days>0</Days>"), "InvalidArgument"),
        (DEFAULT.format("<Mode>GOVERNANCE</Mode><Years>-1</Years>"), "InvalidArgument"),
    ],
)
def test_refused_configurations(locked, document, code):
    """What is no configuration."""
    assert error(locked("PUT", "/b-2", document.encode(), query="object-lock"))[1] == code


def test_a_bucket_that_keeps_no_versions(s3):
    """It cannot have locks, until it keeps versions."""
    document = DEFAULT.format("<Mode>GOVERNANCE</Mode><Days>1</Days>").encode()
    on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"

    assert error(s3("GET", "/b-1", query="object-lock")) == (
        404,
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    )
    assert error(s3("PUT", "/b-1", document, query="object-lock")) == (
        409,
        "InvalidBucketState",
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    )
    s3("PUT", "/b-1", on, query="versioning")
    assert s3("PUT", "/b-1", document, query="object-lock").status == 200


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("retention", "<Retention><Mode>GOVERNANCE</Mode></Retention>"),
        (
            "retention",
            "<Retention><Mode>abc</Mode><RetainUntilDate>2030-01-01</RetainUntilDate></Retention>",
        ),
        ("legal-hold", "<LegalHold><Status>abc</Status></LegalHold>"),
        ("legal-hold", "<X/>"),
        ("legal-hold", ""),  # recorded on AWS
    ],
)
def test_refused_documents(locked, query, document):
    """What is neither retention nor hold."""
    put(locked)

    assert error(locked("PUT", "/b-2/k", document.encode(), query=query))[1] == "MalformedXML"


def test_a_date_that_has_passed(locked):
    """No retention ends before it begins."""
    put(locked)
    message = "The retain until date must be in the future!"

    assert error(retain(locked, "GOVERNANCE", "2026-01-01")) == (400, "InvalidArgument", message)


class Intruder:
    """A service in which something else happens while the body of a request is read."""

    def __init__(self, service, intrude):
        self._service = service
        self._intrude = intrude

    def __call__(self, environ, start_response):
        """Answer a request whose body arrives after the intrusion."""
        body = environ["wsgi.input"].getvalue()

        def arriving():
            self._intrude()
            yield body

        environ["wsgi.input"] = io.BufferedReader(Arriving(arriving()))
        return self._service(environ, start_response)


class Arriving(io.RawIOBase):
    """A stream of pieces."""

    def __init__(self, pieces):
        super().__init__()
        self._pieces = pieces

    def readable(self):
        """It can be read."""
        return True

    def readinto(self, buffer):
        """Give the next piece."""
        piece = next(self._pieces, b"")
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_legal_hold_while_an_acl_arrives(locked):
    """Nothing that is kept beside an object is lost by a slower change of something else."""
    put(locked)
    acl = locked("GET", "/b-2/k", query="acl").body
    service = locked.service
    between = S3Calls.__new__(S3Calls)
    between.service = service
    locked.service = Intruder(service, lambda: hold(between, "ON"))
    changed = locked("PUT", "/b-2/k", acl, query="acl")
    locked.service = service

    assert changed.status == 200
    assert locked("HEAD", "/b-2/k").headers["x-amz-object-lock-legal-hold"] == "ON"
