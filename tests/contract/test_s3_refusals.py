"""What S3 answers to signatures that do not hold; recorded from AWS (LocalStack's S3 snapshots).

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import re
from datetime import timedelta
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import HmacV1Auth, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as Pair
from fakes import FakeClock

from emulator.clock import ProcessClock
from emulator.credentials import CredentialStore
from emulator.errors import ServiceError
from emulator.s3.authentication.keyring import Keyring
from emulator.s3.authentication.requests import Authentication
from emulator.s3.request import read_request

HOST = "http://127.0.0.1:4566"
MISSING = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
    " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)
NO_MATCH = (
    "The request signature we calculated does not match the signature you provided."
    " Check your key and signing method."
)
UNSIGNED = "There were headers present in the request which were not signed"


@pytest.fixture
def clock():
    return FakeClock(ProcessClock().now())


@pytest.fixture
def store(tmp_path):
    return CredentialStore(tmp_path / "credentials.json")


@pytest.fixture
def authenticate(store, clock):
    """Give the key that has signed, or raise as S3 refuses it."""
    authentication = Authentication(Keyring(store, clock))

    def call(url, method="GET", headers=None):
        rest = url.removeprefix(HOST)
        target = rest.partition("://")[2].partition("/")[2] if "://" in rest else rest[1:]
        path, _, query = f"/{target}".partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "RAW_URI": f"/{target}",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "emulator.raw_headers": (*({"Host": "127.0.0.1:4566"} | (headers or {})).items(),),
        }
        return authentication.authenticate(read_request(environ))

    return call


def presign(version, operation="get_object", *, expires=60, keys=("test", "test"), **parameters):
    """Make a URL as boto3 does."""
    client = boto3.client(
        "s3",
        endpoint_url=HOST,
        region_name="us-east-1",
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=keys[2] if len(keys) > 2 else None,
        config=Config(signature_version=version, s3={"addressing_style": "path"}),
    )
    parameters = {"Bucket": "b", "Key": "dir/a b+é.txt", **parameters}
    return client.generate_presigned_url(operation, Params=parameters, ExpiresIn=expires)


def refusal(authenticate, *arguments, **options):
    """Give what a request is refused with."""
    with pytest.raises(ServiceError) as refused:
        authenticate(*arguments, **options)
    error = refused.value
    return error.status, error.code, error.message, [name for name, _ in error.members]


VERSIONS = pytest.mark.parametrize("version", ["s3v4", "s3"])


@VERSIONS
def test_presigned(authenticate, version):
    """A URL holds for its method, key and time."""
    assert authenticate(presign(version)) == "test"
    assert authenticate(presign(version, "put_object"), "PUT") == "test"


@VERSIONS
def test_what_was_not_signed(authenticate, version):
    """Another method, key or signature is refused, with what was signed."""
    url = presign(version)
    signature = re.search(r"[&?](?:X-Amz-)?Signature=([^&]+)", url)[1]
    tampered = url.replace(signature, quote("0" * 64))
    members = ["AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes"]
    members += ["CanonicalRequest", "CanonicalRequestBytes"] if version == "s3v4" else []
    expected = (403, "SignatureDoesNotMatch", NO_MATCH, members)

    assert expected == refusal(authenticate, url, "PUT")
    assert expected == refusal(authenticate, url.replace("dir", "dis"))
    assert expected == refusal(authenticate, tampered)


@VERSIONS
def test_expiry(authenticate, clock, version):
    """A URL expires on the emulator's clock; version 4 tells what it was given."""
    url = presign(version, expires=2)
    clock.advance(timedelta(seconds=5))
    given = ["X-Amz-Expires"] if version == "s3v4" else []
    expected = (403, "AccessDenied", "Request has expired", [*given, "Expires", "ServerTime"])

    assert expected == refusal(authenticate, url)
    assert authenticate(presign("s3v4", expires=60)) == "test"


@VERSIONS
def test_unknown_key(authenticate, version):
    """A key that nobody has is named."""
    message = "The AWS Access Key Id you provided does not exist in our records."
    expected = (403, "InvalidAccessKeyId", message, ["AWSAccessKeyId"])

    assert expected == refusal(authenticate, presign(version, keys=("nobody", "x")))


@VERSIONS
def test_session_token(authenticate, store, version):
    """A function's key counts together with its token only."""
    pair = store.for_function("F")
    keys = (pair.access_key_id, pair.secret_access_key)
    assert authenticate(presign(version, keys=(*keys, pair.session_token))) == keys[0]
    wrong = refusal(authenticate, presign(version, keys=(*keys, "wrong")))
    without = refusal(authenticate, presign(version, keys=keys))

    message = "The provided token is malformed or otherwise invalid."
    assert wrong == (400, "InvalidToken", message, ["Token-0"])
    assert without[:2] == (403, "InvalidAccessKeyId")


