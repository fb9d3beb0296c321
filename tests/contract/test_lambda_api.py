"""The Lambda API beside Invoke's payloads: names, qualifiers, descriptions, refusals.

https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html; errors as recorded from AWS
(LocalStack, ``test_lambda_api``). Shapes are held against the SDK's description of the API.
"""

import json
from datetime import timedelta

import pytest
from botocore.parsers import create_parser
from botocore.session import Session
from local_lambda import LocalLambda, arn, tail_of

from emulator.application import Alias, EventInvokeConfig, FunctionUrl, FunctionVersion

SOURCE = """
    def about(event, context):
        print("printed")
        return [context.function_version, context.invoked_function_arn, context.log_stream_name]
"""
FUNCTIONS = {
    "about": {
        "description": "latest",
        "environment": (("A", "b"),),
        "versions": (
            FunctionVersion(number="1", description="first"),
            FunctionVersion(number="2"),
        ),
        "aliases": (
            Alias(name="live", version="2", description="now"),
            Alias(name="old", version="1"),
        ),
        "event_invoke": (
            EventInvokeConfig(maximum_retry_attempts=1, on_failure_arn="arn:aws:sqs:x:y:z"),
            EventInvokeConfig(qualifier="live", maximum_event_age=timedelta(minutes=5)),
        ),
        "urls": (FunctionUrl(url_id="plain"), FunctionUrl(url_id="alias", qualifier="live")),
        "tags": (("Team", "one"),),
        "reserved_concurrency": 5,
    },
    **{f"other{number}": "app.about" for number in range(60)},
}


@pytest.fixture(scope="module")
def lambda_(tmp_path_factory):
    with LocalLambda(tmp_path_factory.mktemp("api"), SOURCE, FUNCTIONS) as made:
        yield made


def invoke(lambda_, name, query="", **headers):
    return lambda_.call(f"/2015-03-31/functions/{name}/invocations{query}", **headers)


@pytest.mark.parametrize(
    ("name", "query", "version", "qualifier"),
    [
        ("about", "", "$LATEST", None),
        ("function:about", "", "$LATEST", None),
        ("123456789012:function:about", "", "$LATEST", None),
        (arn("about"), "", "$LATEST", None),
        ("about", "?Qualifier=%24LATEST", "$LATEST", "$LATEST"),
        ("about:1", "", "1", "1"),
        (arn("about", "live"), "", "2", "live"),
        ("about", "?Qualifier=old", "1", "old"),
        ("about:old", "?Qualifier=old", "1", "old"),
    ],
)
def test_names_and_qualifiers(lambda_, name, query, version, qualifier):
    """By name and ARN, partial or full; the handler sees the version, and the ARN as invoked."""
    status, headers, body = invoke(lambda_, name.replace(":", "%3A"), query)
    seen_version, seen_arn, stream = json.loads(body)

    assert (status, headers["X-Amz-Executed-Version"]) == (200, version)
    assert (seen_version, seen_arn) == (version, arn("about", qualifier))
    assert f"/[{version}]" in stream


@pytest.mark.parametrize(
    ("name", "query", "status", "code", "document"),
    [
        (
            "about",
            "?Qualifier=none",
            404,
            "ResourceNotFoundException",
            {"Type": "User", "Message": f"Function not found: {arn('about', 'none')}"},
        ),
        (
            "about:1",
            "?Qualifier=2",
            400,
            "InvalidParameterValueException",
            {
                "Type": "User",
                "message": "The derived qualifier from the function name does not match the"
                " specified qualifier.",
            },
        ),
        (
            "arn:aws:lambda:eu-west-1:123456789012:function:about",
            "",
            404,
            "ResourceNotFoundException",
            {
                "Type": "User",
                "Message": "Functions from 'eu-west-1' are not reachable in this region"
                " ('us-east-1')",
            },
        ),
    ],
)
def test_wrong_names(lambda_, name, query, status, code, document):
    """Lambda's errors, whole."""
    answer = invoke(lambda_, name.replace(":", "%3A"), query)

    assert (answer[0], answer[1]["x-amzn-ErrorType"]) == (status, code)
    assert document == json.loads(answer[2])


def test_unknown_kind_of_invocation(lambda_):
    """It is refused before the function is looked up."""
    status, headers, body = invoke(lambda_, "about", x_amz_invocation_type="Later")

    assert (status, headers["x-amzn-ErrorType"]) == (400, "ValidationException")
    assert json.loads(body) == {
        "message": "1 validation error detected: Value 'Later' at 'invocationType' failed to"
        " satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
    }


