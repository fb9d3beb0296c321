"""CORS of a bucket, as recorded from AWS (LocalStack's ``s3/test_s3_cors`` snapshots).

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
"""

from datetime import UTC, datetime

import pytest
from fakes import FakeClock
from s3_service import S3

from emulator.application import Bucket, CorsRule

RULES = (
    CorsRule(
        allowed_methods=("GET", "PUT"),
        allowed_origins=("https://one.example", "http://*.two.example"),
        allowed_headers=("x-amz-*", "Content-Type"),
        expose_headers=("ETag", "x-amz-version-id"),
        max_age_seconds=3000,
    ),
    CorsRule(allowed_methods=("GET",), allowed_origins=("*",)),
)
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
REFUSED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of"
    " Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are"
    " not whitelisted by the resource's CORS spec."
)


@pytest.fixture
def s3(tmp_path):
    clock = FakeClock(datetime.now(UTC))
    s3 = S3(tmp_path, clock, Bucket(logical_id="B", name="rules", cors_rules=RULES))
    s3("PUT", "/plain")
    yield s3
    s3.stop()


def preflight(s3, origin, method, headers=None, bucket="rules"):
    """Ask as a browser does."""
    sent = {"Origin": origin}
    if method:
        sent["Access-Control-Request-Method"] = method
    if headers:
        sent["Access-Control-Request-Headers"] = headers
    return s3("OPTIONS", f"/{bucket}/key", headers=sent, signed=False)


def cors_headers(answer):
    """Pick what concerns CORS."""
    return {
        name.removeprefix("Access-Control-"): value
        for name, value in answer.headers.items()
        if name.startswith("Access-Control-") or name == "Vary"
    }


ONE = {
    "Allow-Origin": "https://one.example",
    "Allow-Methods": "GET, PUT",
    "Expose-Headers": "ETag, x-amz-version-id",
    "Max-Age": "3000",
    "Allow-Credentials": "true",
    "Vary": VARY,
}
ANYBODY = {"Allow-Origin": "*", "Allow-Methods": "GET", "Vary": VARY}


def test_preflight(s3):
    """The first rule that takes origin, method and headers answers."""
    one = preflight(s3, "https://one.example", "PUT", "X-Amz-Meta-A, content-type")
    two = preflight(s3, "http://a.two.example", "GET")
    other = preflight(s3, "https://other.example", "GET")

    assert (one.status, one.headers["Content-Length"]) == (200, "0")
    assert cors_headers(one) == {**ONE, "Allow-Headers": "x-amz-meta-a, content-type"}
    assert cors_headers(two) == {**ONE, "Allow-Origin": "http://a.two.example"}
    assert cors_headers(other) == ANYBODY


@pytest.mark.parametrize(
    ("bucket", "origin", "method", "headers", "message", "kind"),
    [
        ("rules", "https://other.example", "PUT", None, REFUSED, "OBJECT"),
        ("rules", "https://one.example", "DELETE", None, REFUSED, "OBJECT"),
        ("rules", "https://one.example", "PUT", "x-own", REFUSED, "OBJECT"),
        (
            "plain",
            "https://one.example",
            "PUT",
            None,
            "CORSResponse: CORS is not enabled for this bucket.",
            "BUCKET",
        ),
        ("none", "https://one.example", "GET", None, "CORSResponse: Bucket not found", "BUCKET"),
    ],
)
def test_refused_preflight(s3, bucket, origin, method, headers, message, kind):
    """What no rule takes is forbidden, in S3's XML."""
    answer = preflight(s3, origin, method, headers, bucket)

    assert (answer.status, answer.code, answer.message) == (403, "AccessForbidden", message)
    assert (answer.member("Method"), answer.member("ResourceType")) == (method, kind)
    assert not cors_headers(answer)


@pytest.mark.parametrize(
    ("bucket", "status", "message"),
    [
        ("plain", 403, "CORSResponse: CORS is not enabled for this bucket."),
        ("none", 403, "CORSResponse: Bucket not found"),
        ("rules", 400, "Invalid Access-Control-Request-Method: null"),
    ],
)
def test_preflight_without_a_method(s3, bucket, status, message):
    """Recorded on AWS: only a bucket with rules misses the method that is to be asked for."""
    answer = preflight(s3, "https://one.example", None, bucket=bucket)

    assert (answer.status, answer.message) == (status, message)
    assert answer.member("Method") == ("OPTIONS" if status == 403 else None)


