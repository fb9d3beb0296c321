"""Signatures of AWS's own examples, verified as S3 does.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
"""

import hashlib
from datetime import UTC, datetime

import pytest
from fakes import FakeClock
from s3_service import S3

from emulator.application import Bucket
from emulator.credentials import Credentials, CredentialStore
from emulator.errors import ServiceError
from emulator.s3.authentication.keyring import Keyring
from emulator.s3.authentication.requests import Authentication
from emulator.s3.request import read_request

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
V4_TIME = datetime(2013, 5, 24, tzinfo=UTC)
V2_TIME = datetime(2007, 3, 27, 19, 36, 42, tzinfo=UTC)
V4_HOST = {"Host": "examplebucket.s3.amazonaws.com"}


def authenticate(method, target, headers, *, now=V4_TIME):
    """Give the key that has signed, and the request."""
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "RAW_URI": target,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "emulator.raw_headers": tuple(headers.items()),
    }
    store = CredentialStore()
    store.find_elsewhere(
        {KEY: Credentials(access_key_id=KEY, secret_access_key=SECRET)}.get,
    )
    request = read_request(environ)
    return Authentication(Keyring(store, FakeClock(now))).authenticate(request), request


def v4(signed, signature, **headers):
    """Make the headers of a request that is signed by version 4."""
    return {
        **V4_HOST,
        "x-amz-date": "20130524T000000Z",
        **{name.replace("_", "-"): value for name, value in headers.items()},
        "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,"
        f"SignedHeaders={signed},Signature={signature}",
    }


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        (
            "GET",
            "/test.txt",
            v4(
                "host;range;x-amz-content-sha256;x-amz-date",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                Range="bytes=0-9",
                x_amz_content_sha256=EMPTY,
            ),
        ),
        (
            "PUT",
            "/test%24file.text",
            v4(
                "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
                Date="Fri, 24 May 2013 00:00:00 GMT",
                x_amz_storage_class="REDUCED_REDUNDANCY",
                x_amz_content_sha256=(
                    "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
                ),
            ),
        ),
        (
            "GET",
            "/?lifecycle",
            v4(
                "host;x-amz-content-sha256;x-amz-date",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
                x_amz_content_sha256=EMPTY,
            ),
        ),
        (
            "GET",
            "/?max-keys=2&prefix=J",
            v4(
                "host;x-amz-content-sha256;x-amz-date",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
                x_amz_content_sha256=EMPTY,
            ),
        ),
        (
            "GET",
            (
                "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                f"&X-Amz-Credential={KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
            ),
            V4_HOST,
        ),
    ],
)
def test_version_4(method, target, headers):
    """Each example of the guide is verified, path, query and headers as they are sent."""
    assert authenticate(method, target, headers)[0] == KEY


V2_HOST = {"Host": "johnsmith.s3.amazonaws.com"}


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        (
            "GET",
            "/photos/puppy.jpg",
            {
                **V2_HOST,
                "Date": "Tue, 27 Mar 2007 19:36:42 +0000",
                "Authorization": f"AWS {KEY}:bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
            },
        ),
        (
            "PUT",
            "/photos/puppy.jpg",
            {
                **V2_HOST,
                "Content-Type": "image/jpeg",
                "Content-Length": "94328",
                "Date": "Tue, 27 Mar 2007 21:15:45 +0000",
                "Authorization": f"AWS {KEY}:MyyxeRY7whkBe+bq8fHCL/2kKUg=",
            },
        ),
        (
            "GET",
            "/?prefix=photos&max-keys=50&marker=puppy",
            {
                **V2_HOST,
                "Date": "Tue, 27 Mar 2007 19:42:41 +0000",
                "Authorization": f"AWS {KEY}:htDYFYduRNen8P9ZfE/s9SuKy0U=",
            },
        ),
        (
            "GET",
            "/?acl",
            {
                **V2_HOST,
                "Date": "Tue, 27 Mar 2007 19:44:46 +0000",
                "Authorization": f"AWS {KEY}:c2WLPFtWHVgbEmeEG93a4cG37dM=",
            },
        ),
        (
            "GET",
            (
                f"/photos/puppy.jpg?AWSAccessKeyId={KEY}&Expires=1175139620"
                "&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
            ),
            V2_HOST,
        ),
    ],
)
def test_version_2(method, target, headers):
    """Each example of the guide is verified, in the header and in the query."""
    sent = headers.get("Date", "")
    now = datetime.strptime(sent, "%a, %d %b %Y %H:%M:%S %z") if sent else V2_TIME

    assert authenticate(method, target, headers, now=now)[0] == KEY