def test_tail(lambda_):
    """The log from START on, its last four kilobytes."""
    _, headers, _ = invoke(lambda_, "about%3A2", x_amz_log_type="Tail")
    request_id = headers["x-amzn-RequestId"]
    lines = tail_of(headers).split("\n")

    assert lines[0] == f"START RequestId: {request_id} Version: 2"
    assert lines[1:3] == ["printed", f"END RequestId: {request_id}"]
    assert lines[3].startswith(f"REPORT RequestId: {request_id}\tDuration: ")


def test_invoke_async(lambda_):
    """The old operation still takes events."""
    path = "/2014-11-13/functions/about/invoke-async/"

    assert lambda_.call(path)[::2] == (202, b"")
    status, headers, body = lambda_.call(path, b" " * 262_145)
    assert (status, headers["x-amzn-ErrorType"]) == (413, "RequestEntityTooLargeException")
    assert json.loads(body) == {
        "Message": "Request must be smaller than 262144 bytes for the InvokeAsync operation"
    }


def test_largest_event(lambda_):
    """An asynchronous event can have a megabyte."""
    kind = {"x_amz_invocation_type": "Event"}
    path = "/2015-03-31/functions/about/invocations"

    assert lambda_.call(path, b" " * 1_048_574 + b"{}", **kind)[0] == 202
    status, _, body = lambda_.call(path, b" " * 1_048_575 + b"{}", **kind)
    assert status == 413
    assert json.loads(body) == {
        "Type": "User",
        "Message": "1048577 byte payload is too large for the Event invocation type"
        " (limit 1048576 bytes)",
    }


def test_function(lambda_):
    """A function, whole."""
    status, document = lambda_.get("/2015-03-31/functions/about")
    configuration = document["Configuration"]

    assert status == 200
    assert document == {
        "Configuration": {
            "FunctionName": "about",
            "FunctionArn": arn("about"),
            "Runtime": "python3.13",
            "Role": "",
            "Handler": "app.about",
            "CodeSize": 0,
            "Description": "latest",
            "Timeout": 10,
            "MemorySize": 128,
            "LastModified": "2024-05-15T10:00:00.000+0000",
            "CodeSha256": configuration["CodeSha256"],
            "Version": "$LATEST",
            "TracingConfig": {"Mode": "PassThrough"},
            "RevisionId": configuration["RevisionId"],
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "PackageType": "Zip",
            "Architectures": ["x86_64"],
            "EphemeralStorage": {"Size": 512},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "RuntimeVersionConfig": {
                "RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:emulated"
            },
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/about"},
            "Environment": {"Variables": {"A": "b"}},
        },
        "Code": {},
        "Tags": {"Team": "one"},
        "Concurrency": {"ReservedConcurrentExecutions": 5},
    }


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("functions/about/concurrency", {"ReservedConcurrentExecutions": 5}),
        ("functions/other1/concurrency", {}),
        (f"tags/{arn('about').replace(':', '%3A')}", {"Tags": {"Team": "one"}}),
        (
            "functions/about/event-invoke-config",
            {
                "LastModified": 1715767200.0,
                "FunctionArn": arn("about", "$LATEST"),
                "MaximumRetryAttempts": 1,
                "MaximumEventAgeInSeconds": 21600,
                "DestinationConfig": {
                    "OnSuccess": {},
                    "OnFailure": {"Destination": "arn:aws:sqs:x:y:z"},
                },
            },
        ),
        (
            "functions/about/url?Qualifier=live",
            {
                "FunctionUrl": "http://127.0.0.1:4566/_lambda-url/alias/",
                "FunctionArn": arn("about", "live"),
                "AuthType": "NONE",
                "CreationTime": "2024-05-15T10:00:00.000000Z",
                "LastModifiedTime": "2024-05-15T10:00:00.000000Z",
                "InvokeMode": "BUFFERED",
            },
        ),
    ],
)
def test_descriptions(lambda_, path, document):
    """What the template says, in the shapes of the API."""
    assert lambda_.get(f"/2019-09-25/{path}") == (200, document)