def test_refused_preflight_of_a_bucket(s3):
    """Recorded on AWS: the error tells that no object was asked for."""
    sent = {"Origin": "https://other.example", "Access-Control-Request-Method": "PUT"}
    answer = s3("OPTIONS", "/rules", headers=sent, signed=False)

    assert (answer.message, answer.member("ResourceType")) == (REFUSED, "BUCKET")


@pytest.mark.parametrize(("name", "value"), [("Method", "DELETE"), ("Headers", "x-own")])
def test_a_preflight_that_is_none(s3, name, value):
    """Recorded on AWS: an actual request with a preflight's header is compared by it too."""
    sent = {"Origin": "https://one.example", f"Access-Control-Request-{name}": value}

    assert not cors_headers(s3("GET", "/rules/nothing", headers=sent))


def test_preflight_without_origin(s3):
    """Without an origin there is nothing to answer."""
    answer = s3("OPTIONS", "/rules/key", signed=False)

    assert (answer.status, answer.code) == (400, "BadRequest")
    assert answer.message == "Insufficient information. Origin request header needed."


def test_actual_requests(s3):
    """Whatever is answered, errors too, bears the headers; a foreign origin gets none of them."""
    here = {"Origin": "https://one.example"}
    put = s3("PUT", "/rules/key", b"x", here)
    missing = s3("GET", "/rules/nothing", headers=here)
    refused = s3("GET", "/rules/key", headers=here, signed=False)
    foreign = s3("PUT", "/rules/key", b"x", {"Origin": "https://other.example"})
    deleted = s3("DELETE", "/rules/key", headers=here)

    assert (put.status, missing.status, refused.status) == (200, 404, 403)
    for answer in (put, missing, refused):
        assert cors_headers(answer) == ONE
    assert (foreign.status, cors_headers(foreign)) == (200, {})
    assert (deleted.status, cors_headers(deleted)) == (204, {})


CONFIGURATION = (
    b'<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><CORSRule><ID>a</ID>'
    b"<AllowedMethod>POST</AllowedMethod><AllowedOrigin>https://b.example</AllowedOrigin>"
    b"<AllowedHeader>*</AllowedHeader><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule>"
    b"</CORSConfiguration>"
)


def test_configuration_by_api(s3, tmp_path):
    """Rules that are put count at once and after a restart, are shown, and can be deleted."""
    assert s3("GET", "/plain?cors").code == "NoSuchCORSConfiguration"
    assert s3("PUT", "/plain?cors", CONFIGURATION).status == 200
    assert preflight(s3, "https://b.example", "POST", "x-own", "plain").status == 200
    assert CONFIGURATION in s3("GET", "/plain?cors").body
    s3.stop()
    again = S3(tmp_path, s3.clock)
    try:
        assert preflight(again, "https://b.example", "POST", None, "plain").status == 200
        assert again("DELETE", "/plain?cors").status == 204
        assert preflight(again, "https://b.example", "POST", None, "plain").status == 403
    finally:
        again.stop()


def test_template_and_api(s3, tmp_path):
    """What was changed by API stays until the template changes; a reset restores the template."""
    s3("PUT", "/rules?cors", CONFIGURATION)
    s3.stop()
    again = S3(tmp_path, s3.clock, Bucket(logical_id="B", name="rules", cors_rules=RULES))
    assert again("GET", "/rules?cors").text.count("<CORSRule>") == 1
    again.service.reset()
    assert again("GET", "/rules?cors").text.count("<CORSRule>") == 2
    again("PUT", "/rules?cors", CONFIGURATION)
    again.stop()
    changed = S3(tmp_path, s3.clock, Bucket(logical_id="B", name="rules", cors_rules=RULES[1:]))
    assert changed("GET", "/rules?cors").member("AllowedOrigin") == "*"
    changed.stop()


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            (b"POST", b"PATCH"),
            "InvalidRequest",
            "Found unsupported HTTP method in CORS config. Unsupported method is PATCH",
        ),
        ((b"<AllowedMethod>POST</AllowedMethod>", b""), "MalformedXML", None),
        ((b"CORSRule", b"Rule"), "MalformedXML", None),
        (
            (b"https://b.example", b"https://*.*"),
            "InvalidRequest",
            'AllowedOrigin "https://*.*" can not have more than one wildcard.',
        ),
    ],
)
def test_refused_configurations(s3, change, code, message):
    """A configuration that S3 would not take is refused in its words."""
    answer = s3("PUT", "/plain?cors", CONFIGURATION.replace(*change))

    assert (answer.status, answer.code) == (400, code)
    assert message in {None, answer.message}
