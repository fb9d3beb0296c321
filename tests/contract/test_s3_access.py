"""Policies, access control lists, public access blocks and ownership, as S3 documents them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

import base64
import hashlib
import json
from datetime import UTC, datetime

import pytest
from fakes import FakeClock
from s3_service import ACCOUNT, S3

from emulator.application import Bucket, PublicAccessBlock
from emulator.errors import StartupError

OPEN = PublicAccessBlock(
    block_public_acls=False,
    ignore_public_acls=False,
    block_public_policy=False,
    restrict_public_buckets=False,
)
UNRELATED = "Action does not apply to any resource(s) in statement"


def policy(**changes):
    """Write a policy of one statement that lets anybody read."""
    statement = {
        "Sid": "PublicRead",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::open/public/*"],
        **changes,
    }
    statement = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode()


@pytest.fixture
def s3(tmp_path):
    open_bucket = Bucket(
        logical_id="B",
        name="open",
        public_access_block=OPEN,
        object_ownership="ObjectWriter",
    )
    s3 = S3(tmp_path, FakeClock(datetime.now(UTC)), open_bucket)
    s3("PUT", "/closed")
    for path in ("/open/public/a", "/open/private", "/closed/a"):
        s3("PUT", path, b"content")
    yield s3
    s3.stop()


def anybody(s3, method, target, body=b"", **headers):
    """Give what a request without a signature is answered."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = s3(method, target, body, sent, signed=False)
    return answer.status if answer.status < 300 else (answer.status, answer.code)


DENIED = (403, "AccessDenied")


def test_anybody_is_refused(s3):
    """Nobody without a signature may do anything where nothing allows it."""
    for method, target in (
        ("GET", "/"),
        ("GET", "/closed"),
        ("GET", "/closed/a"),
        ("PUT", "/closed/b"),
        ("DELETE", "/closed/a"),
        ("GET", "/open/private"),
        ("PUT", "/new-bucket"),
        ("GET", "/closed?policy"),
    ):
        assert anybody(s3, method, target) == DENIED, target
    assert anybody(s3, "GET", "/no-such-bucket/a") == (404, "NoSuchBucket")


def test_refusals_are_logged(s3, caplog):
    """What is refused is a line of the log, without the query, which may bear a signature."""
    s3("GET", "/closed/a", signed=False)
    s3("GET", "/closed/a?X-Amz-Algorithm=AWS4-HMAC-SHA256", signed=False)

    assert caplog.messages[0] == "S3 refuses GET /closed/a: AccessDenied: Access Denied"
    assert caplog.messages[1].startswith(
        "S3 refuses GET /closed/a: AuthorizationQueryParametersError: Query-string authentication"
    )


def test_a_policy_lets_anybody_in(s3):
    """What the policy allows is allowed; what is not there is kept from who may not list."""
    assert s3("PUT", "/open?policy", policy()).status == 204
    assert anybody(s3, "GET", "/open/public/a") == 200
    assert anybody(s3, "GET", "/open/public/nothing") == DENIED
    assert anybody(s3, "GET", "/open/private") == DENIED
    assert anybody(s3, "PUT", "/open/public/a", b"x") == DENIED
    assert s3("GET", "/open?policy").body == policy()
    assert s3("GET", "/open?policyStatus").member("IsPublic") == "true"  # as SDKs read it
    listing = policy(Action="s3:ListBucket", Resource="arn:aws:s3:::open")
    s3("PUT", "/open?policy", listing)
    assert anybody(s3, "GET", "/open?list-type=2") == 200
    assert s3("DELETE", "/open?policy").status == 204
    assert anybody(s3, "GET", "/open?list-type=2") == DENIED
    assert s3("GET", "/open?policy").code == "NoSuchBucketPolicy"


