"""The trace: an upload is followed end to end, and each refusal tells its reason."""

import json
import re
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config
from running import Emulator, fetch
from sample import write_application

ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")


def records(emulator, **query):
    """Read the trace, oldest first."""
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    status, page = emulator.control(f"trace?{pairs}")
    assert status == 200, page
    return page["records"]


def told(records):
    return [(record["source"], record["subject"], record["outcome"]) for record in records]


def refused(emulator):
    """Give the reason of the latest refusal of S3."""
    return [r["reason"] for r in records(emulator) if r["source"] == "s3" and r["reason"]][-1]


def test_an_upload_end_to_end(emulator):
    """The API's request with all that its handler calls is a trace; the client's PUT another.

    To the latter belong the event and the invocation that it leads to; the ids are the answers'.
    """
    status, headers, body = fetch(
        "POST",
        f"{emulator.api}/file",
        json.dumps({"name": "a.txt"}).encode(),
        {"Content-Type": "application/json"},
    )
    assert status == 200, body
    answer = json.loads(body)
    status, put_headers, body = fetch(
        "PUT", answer["url"], b"alpha", {"Content-Type": "application/octet-stream"}
    )
    assert status == 200, body
    emulator.idle()
    root = ROOT.search(headers["x-amzn-trace-id"])[0]
    request = records(emulator, trace_id=root)
    steps = [record for record in request if record["source"] != "log"]
    # A request id finds the trace, too: S3 does not tell trace ids.
    put = records(emulator, trace_id=put_headers["x-amz-request-id"])
    (put_root,) = {record["traceId"] for record in put if record["source"] != "log"}

    assert [step[0] for step in told(steps)] == ["gateway", "lambda", "dynamodb"]
    assert told(steps)[0] == ("gateway", f"POST /{emulator.api.rpartition('/')[2]}/file", "200")
    assert {step["traceId"] for step in steps} == {root}
    assert put_root != root
    assert [record["source"] for record in put][:4] == ["s3", "event", "event", "lambda"]
    assert put[0]["outcome"] == "200"
    assert put[1]["subject"].startswith("ObjectCreated:Put ")
    assert any(record["source"] == "dynamodb" for record in put)
    assert any("platform.report" in record["reason"] for record in put)


def client_of(emulator, *, secret="test", version="s3v4"):
    return boto3.client(
        "s3",
        endpoint_url=emulator.ready["aws"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key=secret,
        config=Config(signature_version=version, s3={"addressing_style": "path"}),
    )


def presigned(emulator, **options):
    s3 = client_of(emulator, **options)
    bucket = client_of(emulator).list_buckets()["Buckets"][0]["Name"]
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    return url, bucket


def test_a_wrong_signature_tells_its_reason(emulator):
    """A PUT with a wrong signature is in the trace as SignatureDoesNotMatch."""
    url, _ = presigned(emulator, secret="wrong")
    assert fetch("PUT", url, b"x", {})[0] == 403

    assert refused(emulator).startswith(
        "SignatureDoesNotMatch: The request signature we calculated"
    )


def test_an_expired_url_tells_its_reason(emulator):
    """A PUT to an URL that has expired by the emulator's clock is in the trace as just that."""
    url, _ = presigned(emulator)
    emulator.control("clock", {"advance": "2h"})
    assert fetch("PUT", url, b"x", {})[0] == 403

    assert refused(emulator) == "AccessDenied: Request has expired"


def test_a_condition_of_a_policy_tells_its_reason(emulator):
    """A form that breaks its policy is in the trace with the condition that failed."""
    _, bucket = presigned(emulator)
    post = client_of(emulator).generate_presigned_post(
        bucket, "k", Conditions=[["content-length-range", 1, 2]]
    )
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in post["fields"].items()
    )
    form = f'{fields}--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--x--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert fetch("POST", post["url"], form.encode(), kind)[0] == 400

    assert refused(emulator).startswith("EntityTooLarge: ")


def test_a_preflight_without_a_rule_tells_its_reason(emulator):
    """CORS that is not enabled is a refusal as well."""
    url, _ = presigned(emulator)
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}
    assert fetch("OPTIONS", url, None, headers)[0] == 403

    assert "CORS" in refused(emulator)


