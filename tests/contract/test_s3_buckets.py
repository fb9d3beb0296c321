"""Buckets: names, places, tags, and configurations that are kept or refused.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

import botocore.session
import pytest
from s3_calls import NAMESPACE, S3Calls, error

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TAGS = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"


def place(name):
    return (
        f"<CreateBucketConfiguration><LocationConstraint>{name}</LocationConstraint>"
        "</CreateBucketConfiguration>"
    ).encode()


@pytest.mark.parametrize("name", ["abc", "a.b-c.d", "1bc", "a" * 63, "my-bucket.v1"])
def test_names(s3, name):
    """These are allowed."""
    assert s3("PUT", f"/{name}").status == 200


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "Abc",
        "a_b",
        "-ab",
        "ab-",
        "a..b",
        "a.-b",
        "192.168.5.4",
        "xn--abc",
        "sthree-abc",
        "amzn-s3-demo-x",
        "abc-s3alias",
        "abc--ol-s3",
        "abc.mrap",
    ],
)
def test_names_that_s3_refuses(s3, name):
    """These are not."""
    assert error(s3("PUT", f"/{name}")) == (
        400,
        "InvalidBucketName",
        "The specified bucket is not valid.",
    )


def test_places(s3):
    """us-east-1 has no location; from there any other region can be named."""
    s3("PUT", "/b-eu", place("eu-west-1"))

    assert s3("GET", "/b-1", query="location").body.decode() == (
        f"{HEAD}<LocationConstraint{NAMESPACE}></LocationConstraint>"
    )
    assert b">eu-west-1<" in s3("GET", "/b-eu", query="location").body
    assert s3("HEAD", "/b-eu").headers["x-amz-bucket-region"] == "eu-west-1"
    assert error(s3("PUT", "/b-2", place("us-east-1"))) == (
        400,
        "InvalidLocationConstraint",
        "The specified location-constraint is not valid",
    )


def test_places_of_another_region(tmp_path):
    """Elsewhere the place must be named, and be the endpoint's own."""
    s3 = S3Calls(tmp_path, region="eu-west-1")
    unnamed, foreign = s3("PUT", "/b-1"), s3("PUT", "/b-1", place("us-west-2"))
    assert s3("PUT", "/b-1", place("eu-west-1")).status == 200
    again = s3("PUT", "/b-1", place("eu-west-1"))
    s3.stop()

    assert error(unnamed)[1:] == (
        "IllegalLocationConstraintException",
        (
            "The unspecified location constraint is incompatible for the region specific endpoint"
            " this request was sent to."
        ),
    )
    assert error(foreign)[1] == "IllegalLocationConstraintException"
    assert error(again)[:2] == (409, "BucketAlreadyOwnedByYou")


def signed_for(region):
    credential = f"Credential=test/20260102/{region}/s3/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0"}


@pytest.mark.parametrize("named", ["us-east-1", "us-east-2", "eu-central-1", "us-gov-east-2"])
def test_places_of_another_endpoint(s3, named):
    """The endpoint is the region that a request is signed for, as an SDK chooses it."""
    here, unnamed, foreign = (
        s3("PUT", f"/b-{number}", body, signed_for("us-west-2"))
        for number, body in ((2, place("us-west-2")), (3, b""), (4, place(named)))
    )
    again = s3("PUT", "/b-2", place("us-west-2"), signed_for("us-west-2"))
    elsewhere = s3("PUT", "/b-2")

    assert (here.status, s3("HEAD", "/b-2").headers["x-amz-bucket-region"]) == (200, "us-west-2")
    for answer, region in ((unnamed, "unspecified"), (foreign, named)):
        assert error(answer) == (
            400,
            "IllegalLocationConstraintException",
            (
                f"The {region} location constraint is incompatible for the region specific endpoint"
                " this request was sent to."
            ),
        )
    assert error(again)[:2] == error(elsewhere)[:2] == (409, "BucketAlreadyOwnedByYou")


def test_tags_of_a_new_bucket(s3):
    """A bucket can be made with tags; the answer names it."""
    tags = "<Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags>"
    body = f"<CreateBucketConfiguration>{tags}</CreateBucketConfiguration>".encode()

    assert s3("PUT", "/b-2", body).headers["x-amz-bucket-arn"] == "arn:aws:s3:::b-2"
    assert b"<Key>a</Key>" in s3("GET", "/b-2", query="tagging").body


def test_what_only_directory_buckets_have(s3):
    """It is refused by name."""
    place = "<Location><Name>use1-az4</Name></Location>"
    body = f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>".encode()
    namespace = {"x-amz-bucket-namespace": "account-regional"}

    assert error(s3("PUT", "/b-2", body))[:2] == (501, "NotImplemented")
    assert error(s3("PUT", "/b-2", headers=namespace))[:2] == (501, "NotImplemented")