def test_a_denial_wins(s3):
    """A denial holds for the account, too, but for the policy itself."""
    s3("PUT", "/open?policy", policy(Effect="Deny", Action="s3:*", Resource="arn:aws:s3:::open/*"))
    assert s3("GET", "/open/private").code == "AccessDenied"
    assert s3("GET", "/open?list-type=2").status == 200
    s3("PUT", "/open?policy", policy(Effect="Deny", Action="s3:*", Resource="arn:aws:s3:::open"))
    assert s3("GET", "/open?list-type=2").code == "AccessDenied"
    assert s3("DELETE", "/open?policy").status == 204


@pytest.mark.parametrize(
    ("condition", "headers", "target", "allowed"),
    [
        ({"StringEquals": {"aws:Referer": "https://a"}}, {"Referer": "https://a"}, "a", True),
        ({"StringLike": {"aws:Referer": "https://a/*"}}, {"Referer": "https://a/b"}, "a", True),
        ({"StringLike": {"aws:Referer": "https://a/*"}}, {}, "a", False),
        ({"StringNotEquals": {"aws:Referer": "x"}}, {}, "a", True),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}}, {}, "a", True),
        ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, "a", False),
        ({"Bool": {"aws:SecureTransport": True}}, {}, "a", True),
        ({"Bool": {"aws:SecureTransport": "false"}}, {}, "a", False),
        ({"Null": {"aws:Referer": "true"}}, {}, "a", True),
        ({"StringEqualsIfExists": {"aws:Referer": "x"}}, {}, "a", True),
        ({"DateLessThan": {"aws:CurrentTime": "2000-01-01T00:00:00Z"}}, {}, "a", False),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, {}, "a", False),
    ],
)
def test_conditions(s3, condition, headers, target, allowed):
    """A statement counts where its conditions hold."""
    s3("PUT", "/open?policy", policy(Condition=condition))
    answer = s3("GET", f"/open/public/{target}", headers=headers, signed=False)

    assert (answer.status == 200) is allowed


def test_conditions_on_tags(s3):
    """What an object is tagged with, and what an upload tags it with, can be asked for.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html
    """
    s3("PUT", "/open/public/tagged", b"x", {"x-amz-tagging": "Security=public"})
    existing = {"StringEquals": {"s3:ExistingObjectTag/Security": "public"}}
    s3("PUT", "/open?policy", policy(Condition=existing))
    reads = [anybody(s3, "GET", f"/open/public/{key}") for key in ("tagged", "a")]
    requested = {"StringEquals": {"s3:RequestObjectTag/Security": "public"}}
    s3("PUT", "/open?policy", policy(Action="s3:PutObject", Condition=requested))
    writes = [
        anybody(s3, "PUT", "/open/public/b", b"x", x_amz_tagging=f"Security={text}")
        for text in ("public", "private")
    ]

    assert (reads, writes) == ([200, DENIED], [200, DENIED])
    assert anybody(s3, "PUT", "/open/public/b", b"x") == DENIED


