"""Uploads by a browser's form, as S3 takes and refuses them.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
Answers recorded from AWS: LocalStack's ``s3/test_s3`` snapshots, ceph/s3-tests.
"""

import base64
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config
from fakes import FakeClock
from s3_service import S3

from emulator.application import Bucket, PublicAccessBlock
from emulator.s3.authentication.signature import signature_v2

OPEN = PublicAccessBlock(
    block_public_acls=False,
    ignore_public_acls=False,
    block_public_policy=False,
    restrict_public_buckets=False,
)
VERSIONS = pytest.mark.parametrize("version", ["s3v4", "s3"])


@pytest.fixture
def s3(tmp_path):
    s3 = S3(
        tmp_path,
        FakeClock(datetime.now(UTC)),
        Bucket(logical_id="B", name="b", event_bridge=True),
        Bucket(
            logical_id="O",
            name="open",
            public_access_block=OPEN,
            object_ownership="ObjectWriter",
        ),
    )
    yield s3
    s3.stop()


def presign(key="key", fields=None, conditions=None, *, version="s3v4", expires=60, secret="test"):
    """Make the fields of a form, as boto3 does."""
    client = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:4566",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key=secret,
        config=Config(signature_version=version, s3={"addressing_style": "path"}),
    )
    return client.generate_presigned_post(
        "b", key, Fields=fields, Conditions=conditions, ExpiresIn=expires
    )["fields"]


def form(fields, content=b"content", filename='; filename="a b.txt"', file="file"):
    """Write a form; a field that is a pair has a filename."""
    lines = []
    for name, value in fields.items():
        text, more = (
            (value[0], f'; filename="{value[1]}"') if isinstance(value, tuple) else (value, "")
        )
        lines.append(
            f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{text}\r\n'
        )
    lines.append(f'--x\r\nContent-Disposition: form-data; name="{file}"{filename}\r\n')
    head = "".join(lines) + "Content-Type: text/html\r\n\r\n"
    return head.encode() + content + b"\r\n--x--\r\n"


def post(s3, body, bucket="b", kind="multipart/form-data; boundary=x"):
    """Send a form, as a browser does: nothing of the request itself is signed."""
    return s3("POST", f"/{bucket}", body, {"Content-Type": kind}, signed=False)


@VERSIONS
def test_upload(s3, version):
    """A form is an upload: empty answer, one event, media type from its field only."""
    answer = post(s3, form(presign("dir/key", version=version)))
    events = s3.events()
    head = s3("HEAD", "/b/dir/key")

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Location"] == "http://127.0.0.1:4566/b/dir/key"
    assert answer.headers["ETag"] == head.headers["ETag"] == '"9a0364b9e99bb480dd25e1f0284c8555"'
    assert head.headers["Content-Type"] == "binary/octet-stream"
    assert [event["eventName"] for event in events] == ["ObjectCreated:Post"]
    assert s3("GET", "/b/dir/key").body == b"content"


def test_fields(s3):
    """Fields become headers, metadata and tags of the object."""
    fields = {
        "Content-Type": "image/png",
        "Cache-Control": "no-cache",
        "x-amz-meta-own": "ünicode",
        "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
        "x-ignore-this": "x",
    }
    wanted = [{name: value} for name, value in fields.items() if name != "x-ignore-this"]
    assert post(s3, form(presign(fields=fields, conditions=wanted))).status == 204
    headers = s3("HEAD", "/b/key").headers

    assert (headers["Content-Type"], headers["Cache-Control"]) == ("image/png", "no-cache")
    assert headers["x-amz-tagging-count"] == "1"
    assert "x-amz-meta-own" in headers


def test_tags_of_a_form_that_are_none(s3):
    """Recorded on AWS: any document is taken, only tags are kept; what is no XML is refused."""
    for document, status in (("<InvalidXmlTagging></InvalidXmlTagging>", 204), ("not-xml", 400)):
        fields = {"tagging": document}
        answer = post(s3, form(presign(fields=fields, conditions=[fields])))
        assert answer.status == status
    assert "x-amz-tagging-count" not in s3("HEAD", "/b/key").headers


def test_fields_with_a_filename(s3):
    """A field that bears a filename is a field all the same."""
    fields = {name: (value, "field.txt") for name, value in presign().items()}

    assert post(s3, form(fields)).status == 204


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('; filename="a b.txt"', "up/a%20b.txt"),
        ('; filename="C:\\\\dir\\\\b.txt"', "up/b.txt"),
        ("", "up/$%7Bfilename%7D"),
    ],
)
def test_filename(s3, name, expected):
    """``${filename}`` is the name of the client's file, where it has one."""
    answer = post(s3, form(presign("up/${filename}"), filename=name))

    assert (answer.status, s3("HEAD", f"/b/{expected}").status) == (204, 200)