def test_making_and_deleting(s3):
    """A bucket can be made again in us-east-1; it is deleted empty; unfinished uploads go too."""
    s3("PUT", "/b-1/k", b"1")
    refused = s3("DELETE", "/b-1")
    s3("DELETE", "/b-1/k")
    s3("POST", "/b-1/k", query="uploads")

    assert s3("PUT", "/b-1").status == 200
    assert error(refused) == (409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
    assert s3("DELETE", "/b-1").status == 204
    assert s3("HEAD", "/b-1").status == 404


def test_tags_of_an_object(s3):
    """They are put whole, shown, and deleted; an object without any has an empty set."""
    s3("PUT", "/b-1/k", b"1")

    assert s3("PUT", "/b-1/k", TAGS.encode(), query="tagging").status == 200
    assert s3("GET", "/b-1/k", query="tagging").body.decode() == (
        f"{HEAD}<Tagging{NAMESPACE}><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>"
        "</Tagging>"
    )
    assert s3("DELETE", "/b-1/k", query="tagging").status == 204
    assert s3("GET", "/b-1/k", query="tagging").body.decode() == (
        f"{HEAD}<Tagging{NAMESPACE}><TagSet></TagSet></Tagging>"
    )
    assert error(s3("PUT", "/b-1/none", TAGS.encode(), query="tagging"))[1] == "NoSuchKey"


def tagging(*pairs):
    tags = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>".encode()


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            tagging(*((f"k{n}", "") for n in range(11))),
            "BadRequest",
            "Object tags cannot be greater than 10",
        ),
        (
            tagging(("a", "1"), ("a", "2")),
            "InvalidTag",
            "Cannot provide multiple Tags with the same key",
        ),
        (tagging(("k" * 129, "")), "InvalidTag", "The TagKey you have provided is invalid"),
        (tagging(("k", "v" * 257)), "InvalidTag", "The TagValue you have provided is invalid"),
        (tagging(("k!", "")), "InvalidTag", "The TagKey you have provided is invalid"),
        (
            tagging(("aws:k", "")),
            "InvalidTag",
            "Your TagKey cannot be prefixed with aws:",
        ),
        (
            b"<Tags/>",
            "MalformedXML",
            (
                "The XML you provided was not well-formed or did not validate against our published"
                " schema"
            ),
        ),
    ],
)
def test_refused_tags(s3, body, code, message):
    """S3's limits, in S3's words."""
    s3("PUT", "/b-1/k", b"1")

    assert error(s3("PUT", "/b-1/k", body, query="tagging")) == (400, code, message)


def test_tags_of_a_bucket(s3):
    """Without any there is no set at all."""
    none = s3("GET", "/b-1", query="tagging")

    assert error(none) == (404, "NoSuchTagSet", "The TagSet does not exist")
    assert s3("PUT", "/b-1", TAGS.encode(), query="tagging").status == 204
    assert b"<Key>a</Key>" in s3("GET", "/b-1", query="tagging").body
    assert s3("DELETE", "/b-1", query="tagging").status == 204
    assert s3("GET", "/b-1", query="tagging").status == 404


def test_no_operation_is_taken_for_another(s3):
    """An operation that S3 has and the emulator has not is refused, never done as a plain one."""
    model = botocore.session.get_session().get_service_model("s3")
    s3("PUT", "/b-1/key", b"kept")
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        path = path.replace("{Bucket}", "b-1").replace("{Key+}", "key")
        if query.isalpha() and http["method"] in {"PUT", "DELETE"}:
            s3(http["method"], path, b"<X/>", query=query)

    assert s3("GET", "/b-1/key").body == b"kept"


@pytest.mark.parametrize("query", ["metadataTable", "metadataConfiguration", "abac"])
def test_operations_that_are_not_there(s3, query):
    """They are refused by name."""
    answer = s3("PUT", "/b-1", query=query)

    assert error(answer)[:2] == (501, "NotImplemented")
    assert query in answer.body.decode()


@pytest.mark.parametrize(
    ("method", "query", "name"),
    [
        ("POST", "select&select-type=2", "SelectObjectContent"),
        ("GET", "torrent", "GetObjectTorrent"),
        ("PUT", "renameObject", "RenameObject"),
    ],
)
def test_operations_on_objects_that_are_not_there(s3, method, query, name):
    """They are refused by the name of the operation."""
    answer = s3(method, "/b-1/k", query=query)

    assert error(answer)[:2] == (501, "NotImplemented")
    assert name in answer.body.decode()


def test_the_list_of_buckets(s3):
    """It is sorted, can be narrowed, and comes in pages."""
    for name in ("z-1", "a-1", "a-2"):
        s3("PUT", f"/{name}")
    whole = s3("GET", "/").body.decode()
    some = s3("GET", "/", query="prefix=a&max-buckets=1").body.decode()

    assert whole.index("a-1") < whole.index("a-2") < whole.index("b-1") < whole.index("z-1")
    assert "<CreationDate>2026-01-02T03:04:05.000Z</CreationDate>" in whole
    assert ("a-1" in some, "a-2" in some, "<ContinuationToken>" in some) == (True, False, True)