def test_a_copy_reads_its_source(s3):
    """Who copies must be allowed to read what is copied, as well as to write the copy.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    s3("PUT", "/open?policy", policy(Effect="Deny"))
    source = {"x-amz-copy-source": "/open/public/a"}
    denied = s3("PUT", "/closed/copy", headers=source)
    s3("PUT", "/open?policy", policy(Action=["s3:GetObject", "s3:PutObject"]))
    copies = [
        anybody(s3, "PUT", "/open/public/copy", x_amz_copy_source=path)
        for path in ("/open/public/a", "/open/private", "/closed/a", "/open/public/none")
    ]

    assert (denied.status, denied.code) == DENIED
    assert copies == [200, DENIED, DENIED, DENIED]
    assert s3("PUT", "/closed/copy", headers=source).status == 200


def test_a_list_of_a_version(s3):
    """A version that is open can be read, though the current one is not."""
    on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    s3("PUT", "/open?versioning", on)
    version = s3("PUT", "/open/k", b"x", {"x-amz-acl": "public-read"}).headers["x-amz-version-id"]
    s3("PUT", "/open/k", b"y")

    assert anybody(s3, "GET", f"/open/k?versionId={version}") == 200
    assert anybody(s3, "GET", "/open/k") == DENIED


def test_an_empty_signature(s3):
    """An empty header is none."""
    assert anybody(s3, "GET", "/open/private", Authorization="") == DENIED


def test_condition_on_the_listing(s3):
    """``s3:prefix`` limits what may be listed."""
    condition = {"StringLike": {"s3:prefix": "public/*"}}
    s3(
        "PUT",
        "/open?policy",
        policy(Action="s3:ListBucket", Resource="arn:aws:s3:::open", Condition=condition),
    )

    assert anybody(s3, "GET", "/open?list-type=2&prefix=public/") == 200
    assert anybody(s3, "GET", "/open?list-type=2") == DENIED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"no JSON", "Policies must be valid JSON and the first byte must be '{'"),
        (b"{}", "Missing required field Statement"),
        (policy(Principal=None), "Missing required field Principal"),
        (policy(Principal={"Somebody": "*"}), "Invalid principal in policy"),
        (policy(Action=None), "Missing required field Action"),
        (policy(Action="ec2:Run"), "Policy has invalid action"),
        (policy(Action="s3:GetObjekt"), "Policy has invalid action"),
        (policy(Action=["s3:*", "s3:Foo*"]), "Policy has invalid action"),
        (policy(Action="s3:ListAllMyBuckets"), "Policy has invalid action"),
        (policy(Action=["s3:GetObject", "s3:ListBucket"]), UNRELATED),
        (policy(Resource="arn:aws:s3:::open"), UNRELATED),
        (policy(Resource="arn:aws:s3:::other/*"), "Policy has invalid resource"),
        (policy(Effect="Maybe"), "Invalid effect: Maybe"),
        (policy(Effect=None), "Missing required field Effect"),
        (policy(Efect="Allow"), "Unknown field Efect"),
        (policy(Condition={"Bool": {"own:Key": "x"}}), "Policy has an invalid condition key"),
    ],
)
def test_malformed_policies(s3, text, message):
    """What is no policy is refused, and the old one stays."""
    s3("PUT", "/open?policy", policy())
    answer = s3("PUT", "/open?policy", text)

    assert (answer.status, answer.code, answer.message) == (400, "MalformedPolicy", message)
    assert s3("GET", "/open?policy").body == policy()


@pytest.mark.parametrize("action", ["s3:Get*", "S3:getobject", "*", "s3:*", "s3:?etObject"])
def test_actions(s3, action):
    """An action is named in any case, or by a pattern that some action on the resource has."""
    assert s3("PUT", "/open?policy", policy(Action=action)).status == 204


def test_many_deletions_are_allowed_one_by_one(s3):
    """``DeleteObjects`` is 200, and says of each key whether it might be deleted.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    denied = policy(Effect="Deny", Action="s3:DeleteObject")
    s3("PUT", "/open?policy", denied)
    body = (
        b"<Delete><Object><Key>public/a</Key></Object><Object><Key>private</Key></Object></Delete>"
    )
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    answer = s3("POST", "/open?delete", body, {"Content-MD5": md5})

    assert answer.status == 200
    assert (
        "<Error><Key>public/a</Key><Code>AccessDenied</Code><Message>Access Denied</Message>"
        "</Error>"
        "<Deleted><Key>private</Key></Deleted>"
    ) in answer.text
    foreign = {"Content-MD5": md5, "x-amz-expected-bucket-owner": "210987654321"}
    assert s3("POST", "/open?delete", body, foreign).code == "AccessDenied"


@pytest.mark.parametrize(
    "header", ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"]
)
def test_expected_owner(s3, header):
    """Who takes the bucket for another account's is refused.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """
    answer = s3("PUT", "/closed/key", b"x", {header: "000000000000"})

    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert s3("PUT", "/closed/key", b"x", {header: ACCOUNT}).status == 200


