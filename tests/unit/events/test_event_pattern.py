"""Event patterns, by the examples of EventBridge's guide.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import json

import pytest

from emulator.errors import ServiceError
from emulator.events.event_pattern import matches_pattern, parse_pattern

EVENT = {
    "version": "0",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "region": "us-east-1",
    "resources": ["arn:aws:s3:::photos", "arn:aws:s3:::other"],
    "detail": {
        "bucket": {"name": "photos"},
        "object": {"key": "dir/a.PNG", "size": 1024, "etag": ""},
        "source-ip-address": "10.0.0.7",
        "deleted": False,
        "owner": None,
        "parts": [{"n": 1, "k": "x"}, {"n": 2, "k": "y"}],
    },
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ({}, True),
        ({"source": ["aws.s3"]}, True),
        ({"source": ["aws.ec2", "aws.s3"]}, True),
        ({"source": ["aws.ec2"]}, False),
        ({"resources": ["arn:aws:s3:::other"]}, True),
        ({"detail": {"bucket": {"name": ["photos"]}}}, True),
        ({"detail": {"bucket": {"name": ["photos"], "more": ["x"]}}}, False),
        ({"detail": {"object": {"etag": [""]}}}, True),
        ({"detail": {"owner": [None]}}, True),
        ({"detail": {"deleted": [False]}}, True),
        ({"detail": {"deleted": [0]}}, False),
        ({"region": [{"prefix": "us-"}]}, True),
        ({"detail": {"object": {"key": [{"suffix": ".png"}]}}}, False),
        ({"detail": {"object": {"key": [{"suffix": {"equals-ignore-case": ".png"}}]}}}, True),
        ({"detail": {"object": {"key": [{"prefix": {"equals-ignore-case": "DIR"}}]}}}, True),
        ({"detail-type": [{"equals-ignore-case": "object created"}]}, True),
        ({"detail-type": [{"anything-but": "Object Created"}]}, False),
        ({"detail-type": [{"anything-but": ["Object Deleted", "Object Restored"]}]}, True),
        ({"detail-type": [{"anything-but": {"prefix": "Object"}}]}, False),
        ({"detail-type": [{"anything-but": {"suffix": ["ed", "ing"]}}]}, False),
        ({"detail-type": [{"anything-but": {"wildcard": "*Restore*"}}]}, True),
        ({"detail": {"object": {"size": [{"numeric": [">", 0, "<=", 1024]}]}}}, True),
        ({"detail": {"object": {"size": [{"numeric": ["=", 3.5]}]}}}, False),
        ({"detail": {"object": {"key": [{"numeric": [">", 0]}]}}}, False),
        ({"detail": {"source-ip-address": [{"cidr": "10.0.0.0/24"}]}}, True),
        ({"detail": {"source-ip-address": [{"cidr": "10.0.1.0/24"}]}}, False),
        ({"detail": {"object": {"key": [{"wildcard": "dir/*.PNG"}]}}}, True),
        ({"detail": {"object": {"key": [{"wildcard": "dir/\\*.PNG"}]}}}, False),
        ({"detail": {"object": {"size": [{"exists": True}]}}}, True),
        ({"detail": {"object": {"size": [{"exists": False}]}}}, False),
        ({"detail": {"object": {"version-id": [{"exists": False}]}}}, True),
        ({"$or": [{"source": ["x"]}, {"region": ["us-east-1"]}]}, True),
        ({"$or": [{"source": ["x"]}, {"region": ["y"]}]}, False),
        ({"detail": {"parts": {"k": ["y"]}}}, True),
        ({"detail": {"parts": {"k": ["z"]}}}, False),
    ],
)
def test_matches_pattern(pattern, matches):
    """Each operator says what the guide says of it."""
    assert matches == matches_pattern(parse_pattern(json.dumps(pattern)), EVENT)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[]", "Filter is not an object"),
        ("{", "Filter is not an object"),
        ('{"source": "aws.s3"}', '"source" must be an object or an array'),
        ('{"source": []}', "Empty arrays are not allowed"),
        ('{"source": [{"regex": "a"}]}', "Unrecognized match type regex"),
        ('{"source": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
        ('{"a": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator: ~"),
        ('{"a": [{"numeric": [">"]}]}', "Value of numeric must be an array."),
        ('{"a": [{"numeric": [">", "1"]}]}', "Value of numeric range must be numeric"),
        ('{"a": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed in match expression"),
        ('{"a": [["b"]]}', '"a" has an array in its array'),
        ('{"$or": ["b"]}', '"$or" must be an array of objects'),
    ],
)
def test_refusals(pattern, reason):
    """What is no pattern is refused with EventBridge's code and the reason."""
    with pytest.raises(ServiceError, match="Event pattern is not valid") as refused:
        parse_pattern(pattern)

    assert refused.value.code == "InvalidEventPatternException"
    assert refused.value.message.endswith(f"Reason: {reason}")