def test_buckets_of_a_region(s3):
    """Recorded on AWS: the list can be that of one region, which has to be one."""
    here = s3("GET", "/", query="bucket-region=us-east-1").body
    elsewhere = s3("GET", "/", query="bucket-region=eu-west-1").body
    nowhere = s3("GET", "/", query="bucket-region=nowhere")

    assert (b"<BucketRegion>us-east-1" in here, b"<Bucket>" in elsewhere) == (True, False)
    assert error(nowhere) == (
        400,
        "InvalidArgument",
        "Argument value nowhere is not a valid AWS Region",
    )


def create(s3, *tags):
    listed = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in tags)
    body = f"<CreateBucketConfiguration><Tags>{listed}</Tags></CreateBucketConfiguration>"
    return s3("PUT", "/b-tags", body.encode())


def test_a_bucket_is_made_with_tags(s3):
    """Recorded on AWS: made again with tags it is a conflict, even in us-east-1."""
    made = create(s3, ("k", "v"))
    again, without = create(s3, ("k", "v")), create(s3)

    assert (made.status, error(again)[:2], without.status) == (
        200,
        (409, "BucketAlreadyOwnedByYou"),
        200,
    )
    assert b"<Key>k</Key><Value>v</Value>" in s3("GET", "/b-tags", query="tagging").body


def test_tags_that_no_new_bucket_takes(s3):
    """Recorded on AWS: other words than for PutBucketTagging; the bucket is not made."""
    reserved, wrong = create(s3, ("aws:k", "v")), create(s3, ("k", "v,w"))

    assert error(reserved) == (
        400,
        "InvalidTag",
        (
            'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system'
            ' tags. Remove "aws:" from your tag keys and try again.'
        ),
    )
    assert error(wrong)[:2] == (400, "InvalidTag")
    assert s3("HEAD", "/b-tags").status == 404


def test_an_empty_document_of_tags(s3):
    """Recorded on AWS: ``Tagging`` without ``TagSet`` takes all tags away."""
    s3("PUT", "/b-1", tagging(("k", "v")), query="tagging")

    assert s3("PUT", "/b-1", b"<Tagging/>", query="tagging").status == 204
    assert error(s3("GET", "/b-1", query="tagging"))[1] == "NoSuchTagSet"


@pytest.mark.parametrize("header", ["key1=val1&key1=val2", "key1=val1,key2=val2"])
def test_a_header_of_tags_that_is_none(s3, header):
    """Recorded on AWS: whatever is wrong with it, the error is about the header."""
    answer = s3("PUT", "/b-1/k", b"", {"x-amz-tagging": header})

    assert error(answer) == (
        400,
        "InvalidArgument",
        (
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query"
            " parameters without tag name duplicates."
        ),
    )


RULE = "<Rule><ApplyServerSideEncryptionByDefault>{}</ApplyServerSideEncryptionByDefault></Rule>"
AES = "<SSEAlgorithm>AES256</SSEAlgorithm>"


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("", "MalformedXML"),
        (RULE.format(AES) * 2, "MalformedXML"),
        (RULE.format(f"{AES}<KMSMasterKeyID>k</KMSMasterKeyID>"), "InvalidArgument"),
    ],
)
def test_default_encryption_that_s3_refuses(s3, rules, code):
    """Recorded on AWS: one rule, and a key only for KMS."""
    root = "ServerSideEncryptionConfiguration"
    answer = s3("PUT", "/b-1", f"<{root}>{rules}</{root}>".encode(), query="encryption")

    assert error(answer)[:2] == (400, code)


def test_ownership_has_one_rule(s3):
    """Recorded on AWS."""
    rule = "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
    body = f"<OwnershipControls>{rule * 2}</OwnershipControls>".encode()

    assert error(s3("PUT", "/b-1", body, query="ownershipControls"))[1] == "MalformedXML"


def test_where_a_bucket_with_a_region_is(s3):
    """Recorded on AWS: the location is a URL if the request named a region, else a path."""
    body = (
        b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
        b"</CreateBucketConfiguration>"
    )

    assert s3("PUT", "/here").headers["location"] == "/here"
    assert s3("PUT", "/there", body).headers["location"] == "http://there.localhost:4566/"


def test_a_payer_that_s3_does_not_have(s3):
    """Recorded on AWS."""
    body = b"<RequestPaymentConfiguration><Payer>Random</Payer></RequestPaymentConfiguration>"

    assert error(s3("PUT", "/b-1", body, query="requestPayment"))[1] == "MalformedXML"