def test_unknown_operators_are_named(s3):
    """A condition operator that is not evaluated is refused by name."""
    answer = s3("PUT", "/open?policy", policy(Condition={"BinaryEquals": {"aws:Referer": "x"}}))

    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert "BinaryEquals" in answer.message


def block(**settings):
    """Write a public access block; what is not named is not blocked."""
    inner = "".join(f"<{name}>true</{name}>" for name in settings)
    return f"<PublicAccessBlockConfiguration>{inner}</PublicAccessBlockConfiguration>".encode()


def test_the_public_access_block(s3):
    """Each of its settings refuses or ignores what it says."""
    assert s3("PUT", "/closed?policy", policy(Resource="arn:aws:s3:::closed/*")).code == (
        "AccessDenied"
    )
    s3("PUT", "/open?policy", policy())
    s3("PUT", "/open/listed", b"x", {"x-amz-acl": "public-read"})
    assert anybody(s3, "GET", "/open/listed") == 200
    s3("PUT", "/open?publicAccessBlock", block(RestrictPublicBuckets=True))
    assert anybody(s3, "GET", "/open/public/a") == DENIED
    assert anybody(s3, "GET", "/open/listed") == 200
    s3("PUT", "/open?publicAccessBlock", block(IgnorePublicAcls=True))
    assert anybody(s3, "GET", "/open/public/a") == 200
    assert anybody(s3, "GET", "/open/listed") == DENIED
    s3("PUT", "/open?publicAccessBlock", block(BlockPublicAcls=True, BlockPublicPolicy=True))
    refused = s3("PUT", "/open/b", b"x", {"x-amz-acl": "public-read"})
    assert refused.code == "AccessDenied"
    assert s3("PUT", "/open?acl", headers={"x-amz-acl": "public-read"}).code == "AccessDenied"
    assert s3("PUT", "/open/listed?acl", headers={"x-amz-acl": "public-read"}).code == (
        "AccessDenied"
    )
    assert s3("PUT", "/open?policy", policy()).code == "AccessDenied"
    fixed = policy(Condition={"IpAddress": {"aws:SourceIp": "10.1.2.3/32"}})
    assert s3("PUT", "/open?policy", fixed).status == 204  # it is not public
    assert s3("GET", "/open?policyStatus").member("IsPublic") == "false"


def test_the_block_by_api(s3):
    """A new bucket blocks everything; a block that was deleted is not there."""
    shown = s3("GET", "/closed?publicAccessBlock").text
    assert shown.count("true") == 4
    assert s3("DELETE", "/closed?publicAccessBlock").status == 204
    assert s3("GET", "/closed?publicAccessBlock").code == "NoSuchPublicAccessBlockConfiguration"
    assert s3("PUT", "/closed?policy", policy(Resource="arn:aws:s3:::closed/*")).status == 204
    assert anybody(s3, "GET", "/closed/a") == 200


@pytest.mark.parametrize(
    ("acl", "read", "written"),
    [
        ("private", DENIED, DENIED),
        ("public-read", 200, DENIED),
        ("public-read-write", 200, 200),
        ("authenticated-read", DENIED, DENIED),
        ("bucket-owner-full-control", DENIED, DENIED),
    ],
)
def test_canned_lists(s3, acl, read, written):
    """A canned list of a bucket lets anybody list or write, of an object read, as it says."""
    assert s3("PUT", "/open?acl", headers={"x-amz-acl": acl}).status == 200
    s3("PUT", "/open/object", b"x", {"x-amz-acl": acl})

    assert anybody(s3, "GET", "/open?list-type=2") == read
    assert anybody(s3, "GET", "/open/object") == read
    assert anybody(s3, "PUT", "/open/new", b"x") == written
    assert "acl" not in s3("HEAD", "/open/object").headers