@pytest.mark.parametrize(
    ("status", "expected"), [("200", 200), ("201", 201), ("204", 204), ("404", 204), ("x", 204)]
)
def test_success_action_status(s3, status, expected):
    """The form chooses one of three statuses; 201 has a document."""
    fields = {"success_action_status": status}
    answer = post(s3, form(presign(fields=fields, conditions=[fields])))

    assert answer.status == expected
    if expected == 201:
        location = "http://127.0.0.1:4566/b/key"
        assert answer.text == (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<PostResponse><Location>{location}</Location><Bucket>b</Bucket><Key>key</Key>"
            '<ETag>"9a0364b9e99bb480dd25e1f0284c8555"</ETag></PostResponse>'
        )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/done", (303, "http://a.example/done?")),
        ("http://a.example/done?x=1", (303, "http://a.example/done?x=1&")),
        ("/relative", (204, "http://127.0.0.1:4566/b/key")),
    ],
)
def test_success_action_redirect(s3, url, expected):
    """A form may lead on to an absolute URL, which learns what was stored."""
    fields = {"success_action_redirect": url}
    answer = post(s3, form(presign(fields=fields, conditions=[fields])))
    query = "bucket=b&key=key&etag=%229a0364b9e99bb480dd25e1f0284c8555%22"
    suffix = query if expected[0] == 303 else ""

    assert (answer.status, answer.headers["Location"]) == (expected[0], expected[1] + suffix)


@VERSIONS
def test_expired(s3, version):
    """A policy ends on the emulator's clock."""
    body = form(presign(version=version, expires=10))
    s3.clock.advance(timedelta(seconds=20))
    answer = post(s3, body)

    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert answer.message == "Invalid according to Policy: Policy expired."


@VERSIONS
def test_wrong_signature(s3, version):
    """A policy that another key has signed is refused, with what was to be signed."""
    fields = presign(version=version, secret="wrong")
    answer = post(s3, form(fields))

    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.member("StringToSign") == fields["policy"]
    assert s3("HEAD", "/b/key").status == 404
    assert s3.events() == []


@pytest.mark.parametrize(
    ("condition", "fields", "message"),
    [
        ({"x-amz-meta-a": "b"}, {"x-amz-meta-a": "c"}, 'failed: ["eq", "$x-amz-meta-a", "b"]'),
        (
            ["starts-with", "$Content-Type", "image/"],
            {"Content-Type": "text/plain"},
            'failed: ["starts-with", "$content-type", "image/"]',
        ),
        (
            ["starts-with", "$x-amz-meta-a", "b"],
            {},
            'failed: ["starts-with", "$x-amz-meta-a", "b"]',
        ),
    ],
)
def test_conditions_that_do_not_hold(s3, condition, fields, message):
    """The condition is named as AWS writes it."""
    answer = post(s3, form({**presign(conditions=[condition]), **fields}))

    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert answer.message.startswith("Invalid according to Policy: Policy Condition failed: [")
    assert answer.message.endswith(message.removeprefix("failed: "))


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        (["starts-with", "$Content-Type", "image/"], "image/png,image/gif"),
        (["starts-with", "$Content-Type", ""], "anything"),
        (["EQ", "$CONTENT-type", "a"], "a"),
    ],
)
def test_conditions_that_hold(s3, condition, value):
    """Operators and names are read in any case; lists of media types hold one by one."""
    fields = presign(conditions=[condition])

    assert post(s3, form({**fields, "Content-Type": value})).status == 204


def test_fields_that_no_condition_covers(s3):
    """A field that the policy does not have is one too many."""
    answer = post(s3, form({**presign(), "x-amz-meta-more": "x"}))

    assert (answer.status, answer.message) == (
        403,
        "Invalid according to Policy: Extra input fields: x-amz-meta-more",
    )


@pytest.mark.parametrize(
    ("size", "code", "members"),
    [
        (3, "EntityTooSmall", {"ProposedSize": "3", "MinSizeAllowed": "5"}),
        (11, "EntityTooLarge", {"ProposedSize": "11", "MaxSizeAllowed": "10"}),
        (5, None, {}),
        (10, None, {}),
    ],
)
def test_content_length_range(s3, size, code, members):
    """The file must be as large as the policy says; nothing is left of another."""
    fields = presign(conditions=[["content-length-range", 5, 10]])
    answer = post(s3, form(fields, b"x" * size))

    assert answer.status == (400 if code else 204)
    if code:
        assert answer.code == code
        assert {name: answer.member(name) for name in members} == members
        assert s3("HEAD", "/b/key").status == 404


