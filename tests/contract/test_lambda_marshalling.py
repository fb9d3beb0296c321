"""How results become JSON, which is the runtime client's doing, and how events are refused.

https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html, awslambdaric's marshaller;
refusals in the words of AWS's parser (Jackson) as users have reported them.
"""

import json
import re

import pytest
from local_lambda import LocalLambda

SOURCE = """
    import datetime, decimal

    class Odd:
        def __str__(self):
            raise ValueError

    RESULTS = {
        "decimal": {"price": decimal.Decimal("1.50"), "count": decimal.Decimal(3)},
        "nan": [float("nan"), float("inf")],
        "tuple": (1, (2,)),
        "text": "Zürich ✓",
        "bytes": b"\\x89PNG",
        "datetime": {"at": datetime.datetime(2024, 5, 15)},
        "set": {1},
        "keys": {2: "a", None: "b", True: "c"},
    }

    def returns(event, context):
        return RESULTS[event]
"""
FUNCTIONS = {
    "returns": "app.returns",
    "old": {"handler": "app.returns", "runtime": "python3.11"},
}


@pytest.fixture(scope="module")
def lambda_(tmp_path_factory):
    with LocalLambda(tmp_path_factory.mktemp("marshalling"), SOURCE, FUNCTIONS) as made:
        yield made


def invoke(lambda_, result, name="returns"):
    body = json.dumps(result).encode()
    return lambda_.call(f"/2015-03-31/functions/{name}/invocations", body)


@pytest.mark.parametrize(
    ("result", "payload"),
    [
        ("decimal", b'{"price": 1.50, "count": 3}'),
        ("nan", b"[NaN, Infinity]"),
        ("tuple", b"[1, [2]]"),
        ("text", '"Zürich ✓"'.encode()),
        ("bytes", b"\x89PNG"),
        ("keys", b'{"2": "a", "null": "b", "true": "c"}'),
    ],
)
def test_results(lambda_, result, payload):
    """Decimals are numbers, NaN passes, bytes are sent as they are."""
    status, headers, body = invoke(lambda_, result)

    assert (status, "X-Amz-Function-Error" in headers, body) == (200, False, payload)


def test_text_of_older_runtimes(lambda_):
    """Up to Python 3.11 what is not ASCII is escaped."""
    assert invoke(lambda_, "text", "old")[2] == b'"Z\\u00fcrich \\u2713"'


@pytest.mark.parametrize("result", ["datetime", "set"])
def test_what_is_no_json(lambda_, result):
    """It is an error of the function, without frames."""
    status, headers, body = invoke(lambda_, result)

    assert (status, headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    assert json.loads(body) == {
        "errorMessage": f"Unable to marshal response: Object of type {result} is not JSON"
        " serializable",
        "errorType": "Runtime.MarshalError",
        "requestId": headers["x-amzn-RequestId"],
        "stackTrace": [],
    }


SOURCE_HIDDEN = (
    "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);"
    " line: {}, column: {}]"
)
TOKENS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


@pytest.mark.parametrize(
    ("body", "problem", "line", "column"),
    [
        (
            b'{"a": NaN}',
            "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
            1,
            10,
        ),
        (
            b'["a\tb"]',
            ("Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash"
            " to be included in string value"),
            1,
            5,
        ),
        ("{}".encode("utf-16"), "Invalid UTF-8 start byte 0xff", 1, 2),
        (b"badbod", f"Unrecognized token 'badbod': was expecting {TOKENS}", 1, 7),
        (b"{'a': 1}", ("Unexpected character (''' (code 39)): was expecting double-quote to start"
         " field name"), 1, 3),
        (b'{"a": 1 "b": 2}', ("Unexpected character ('\"' (code 34)): was expecting comma to"
         " separate Object entries"), 1, 10),
        (b'{"a" 1}', ("Unexpected character ('1' (code 49)): was expecting a colon to separate"
         " field name and value"), 1, 7),
        (b"\n[1 2]", ("Unexpected character ('2' (code 50)): was expecting comma to separate Array"
         " entries"), 2, 5),
        (b"{}x", f"Unrecognized token 'x': was expecting {TOKENS}", 1, 4),
        (b"?", f"Unexpected character ('?' (code 63)): expected a valid value {TOKENS}", 1, 2),
        (b"\xff", "Invalid UTF-8 start byte 0xff", 1, 2),
        (b"[", "Unexpected end-of-input: expected close marker for Array (start marker at"
         + SOURCE_HIDDEN.format(1, 1)[4:] + ")", 1, 2),
        (b'{"a": "b', "Unexpected end-of-input: was expecting closing quote for a string value",
         1, 9),
    ],
)  # fmt: skip
def test_event_that_is_no_json(lambda_, body, problem, line, column):
    """It is refused with what AWS's parser says, and where."""
    status, headers, content = lambda_.call("/2015-03-31/functions/returns/invocations", body)

    assert (status, headers["x-amzn-ErrorType"]) == (400, "InvalidRequestContentException")
    assert json.loads(content) == {
        "Type": "User",
        "message": "Could not parse request body into json: Could not parse payload into json: "
        + problem
        + SOURCE_HIDDEN.format(line, column),
    }


def test_deeply_nested_event(lambda_):
    """It is refused, not a crash."""
    path = "/2015-03-31/functions/returns/invocations"
    status, _, content = lambda_.call(path, b"[" * 100_000)

    assert status == 400
    assert re.search("nesting depth", json.loads(content)["message"])