def test_lists_by_api(s3):
    """A list is shown as it was put, and each version of an object has its own."""
    uri = "http://acs.amazonaws.com/groups/global/AllUsers"
    s3("PUT", "/open/object", b"x", {"x-amz-grant-read": f'uri="{uri}"'})
    shown = s3("GET", "/open/object?acl")
    assert (shown.member("URI"), shown.member("Permission")) == (uri, "READ")
    document = s3("GET", "/open/private?acl").body
    assert s3("PUT", "/open/object?acl", document).status == 200
    assert anybody(s3, "GET", "/open/object") == DENIED
    s3("PUT", "/open/object?acl", headers={"x-amz-acl": "public-read"})
    assert anybody(s3, "GET", "/open/object") == 200
    s3("PUT", "/open/copy", headers={"x-amz-copy-source": "/open/object"})
    assert anybody(s3, "GET", "/open/copy") == DENIED  # copies are private again
    s3("PUT", "/open/object", b"y")
    assert anybody(s3, "GET", "/open/object") == DENIED


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-amz-acl": "everybody"}, "InvalidArgument"),
        ({"x-amz-acl": "private", "x-amz-grant-read": 'id="1"'}, "InvalidRequest"),
        ({"x-amz-grant-read": "somebody"}, "InvalidArgument"),
        ({"x-amz-grant-read": 'emailAddress="a@b"'}, "UnresolvableGrantByEmailAddress"),
        ({}, "MissingSecurityHeader"),
    ],
)
def test_refused_lists(s3, headers, code):
    """A list that S3 does not know is refused."""
    assert s3("PUT", "/open?acl", headers=headers).code == code


def test_addresses_in_a_list(s3):
    """Nobody has an e-mail address here."""
    grantee = "<Grantee><EmailAddress>a@b</EmailAddress></Grantee>"
    owner = f"<Owner><ID>{'0' * 64}</ID></Owner>"
    grant = f"<Grant>{grantee}<Permission>READ</Permission></Grant>"
    body = f"<AccessControlPolicy>{owner}<AccessControlList>{grant}</AccessControlList>"
    answer = s3("PUT", "/open?acl", f"{body}</AccessControlPolicy>".encode())

    assert answer.code == "UnresolvableGrantByEmailAddress"


def test_ownership(s3):
    """A new bucket takes no lists; the ownership controls say so, and change it."""
    shown = s3("GET", "/closed?ownershipControls")
    assert shown.member("ObjectOwnership") == "BucketOwnerEnforced"
    for target, body in (("/closed/b", b"x"), ("/closed?acl", b""), ("/closed/a?acl", b"")):
        answer = s3("PUT", target, body, {"x-amz-acl": "public-read"})
        assert (answer.status, answer.code, answer.message) == (
            400,
            "AccessControlListNotSupported",
            "The bucket does not allow ACLs",
        )
    full = {"x-amz-acl": "bucket-owner-full-control"}
    assert s3("PUT", "/closed/b", b"x", full).status == 200
    rule = b"<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
    assert s3("PUT", "/closed?ownershipControls", rule + b"</OwnershipControls>").status == 200
    assert s3("PUT", "/closed/b", b"x", {"x-amz-acl": "private"}).status == 200
    assert s3("DELETE", "/closed?ownershipControls").status == 204
    assert s3("GET", "/closed?ownershipControls").code == "OwnershipControlsNotFoundError"


