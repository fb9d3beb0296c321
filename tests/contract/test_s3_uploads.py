"""What S3 does with the body of an upload, and what it answers.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import base64
import hashlib

import pytest
from awscrt import checksums as crt
from s3_calls import error, without_ids

BODY = b"Hello, World!"
CHUNKED = {
    "Content-Encoding": "aws-chunked",
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": "13",
    "x-amz-trailer": "x-amz-checksum-crc32",
}


def b64(digest):
    return base64.b64encode(digest).decode()


SUMS = {
    "crc32": b64(crt.crc32(BODY).to_bytes(4, "big")),
    "crc32c": b64(crt.crc32c(BODY).to_bytes(4, "big")),
    "crc64nvme": b64(crt.crc64nvme(BODY).to_bytes(8, "big")),
    "sha1": b64(hashlib.sha1(BODY).digest()),
    "sha256": b64(hashlib.sha256(BODY).digest()),
}


def chunked(checksum):
    return b"7\r\nHello, \r\n6\r\nWorld!\r\n0\r\nx-amz-checksum-crc32:%b\r\n\r\n" % checksum


def test_every_object_gets_a_checksum(s3):
    """Without a checksum of the client S3 computes CRC64NVME (recorded: aws-facts 6.4)."""
    answer = s3("PUT", "/b-1/k", BODY)
    answered = {name: value for name, value in answer.headers.items() if name != "x-amz-id-2"}
    answered.pop("x-amz-request-id")

    assert answered == {
        "etag": '"65a8e27d8879283831b664bd8b7f0ad4"',
        "x-amz-server-side-encryption": "AES256",
        "x-amz-checksum-crc64nvme": SUMS["crc64nvme"],
        "x-amz-checksum-type": "FULL_OBJECT",
        "content-length": "0",
        "server": "AmazonS3",
    }


@pytest.mark.parametrize("algorithm", SUMS)
def test_checksums_of_the_client(s3, algorithm):
    """A right one is kept and shown when asked for; a wrong one is BadDigest, and nothing stays."""
    header = f"x-amz-checksum-{algorithm}"
    answer = s3("PUT", "/b-1/k", BODY, {header: SUMS[algorithm]})
    wrong = s3("PUT", "/b-1/wrong", BODY + b"!", {header: SUMS[algorithm]})
    shown = s3("HEAD", "/b-1/k", headers={"x-amz-checksum-mode": "ENABLED"})
    hidden = s3("HEAD", "/b-1/k")

    assert answer.headers[header] == shown.headers[header] == SUMS[algorithm]
    assert header not in hidden.headers
    assert error(wrong) == (
        400,
        "BadDigest",
        f"The {algorithm.upper()} you specified did not match the calculated checksum.",
    )
    assert s3("HEAD", "/b-1/wrong").status == 404
    assert len(s3.files()) == 1


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        (
            {"x-amz-checksum-crc32": "AAAA"},
            "InvalidRequest",
            "Value for x-amz-checksum-crc32 header is invalid.",
        ),
        (
            {"x-amz-checksum-crc32": SUMS["crc32"], "x-amz-checksum-sha1": SUMS["sha1"]},
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ),
        (
            {"x-amz-sdk-checksum-algorithm": "CRC32"},
            "InvalidRequest",
            (
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or"
                " x-amz-trailer headers were found."
            ),
        ),
        ({"Content-MD5": "no"}, "InvalidDigest", "The Content-MD5 you specified was invalid."),
        (
            {"Content-MD5": b64(hashlib.md5(b"other").digest())},
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
        ),
        (
            {"x-amz-content-sha256": "0" * 64},
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        (
            {"Content-Length": "14"},
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ),
        (
            {"Content-Length": None},
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
        ),
        (
            {"Content-Length": str(5 * 1024**3 + 1)},
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size",
        ),
        (
            {"x-amz-storage-class": "ICE"},
            "InvalidStorageClass",
            "The storage class you specified is not valid",
        ),
        (
            {"x-amz-meta-a": "x" * 2048},
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
        ),
        (
            {"x-amz-tagging": "a=1&a=2"},
            "InvalidArgument",
            (
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query"
                " parameters without tag name duplicates."
            ),
        ),
    ],
)
def test_refused_uploads(s3, headers, code, message):
    """A body that is not what was announced is refused in S3's words, and leaves nothing."""
    answer = s3("PUT", "/b-1/k", BODY, headers)

    assert error(answer)[1:] == (code, message)
    assert s3("HEAD", "/b-1/k").status == 404
    assert s3.files() == []


def test_the_whole_error_of_a_wrong_md5(s3):
    """BadDigest names both digests, an object's expected one in hexadecimal (recorded on AWS)."""
    other = hashlib.md5(b"other")
    answer = s3("PUT", "/b-1/k", BODY, {"Content-MD5": b64(other.digest())})

    assert without_ids(answer) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>BadDigest</Code>'
        "<Message>The Content-MD5 you specified did not match what we received.</Message>"
        f"<ExpectedDigest>{other.hexdigest()}</ExpectedDigest>"
        f"<CalculatedDigest>{b64(hashlib.md5(BODY).digest())}</CalculatedDigest></Error>"
    )