CHUNKS = (b"a" * 65536, b"a" * 1024, b"")


def chunk_signatures(seed, **headers):
    """Verify the head of the guide's chunked upload; give what verifies its chunks."""
    more = {"Content-Encoding": "aws-chunked", "Content-Length": "66824", **headers}
    names = sorted(name.lower().replace("_", "-") for name in (*more, "host", "x-amz-date"))
    _, request = authenticate(
        "PUT", "/examplebucket/chunkObject.txt", {**v4(";".join(names), seed, **more), **HOST}
    )
    return request.environ["emulator.chunk_signatures"]


HOST = {"Host": "s3.amazonaws.com"}
PLAIN = {
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "x-amz-decoded-content-length": "66560",
}
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
SIGNATURES = (
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
)


def test_signed_chunks():
    """Each chunk's signature is that of the guide, in this order only."""
    signatures = chunk_signatures(SEED, **PLAIN)
    for chunk, signature in zip(CHUNKS, SIGNATURES, strict=True):
        signatures.check_chunk(hashlib.sha256(chunk).hexdigest(), signature)

    with pytest.raises(ServiceError) as refused:
        signatures.check_chunk(hashlib.sha256(CHUNKS[0]).hexdigest(), SIGNATURES[0])
    assert refused.value.code == "SignatureDoesNotMatch"


def test_signed_trailers():
    """The trailer's signature covers names and values, a line each."""
    trailing = {
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "66560",
        "x-amz-trailer": "x-amz-checksum-crc32c",
    }
    seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    more = {"Content-Encoding": "aws-chunked", **trailing}
    names = sorted((*(name.lower() for name in more), "host", "x-amz-date"))
    _, request = authenticate(
        "PUT", "/examplebucket/chunkObject.txt", {**v4(";".join(names), seed, **more), **HOST}
    )
    signatures = request.environ["emulator.chunk_signatures"]
    for chunk, signature in zip(
        CHUNKS,
        (
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        ),
        strict=True,
    ):
        signatures.check_chunk(hashlib.sha256(chunk).hexdigest(), signature)
    signatures.check_trailers(
        b"x-amz-checksum-crc32c:sOO8/Q==\n",
        "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    )


def upload_chunks(folder, *, tampered=False):
    """Upload the guide's example, chunk by chunk; give the answer, and what is there then."""
    s3 = S3(
        folder,
        FakeClock(V4_TIME),
        Bucket(logical_id="B", name="examplebucket", event_bridge=True),
    )
    s3.credentials.find_elsewhere(
        {KEY: Credentials(access_key_id=KEY, secret_access_key=SECRET)}.get
    )
    more = {"Content-Encoding": "aws-chunked", "Content-Length": "66824", **PLAIN}
    names = sorted((*(name.lower() for name in more), "host", "x-amz-date"))
    headers = {**v4(";".join(names), SEED, **more), **HOST}
    chunks = (CHUNKS[0], b"b" * 1024, b"") if tampered else CHUNKS
    body = b"".join(
        f"{len(chunk):x};chunk-signature={signature}\r\n".encode() + chunk + b"\r\n"
        for chunk, signature in zip(chunks, SIGNATURES, strict=True)
    )
    try:
        answer = s3("PUT", "/examplebucket/chunkObject.txt", body, headers, signed=False)
        return answer, s3.events()
    finally:
        s3.stop()


def test_upload_in_signed_chunks(tmp_path):
    """The guide's upload is taken as it stands."""
    answer, events = upload_chunks(tmp_path)

    assert answer.status == 200, answer.text
    assert [event["s3"]["object"]["size"] for event in events] == [66560]


def test_upload_in_changed_chunks(tmp_path):
    """A chunk that is not the signed one is refused, and nothing is kept of the upload."""
    answer, events = upload_chunks(tmp_path, tampered=True)

    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.member("StringToSign").startswith("AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n")
    assert not events
    assert not list((tmp_path / "s3" / "objects").rglob("*.incoming"))