def test_creation(s3):
    """A bucket is made with its ownership; lists and public grants are refused as on AWS."""
    acl = {"x-amz-acl": "public-read"}
    writer = {"x-amz-object-ownership": "ObjectWriter"}
    assert s3("PUT", "/one", headers=acl).code == "InvalidBucketAclWithObjectOwnership"
    assert s3("PUT", "/one", headers={**acl, **writer}).code == (
        "InvalidBucketAclWithBlockPublicAccessError"
    )
    assert s3("PUT", "/one", headers=writer).status == 200
    assert s3("GET", "/one?ownershipControls").member("ObjectOwnership") == "ObjectWriter"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"policy": policy().decode()}, "AccessDenied"),
        ({"policy": "{}", "public_access_block": OPEN}, "MalformedPolicy"),
        ({"access_control": "PublicRead"}, "InvalidBucketAclWithObjectOwnership"),
        (
            {"access_control": "PublicRead", "object_ownership": "ObjectWriter"},
            "InvalidBucketAclWithBlockPublicAccessError",
        ),
    ],
)
def test_templates_that_cannot_be_deployed(tmp_path, settings, code):
    """What a deployment would fail with stops the start, with the code and the bucket."""
    with pytest.raises(StartupError, match=f"open \\(B\\).*{code}"):
        S3(tmp_path, FakeClock(), Bucket(logical_id="B", name="open", **settings))


def test_the_template_opens_a_bucket(tmp_path):
    """Policy and list of the template count."""
    settings = {"public_access_block": OPEN, "object_ownership": "ObjectWriter"}
    bucket = Bucket(
        logical_id="B",
        name="open",
        policy=policy().decode(),
        access_control="PublicRead",
        **settings,
    )
    s3 = S3(tmp_path, FakeClock(datetime.now(UTC)), bucket)
    s3("PUT", "/open/public/a", b"x")

    assert anybody(s3, "GET", "/open/public/a") == 200
    assert anybody(s3, "GET", "/open?list-type=2") == 200
    assert anybody(s3, "PUT", "/open/a", b"x") == DENIED
    s3.stop()


OWNER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
FAKE_GROUP = "http://acs.amazonaws.com/groups/s3/FakeGroup"


@pytest.mark.parametrize(
    ("headers", "message", "argument"),
    [
        ({"x-amz-acl": "fake-acl"}, "", "x-amz-acl"),
        ({"x-amz-grant-write": f'uri="{FAKE_GROUP}"'}, "Invalid group uri", "uri"),
        ({"x-amz-grant-write": 'id="wrong-id"'}, "Invalid id", "id"),
    ],
)
def test_grantees_that_cannot_be(s3, headers, message, argument):
    """Recorded on AWS."""
    answer = s3("PUT", "/open?acl", headers=headers)

    assert answer.code == "InvalidArgument"
    assert f"<Message>{message}</Message><ArgumentName>{argument}</ArgumentName>" in answer.text


def list_of(owner, grantee):
    grant = f"<Grant><Grantee>{grantee}</Grantee><Permission>READ</Permission></Grant>"
    return (
        f"<AccessControlPolicy><Owner><ID>{owner}</ID></Owner>"
        f"<AccessControlList>{grant}</AccessControlList></AccessControlPolicy>"
    ).encode()


@pytest.mark.parametrize(
    ("owner", "grantee", "argument"),
    [
        ("wrong-id", f"<ID>{OWNER}</ID>", "CanonicalUser/ID"),
        (OWNER, "<ID>wrong-id</ID>", "CanonicalUser/ID"),
        (OWNER, f"<URI>{FAKE_GROUP}</URI>", "Group/URI"),
    ],
)
def test_documents_with_grantees_that_cannot_be(s3, owner, grantee, argument):
    """Recorded on AWS."""
    answer = s3("PUT", "/open?acl", list_of(owner, grantee))

    assert answer.code == "InvalidArgument"
    assert f"<ArgumentName>{argument}</ArgumentName>" in answer.text


def test_a_canned_list_beside_a_document(s3):
    """Recorded on AWS: one or the other."""
    body = list_of(OWNER, f"<ID>{OWNER}</ID>")

    assert s3("PUT", "/open?acl", body, {"x-amz-acl": "private"}).code == "UnexpectedContent"


def test_what_anybody_is_told_in_a_listing(s3):
    """Recorded on AWS: not who owns the objects."""
    s3("PUT", "/open?acl", headers={"x-amz-acl": "public-read"})

    assert "<Owner>" in s3("GET", "/open").text
    assert "<Owner>" not in s3("GET", "/open", signed=False).text