def test_aliases_and_versions(lambda_):
    """They are those of the template."""
    _, versions = lambda_.get("/2015-03-31/functions/about/versions")
    _, aliases = lambda_.get("/2015-03-31/functions/about/aliases")
    _, of_one = lambda_.get("/2015-03-31/functions/about/aliases?FunctionVersion=1")
    _, alias = lambda_.get("/2015-03-31/functions/about/aliases/live")

    assert [(v["Version"], v["FunctionArn"], v["Description"]) for v in versions["Versions"]] == [
        ("$LATEST", arn("about", "$LATEST"), "latest"),
        ("1", arn("about", "1"), "first"),
        ("2", arn("about", "2"), "latest"),
    ]
    assert [a["Name"] for a in aliases["Aliases"]] == ["live", "old"]
    assert [a["Name"] for a in of_one["Aliases"]] == ["old"]
    assert alias == {
        "AliasArn": arn("about", "live"),
        "Name": "live",
        "FunctionVersion": "2",
        "Description": "now",
        "RevisionId": alias["RevisionId"],
    }


def test_pages(lambda_):
    """Fifty a page at most; the marker leads to the next one."""
    _, first = lambda_.get("/2015-03-31/functions/")
    _, second = lambda_.get(f"/2015-03-31/functions/?Marker={first['NextMarker']}")
    _, small = lambda_.get("/2015-03-31/functions/?MaxItems=2&FunctionVersion=ALL")

    assert len(first["Functions"]) == 50
    assert len(second["Functions"]) == 11
    assert "NextMarker" not in second
    assert [f["Version"] for f in small["Functions"]] == ["$LATEST", "1"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none", f"Function not found: {arn('none')}"),
        ("about/aliases/none", f"Cannot find alias arn: {arn('about', 'none')}"),
        ("about/policy", "The resource you requested does not exist."),
        ("other1/url", "The resource you requested does not exist."),
        (
            "other1/event-invoke-config",
            f"The function {arn('other1', '$LATEST')} doesn't have an EventInvokeConfig",
        ),
    ],
)
def test_what_is_not_there(lambda_, path, message):
    """404, in AWS's words."""
    status, document = lambda_.get(f"/2015-03-31/functions/{path}")

    assert (status, document) == (404, {"Type": "User", "Message": message})


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("POST", "/2015-03-31/functions", "CreateFunction"),
        ("PUT", "/2015-03-31/functions/about/code", "UpdateFunctionCode"),
        ("DELETE", "/2015-03-31/functions/about", "DeleteFunction"),
        ("PUT", "/2017-10-31/functions/about/concurrency", "PutFunctionConcurrency"),
        (
            "POST",
            "/2021-11-15/functions/about/response-streaming-invocations",
            "InvokeWithResponseStream",
        ),
        ("PATCH", "/2015-03-31/nonsense", "PATCH /2015-03-31/nonsense"),
    ],
)
def test_refusals(lambda_, method, path, operation):
    """What changes functions is refused by name, with the way that works."""
    status, headers, body = lambda_.call(path, method=method)

    assert (status, headers["x-amzn-ErrorType"]) == (501, "NotImplementedException")
    assert json.loads(body) == {
        "message": f"The emulator does not have the operation {operation} of Lambda; functions"
        " are made and changed by the template."
    }


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("GetFunction", "functions/about"),
        ("GetFunctionConfiguration", "functions/about/configuration"),
        ("ListFunctions", "functions/"),
        ("ListVersionsByFunction", "functions/about/versions"),
        ("ListAliases", "functions/about/aliases"),
        ("GetAlias", "functions/about/aliases/live"),
        ("GetFunctionEventInvokeConfig", "functions/about/event-invoke-config"),
        ("ListFunctionEventInvokeConfigs", "functions/about/event-invoke-config/list"),
        ("GetFunctionUrlConfig", "functions/about/url"),
        ("ListFunctionUrlConfigs", "functions/about/urls"),
        ("GetAccountSettings", "account-settings/"),
    ],
)
def test_shapes(lambda_, operation, path):
    """The SDK knows every member that is sent."""
    model = Session().get_service_model("lambda").operation_model(operation)
    status, headers, body = lambda_.call(f"/2015-03-31/{path}", method="GET")
    parsed = create_parser("rest-json").parse(
        {"status_code": status, "headers": headers, "body": body}, model.output_shape
    )
    document = json.loads(body)

    assert set(document) == set(parsed) - {"ResponseMetadata"}