def test_a_refusal_of_the_gateway_tells_its_reason(emulator):
    """The client hears of a missing authentication token, the trace says what is meant."""
    assert fetch("GET", f"{emulator.api}/nothing/here", None, {})[0] == 403
    latest = records(emulator)[-1]

    assert (latest["source"], latest["outcome"]) == ("gateway", "403")
    assert latest["reason"] == "MISSING_AUTHENTICATION_TOKEN: no such method of a resource"


def test_what_is_too_large_for_the_gateway(emulator):
    """What is refused before any API was found is in the trace as well."""
    assert fetch("GET", f"{emulator.api}/files", None, {"X-Large": "x" * 11_000})[0] == 413
    latest = records(emulator)[-1]

    assert (latest["source"], latest["outcome"], latest["reason"] != "") == ("gateway", "413", True)


def test_a_refusal_of_lambda_tells_its_reason(emulator):
    """What the Lambda API refuses is told with its message."""
    client = emulator.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="Nobody")

    assert records(emulator)[-1]["reason"].startswith("ResourceNotFoundException: Function not")


def test_a_schedule_is_followed(emulator):
    """A rule that fires begins a trace, with the function that it invokes."""
    emulator.control("fire", {"function": "Expire"})
    emulator.idle()
    fired = next(r for r in records(emulator) if r["source"] == "schedule")
    sources = [r["source"] for r in records(emulator, trace_id=fired["traceId"])]

    assert sources[:2] == ["schedule", "lambda"]


def test_the_command(emulator):
    """``emulator trace`` shows steps with their durations, one trace, and refusals alone."""
    url, _ = presigned(emulator, secret="wrong")
    fetch("PUT", url, b"x", {})
    everything = emulator.command("trace")
    refusals = emulator.command("trace", "--refused")
    lines = emulator.command("trace", "--refused", "--json").stdout.splitlines()
    # Another test may have moved the clock, and what fell due may have failed.
    record = [r for r in map(json.loads, lines) if r["source"] == "s3"][-1]
    one = emulator.command("trace", record["traceId"])

    assert everything.returncode == 0, everything.stderr
    assert re.search(r"\d\d:\d\d:\d\d\.\d{3} +\d+\.\d ms  1-[0-9a-f-]+  s3 ", everything.stdout)
    assert record["reason"].startswith("SignatureDoesNotMatch: ")
    assert record["reason"] in refusals.stdout
    assert "GET /" not in refusals.stdout
    assert len(one.stdout.splitlines()) == 2
    assert record["traceId"] not in one.stdout


def test_the_command_in_vain(emulator):
    """A trace that is not there is said to be none, and cannot be followed."""
    assert "nothing has happened yet in a trace 1-2-3" in emulator.command("trace", "1-2-3").stderr
    assert emulator.command("trace", "1-2-3", "-f").returncode == 2
    assert "nothing was refused yet" in emulator.command("trace", "1-2-3", "--refused").stderr


FANS_OUT = {
    "Caller": """
        import boto3, os

        def handler(event, context):
            boto3.client("lambda").invoke(
                FunctionName="Called", InvocationType=event["type"], Payload=b"{}"
            )
            return os.environ["_X_AMZN_TRACE_ID"]
        """,
    "Called": "def handler(event, context):\n    raise ValueError('of the one who is called')\n",
}


@pytest.fixture(scope="module")
def fan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fan")
    emulator = Emulator(folder, template=write_application(folder, FANS_OUT)).start()
    yield emulator
    emulator.stop()


@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
def test_functions_that_call_functions(fan, kind):
    """What a handler invokes, and what is invoked for it later, is of the handler's trace."""
    fan.control("reset", {})
    answer = fan.client("lambda").invoke(
        FunctionName="Caller", Payload=json.dumps({"type": kind}).encode()
    )
    root = ROOT.search(json.loads(answer["Payload"].read()))[0]
    failed = (r for r in records(fan, trace_id=root) if r["outcome"] == "Unhandled")
    while not (called := next(failed, None)):
        failed = (r for r in records(fan, trace_id=root) if r["outcome"] == "Unhandled")

    assert called["subject"] == "Called (invoke)"
    assert "of the one who is called" in called["reason"]


def test_times_are_the_clocks(fan):
    """A record bears the time of the emulator's clock."""
    fan.control("clock", {"advance": "10d"})
    fan.client("sts").get_caller_identity()
    at = datetime.fromisoformat(records(fan)[-1]["time"])
    fan.control("clock", {"reset": True})

    assert timedelta(days=9) < at - datetime.now(UTC) < timedelta(days=11)
