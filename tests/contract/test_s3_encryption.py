"""Encryption by keys of KMS, which is kept and shown in name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

import re

import pytest
from s3_calls import error

METHOD = "x-amz-server-side-encryption"
KEY = f"{METHOD}-aws-kms-key-id"
BUCKET_KEY = f"{METHOD}-bucket-key-enabled"
ARN = "arn:aws:kms:us-east-1:123456789012:key/0d4f9f0e-0000-4000-8000-000000000000"
KMS = {METHOD: "aws:kms", KEY: ARN}
NOTHING = {METHOD: "AES256", KEY: None, BUCKET_KEY: None}


def encryption(answer):
    return {name: answer.headers.get(name) for name in (METHOD, KEY, BUCKET_KEY)}


def encrypt_by_default(s3, method, key, bucket_key):
    body = (
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        f"<SSEAlgorithm>{method}</SSEAlgorithm>{key}</ApplyServerSideEncryptionByDefault>"
        f"{bucket_key}</Rule></ServerSideEncryptionConfiguration>"
    )
    return s3("PUT", "/b-1", body.encode(), query="encryption")


def test_every_answer_about_an_object_shows_its_key(s3):
    """Writes and reads do, and so does each step of an upload in parts."""
    expected = {METHOD: "aws:kms", KEY: ARN, BUCKET_KEY: "true"}
    headers = {**KMS, BUCKET_KEY: "true", f"{METHOD}-context": "e30="}
    begun = s3("POST", "/b-1/parts", headers=headers, query="uploads")
    upload = re.search("<UploadId>(.*)</UploadId>", begun.body.decode())[1]
    part = s3("PUT", "/b-1/parts", b"body", query=f"partNumber=1&uploadId={upload}")
    listed = f"<Part><PartNumber>1</PartNumber><ETag>{part.headers['etag']}</ETag></Part>"
    completed = s3(
        "POST",
        "/b-1/parts",
        f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode(),
        query=f"uploadId={upload}",
    )
    answers = [s3("PUT", "/b-1/k", b"body", headers), s3("GET", "/b-1/k"), s3("HEAD", "/b-1/k")]

    for answer in (*answers, begun, part, completed, s3("HEAD", "/b-1/parts")):
        assert encryption(answer) == expected


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (ARN, ARN),
        ("0d4f9f0e-0000-4000-8000-000000000000", ARN),
        ("alias/own", "arn:aws:kms:us-east-1:123456789012:alias/own"),
    ],
)
def test_names_of_keys(s3, key, shown):
    """A key is shown as an ARN."""
    assert s3("PUT", "/b-1/k", b"", {**KMS, KEY: key}).headers[KEY] == shown


def test_the_key_that_aws_manages(s3):
    """Without a name it is always the same one."""
    first, second = (s3("PUT", "/b-1/k", b"", {METHOD: "aws:kms"}).headers[KEY] for _ in range(2))

    assert first == second
    assert re.fullmatch(r"arn:aws:kms:us-east-1:123456789012:key/[0-9a-f-]{36}", first)


def test_the_default_of_a_bucket(s3):
    """It is given to new objects that ask for nothing, and is shown."""
    key = f"<KMSMasterKeyID>{ARN}</KMSMasterKeyID>"
    bucket_key = "<BucketKeyEnabled>true</BucketKeyEnabled>"
    s3("PUT", "/b-1/old", b"body")
    assert encrypt_by_default(s3, "aws:kms", key, bucket_key).status == 200
    asked = s3("PUT", "/b-1/asked", b"", {METHOD: "AES256"})

    assert key.encode() in s3("GET", "/b-1", query="encryption").body
    assert encryption(s3("PUT", "/b-1/k", b"")) == {**KMS, BUCKET_KEY: "true"}
    assert encryption(asked) == encryption(s3("HEAD", "/b-1/old")) == NOTHING
    assert s3("DELETE", "/b-1", query="encryption").status == 204
    assert encryption(s3("PUT", "/b-1/k", b"")) == NOTHING
    assert encrypt_by_default(s3, "aws:kms:dsse", "", "").status == 200
    assert s3("PUT", "/b-1/k", b"").headers[METHOD] == "aws:kms:dsse"


def test_a_copy_is_encrypted_anew(s3):
    """It has what its own request asks for, not what its source has."""
    s3("PUT", "/b-1/k", b"body", KMS)
    source = {"x-amz-copy-source": "/b-1/k"}

    assert encryption(s3("PUT", "/b-1/copy", headers=source)) == NOTHING
    assert encryption(s3("PUT", "/b-1/copy", headers={**source, **KMS}))[KEY] == ARN
    assert encryption(s3("HEAD", "/b-1/copy"))[KEY] == ARN
    assert encryption(s3("PUT", "/b-1/k", headers=source)) == NOTHING  # a change, in place too


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({METHOD: "rot13"}, "The encryption method specified is not supported"),
        (
            {KEY: ARN},
            (
                "Server Side Encryption with AWS KMS managed key requires HTTP header"
                " x-amz-server-side-encryption : aws:kms"
            ),
        ),
    ],
)
def test_refused_headers(s3, headers, message):
    """What is no encryption, in S3's words."""
    assert error(s3("PUT", "/b-1/k", b"", headers)) == (400, "InvalidArgument", message)