def test_aws_chunked_with_a_trailer(s3):
    """The chunks arrive joined, the coding is not kept, the trailer's checksum is."""
    coded = {**CHUNKED, "Content-Encoding": "aws-chunked,gzip"}
    answer = s3("PUT", "/b-1/k", chunked(SUMS["crc32"].encode()), coded)
    stored = s3("GET", "/b-1/k")

    assert answer.headers["x-amz-checksum-crc32"] == SUMS["crc32"]
    assert (stored.body, stored.headers["content-encoding"]) == (BODY, "gzip")


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (chunked(b"AAAAAA=="), {}, "BadDigest"),
        (chunked(b"AAAA"), {}, "InvalidRequest"),
        (chunked(b"AAAAAA==")[:20], {}, "IncompleteBody"),
        (b"zz\r\n", {}, "IncompleteBody"),
        (chunked(SUMS["crc32"].encode()), {"x-amz-decoded-content-length": "14"}, "IncompleteBody"),
        (
            chunked(SUMS["crc32"].encode()),
            {"x-amz-decoded-content-length": None},
            "MissingContentLength",
        ),
    ],
)
def test_broken_aws_chunked(s3, body, headers, code):
    """A broken coding, a wrong trailer or length: refused, and nothing stays."""
    answer = s3("PUT", "/b-1/k", body, {**CHUNKED, **headers})

    assert error(answer)[1] == code
    assert s3.files() == []


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_bodies_that_look_like_forms(s3, media_type):
    """They are objects like any other, whole."""
    s3("PUT", "/b-1/k", b"a=1&b=2", {"Content-Type": media_type})
    stored = s3("GET", "/b-1/k")

    assert (stored.body, stored.headers["content-type"]) == (b"a=1&b=2", media_type)


def test_what_an_object_remembers(s3):
    """Content headers, metadata, class and redirect come back; the default type is S3's own."""
    sent = {
        "Content-Type": "text/plain",
        "Cache-Control": "no-cache",
        "Content-Disposition": "inline",
        "Content-Language": "de",
        "Expires": "Thu, 01 Dec 1994 16:00:00 GMT",
        "x-amz-meta-Some_Name": " value ",
        "x-amz-meta-umlaut": "\xc3\x84",  # UTF-8 as it arrives
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-website-redirect-location": "/other",
        "x-amz-tagging": "a=1&b=2",
    }
    s3("PUT", "/b-1/k", BODY, sent)
    s3("PUT", "/b-1/plain", BODY)
    stored = s3("HEAD", "/b-1/k")
    for name in ("x-amz-request-id", "x-amz-id-2"):
        stored.headers.pop(name)

    assert stored.headers == {
        "content-type": "text/plain",
        "cache-control": "no-cache",
        "content-disposition": "inline",
        "content-language": "de",
        "expires": "Thu, 01 Dec 1994 16:00:00 GMT",
        "x-amz-meta-some_name": "value",
        # UsingMetadata.html: the bytes are read as Latin-1 and come back as RFC 2047
        "x-amz-meta-umlaut": "=?UTF-8?B?w4PChA==?=",
        "x-amz-storage-class": "STANDARD_IA",
        "x-amz-website-redirect-location": "/other",
        "x-amz-tagging-count": "2",
        "etag": '"65a8e27d8879283831b664bd8b7f0ad4"',
        "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT",
        "accept-ranges": "bytes",
        "x-amz-server-side-encryption": "AES256",
        "content-length": "13",
        "server": "AmazonS3",
    }
    assert s3("HEAD", "/b-1/plain").headers["content-type"] == "binary/octet-stream"


@pytest.mark.parametrize(
    "header",
    [
        {"x-amz-server-side-encryption-customer-algorithm": "AES256"},
        {"x-amz-write-offset-bytes": "0"},
    ],
)
def test_what_is_not_emulated_is_refused_by_name(s3, header):
    """Nothing is stored that would not be kept as it was asked to."""
    answer = s3("PUT", "/b-1/k", BODY, header)

    assert error(answer)[:2] == (501, "NotImplemented")
    assert next(iter(header)) in answer.body.decode()
    assert s3.files() == []


@pytest.mark.parametrize(
    "key",
    [
        "../x",
        "../../../../etc/passwd",
        "a//b",
        "a",
        "a/b",
        "a/",
        "/",
        "/absolute",
        ".",
        "..",
        "k" * 1024,
        "😀" * 256,
        "a b+c%2Fd%",
        "tab\tand\x01control",
        "\u00e9",
        "e\u0301",
        "quote'\"<&>",
    ],
)
def test_any_key(s3, key):
    """Every key that S3 allows is stored exactly, beside its neighbours, inside the folder."""
    for number, neighbour in enumerate((key, "a", "a/b", "a/")):
        s3("PUT", f"/b-1/{neighbour}", b"%d" % number)
    expected = {"a": b"1", "a/b": b"2", "a/": b"3"}
    outside = [p for p in s3.folder.iterdir() if p.name[:2] not in {"s3", "ou", "cr"}]

    assert s3("GET", f"/b-1/{key}").body == expected.get(key, b"0")
    assert outside == []


def test_a_key_that_is_too_long(s3):
    """1025 bytes are one too many."""
    assert error(s3("PUT", "/b-1/" + "k" * 1025)) == (
        400,
        "KeyTooLongError",
        "Your key is too long",
    )