def test_a_policy_that_nobody_signed(s3):
    """Recorded on AWS: it is the form of anybody, who may not write here."""
    fields = {name: text for name, text in presign().items() if name in {"key", "policy"}}
    answer = post(s3, form(fields))

    assert (answer.status, answer.code, answer.message) == (403, "AccessDenied", "Access Denied")


def test_missing_fields(s3):
    """Each field that a signature needs is named when it is not there."""
    for name in ("X-Amz-Signature", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Algorithm", "key"):
        fields = {n: v for n, v in presign().items() if n.lower() != name.lower()}
        answer = post(s3, form(fields))

        assert (answer.status, answer.code, answer.member("ArgumentName")) == (
            400,
            "InvalidArgument",
            name,
        )
        assert answer.message == (
            f"Bucket POST must contain a field named '{name}'."
            "  If it is specified, please check the order of the fields."
        ).replace("'", answer.message[answer.message.index("named ") + 6])


def test_what_is_no_form(s3):
    """Another media type is 412; a form without a file, or broken off, is refused."""
    other = post(s3, b"{}", kind="application/json")
    assert (other.status, other.code) == (412, "PreconditionFailed")
    assert other.member("Condition") == (
        "Bucket POST must be of the enclosure-type multipart/form-data"
    )
    assert post(s3, form(presign(), file="other")).member("ArgumentName") == "file"
    broken = post(s3, form(presign())[:-20])
    assert (broken.status, s3("HEAD", "/b/key").status) == (400, 404)
    assert post(s3, form({"a": "x" * 30_000})).code == "MaxPostPreDataLengthExceededError"


def signed_policy(document):
    """Sign a policy by version 2."""
    policy = base64.b64encode(json.dumps(document).encode()).decode()
    signature = signature_v2("test", policy)
    return {"key": "key", "AWSAccessKeyId": "test", "policy": policy, "signature": signature}


LATER = "2100-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "Invalid Policy: Invalid JSON."),
        ({"conditions": []}, "Invalid Policy: Policy missing expiration."),
        ({"EXPIRATION": LATER, "conditions": []}, "Invalid Policy: Policy missing expiration."),
        ({"expiration": LATER}, "Invalid Policy: Policy missing conditions."),
        (
            {"expiration": "2030-01-01 00:00:00", "conditions": []},
            "Invalid Policy: Invalid 'expiration' value: '2030-01-01 00:00:00'",
        ),
        (
            {"expiration": "tomorrow", "conditions": []},
            "Invalid Policy: Invalid 'expiration' value: 'tomorrow'",
        ),
        (
            {"expiration": LATER, "conditions": [["content-length-range", -1, 0]]},
            'Invalid Policy: Invalid content-length-range: ["content-length-range", -1, 0]',
        ),
        (
            {"expiration": LATER, "conditions": [["content-length-range", 0]]},
            'Invalid Policy: Invalid content-length-range: ["content-length-range", 0]',
        ),
        ({"expiration": LATER, "conditions": [{}]}, "Invalid Policy: Invalid condition: {}"),
        (
            {"expiration": LATER, "conditions": [["ends-with", "$key", "x"]]},
            'Invalid Policy: Invalid condition: ["ends-with", "$key", "x"]',
        ),
    ],
)
def test_invalid_policies(s3, document, message):
    """What is no policy is refused, whoever has signed it."""
    answer = post(s3, form(signed_policy(document)))

    assert (answer.status, answer.code) == (400, "InvalidPolicyDocument")
    assert answer.message == message


def test_the_bucket_must_be_covered(s3):
    """A policy that names no bucket holds for none; one that names another, neither."""
    covered = [{"key": "key"}]
    document = {"expiration": LATER, "conditions": covered}
    assert post(s3, form(signed_policy(document))).status == 403
    document["conditions"] = [*covered, {"bucket": "other"}]
    assert post(s3, form(signed_policy(document))).status == 403
    document["conditions"] = [*covered, {"bUcKeT": "b"}]
    assert post(s3, form(signed_policy(document))).status == 204


def test_anonymous_forms(s3):
    """A form that nobody has signed is taken where anybody may write."""
    assert post(s3, form({"key": "a"})).code == "AccessDenied"
    s3("PUT", "/open?acl", headers={"x-amz-acl": "public-read-write"})
    assert post(s3, form({"key": "a"}), "open").status == 204
    assert post(s3, form({"key": "a", "acl": "public-read"}), "open").status == 204
    assert s3("GET", "/open/a", signed=False).status == 200
    assert post(s3, form({**presign(), "acl": "public-read"})).status == 403


def test_large_files_stream(s3):
    """A file of many pieces arrives as it was, boundaries of the pieces included."""
    content = b"\r\n--x-not\r\n" * 100_000
    answer = post(s3, form(presign(), content))

    assert answer.status == 204
    assert s3("GET", "/b/key").body == content