def test_missing_parameters(authenticate):
    """Each parameter of a presigned URL is needed."""
    url = presign("s3v4")
    names = re.findall(r"(X-Amz-[A-Z]\w+)=", url)
    assert len(names) == 6
    for name in names:
        less = re.sub(rf"([?&]){name}=[^&]*&?", r"\1", url)
        assert refusal(authenticate, less) == (
            400,
            "AuthorizationQueryParametersError",
            MISSING,
            [],
        )
    message = (
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
    )
    for name in ("Signature", "Expires"):
        less = re.sub(rf"([?&]){name}=[^&]*&?", r"\1", presign("s3"))
        assert refusal(authenticate, less) == (403, "AccessDenied", message, [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            (r"%2F\d{8}%2F", "%2F"),
            (
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed;"
                ' expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
            ),
        ),
        (
            ("%2Fs3%2F", "%2Fsqs%2F"),
            (
                'Error parsing the X-Amz-Credential parameter; incorrect service "sqs".'
                ' This endpoint belongs to "s3".'
            ),
        ),
        (
            (r"Expires=60", "Expires=604801"),
            (
                "X-Amz-Expires must be less than a week (in seconds); that is, the given"
                " X-Amz-Expires must be less than 604800 seconds"
            ),
        ),
        ((r"Expires=60", "Expires=-1"), "X-Amz-Expires must be non-negative"),
        ((r"Expires=60", "Expires=x"), "X-Amz-Expires should be a number"),
        (
            (r"Date=\w+", "Date=today"),
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
        ),
        (
            ("AWS4-HMAC-SHA256", "AWS5"),
            'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"',
        ),
    ],
)
def test_wrong_parameters(authenticate, change, message):
    """What is wrong with a parameter is said in AWS's words."""
    expected = (400, "AuthorizationQueryParametersError", message, [])

    assert expected == refusal(authenticate, re.sub(*change, presign("s3v4")))


def test_no_seconds(authenticate):
    """A URL of no seconds has expired."""
    url = re.sub("Expires=60", "Expires=0", presign("s3v4"))

    assert refusal(authenticate, url)[:3] == (403, "AccessDenied", "Request has expired")


def test_unsigned_headers(authenticate):
    """Headers of Amazon's must be signed; with version 2, so must the media type."""
    headers = {"x-amz-acl": "public-read", "x-amz-meta-a": "b"}
    assert refusal(authenticate, presign("s3v4"), headers=headers) == (
        403,
        "AccessDenied",
        UNSIGNED,
        ["HeadersNotSigned"],
    )
    media_type = {"Content-Type": "text/plain"}
    put = "put_object"
    assert authenticate(presign("s3v4", put), "PUT", media_type) == "test"
    assert refusal(authenticate, presign("s3", put), "PUT", media_type)[1] == (
        "SignatureDoesNotMatch"
    )
    signed = presign("s3v4", put, ContentType="text/plain")
    assert authenticate(signed, "PUT", media_type) == "test"
    assert refusal(authenticate, signed, "PUT")[1] == "SignatureDoesNotMatch"


def sign(signer, method="GET", headers=None):
    """Sign a request in its header; give the headers."""
    request = AWSRequest(method, f"{HOST}/b/key", headers={"Host": "127.0.0.1:4566"})
    for name, value in (headers or {}).items():
        request.headers[name] = value
    signer.add_auth(request)
    return dict(request.headers.items())


V4 = S3SigV4Auth(Pair("test", "test"), "s3", "us-east-1")
V2 = HmacV1Auth(Pair("test", "test"))


@pytest.mark.parametrize("signer", [V4, V2])
def test_signed_headers(authenticate, signer):
    """A signature in the header holds for the request as it was."""
    headers = sign(signer)

    assert authenticate(f"{HOST}/b/key", headers=headers) == "test"
    assert refusal(authenticate, f"{HOST}/b/kez", headers=headers)[1] == "SignatureDoesNotMatch"


@pytest.mark.parametrize("signer", [V4, V2])
def test_skew(store, signer):
    """A request of another time is refused; its own time and the clock's both count."""
    now = FakeClock(ProcessClock().now() - timedelta(minutes=20))
    with pytest.raises(ServiceError) as refused:
        Authentication(Keyring(store, now)).authenticate(
            read_request(
                {
                    "REQUEST_METHOD": "GET",
                    "PATH_INFO": "/b/key",
                    "emulator.raw_headers": tuple(sign(signer).items()),
                }
            )
        )

    names = [name for name, _ in refused.value.members]
    assert (refused.value.status, refused.value.code, names) == (
        403,
        "RequestTimeTooSkewed",
        ["RequestTime", "ServerTime", "MaxAllowedSkewMilliseconds"],
    )


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"Authorization": "Bearer x"}, "InvalidArgument", "Unsupported Authorization Type"),
        (
            {"Authorization": "AWS4-HMAC-SHA256 Credential=test"},
            "AuthorizationHeaderMalformed",
            (
                "The authorization header is malformed; the Credential is mal-formed; expecting"
                ' "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
            ),
        ),
        (
            {"X-Amz-Content-SHA256": None},
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256",
        ),
        ({"x-amz-acl": "private"}, "AccessDenied", UNSIGNED),
        (
            {"X-Amz-Date": None},
            "AccessDenied",
            "AWS authentication requires a valid Date or x-amz-date header",
        ),
    ],
)
def test_wrong_headers(authenticate, change, code, message):
    """What is wrong with a header is said in AWS's words."""
    headers = {**sign(V4), **change}
    sent = {name: value for name, value in headers.items() if value is not None}

    assert refusal(authenticate, f"{HOST}/b/key", headers=sent)[1:3] == (code, message)


def test_two_mechanisms(authenticate):
    """A signature in the header and one in the query are one too many."""
    message = (
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature"
        " query string parameter or the Authorization header should be specified"
    )
    expected = (400, "InvalidArgument", message, ["ArgumentName", "ArgumentValue"])

    assert expected == refusal(authenticate, presign("s3v4"), headers=sign(V4))


def test_anonymous(authenticate):
    """Who signs nothing is nobody."""
    assert authenticate(f"{HOST}/b/key") is None
