"""Filter patterns mean what AWS documents, and what is not emulated is refused by name.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json

import pytest

from emulator.cloudwatchlogs.filter_pattern import parse_filter_pattern
from emulator.errors import ServiceError

MESSAGES = ("[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST", "[INFO] fine")


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("", [0, 1, 2]),
        ("  ", [0, 1, 2]),
        ("ERROR", [0, 1]),
        ("error", []),
        ("ERROR BAD", [0]),
        ("?BAD ?fine", [0, 2]),
        ('"BAD REQUEST"', [0]),
        ('"[ERROR 401]"', [1]),
        ("ERROR -BAD", [1]),
        ("-ERROR", [2]),
        ('-"ERROR 400"', [1, 2]),
        ("REQUEST ?BAD ?fine", [0, 1]),
    ],
)
def test_terms(pattern, numbers):
    """Terms all match, question marks any, a minus none; quotes make a phrase; case counts."""
    matches = parse_filter_pattern(pattern)

    assert numbers == [number for number, text in enumerate(MESSAGES) if matches(text)]


EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "ready": True,
        "duration": 12.5,
        "user": {"id": 7, "name": "Ann"},
    }
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.eventType = UpdateTrail }", True),
        ('{$.eventType="Other"}', False),
        ('{ $.eventType = "Update*" }', True),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress = 111.111.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[5] = "value" }', False),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.SomeOtherObject IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.user NOT EXISTS }", False),
        ("{ $.ready IS TRUE }", True),
        ("{ $.ready IS FALSE }", False),
        ("{ $.duration > 12 }", True),
        ("{ $.duration >= 12.5 }", True),
        ("{ $.duration < 1e1 }", False),
        ("{ $.user.id = 7 }", True),
        ("{ $.user.id != 7 }", False),
        ('{ $.["cluster.name"] = "c" }', True),
        ("{ $['cluster.name'] = \"c\" }", True),
        ("{ ($.user.id = 1) && ($.user.name = Ann) }", False),
        ("{ ($.user.id = 1) || ($.user.name = Ann) }", True),
        ("{ $.user.id = 1 || $.user.id = 7 && $.user.name = Bob }", False),
        ("{ ($.user.id = 7 || $.x = 1) && ($.ready IS TRUE) }", True),
    ],
)
def test_json(pattern, expected):
    """Selectors, comparisons, wildcards, facts and their combinations."""
    assert expected == parse_filter_pattern(pattern)(EVENT)


def test_json_pattern_and_plain_text():
    """A JSON pattern finds nothing in text, in lists, or in broken JSON."""
    matches = parse_filter_pattern('{ $.a != "x" }')

    assert not any(matches(text) for text in ("plain", "[1]", '{"a": 1', "7"))


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("%ERR.*%", "does not emulate regular expressions"),
        ("{ $.a = %x% }", "does not emulate regular expressions"),
        ("[a, b]", "does not emulate space-delimited"),
        ("a/b", "double quotes"),
        ('"open', "double quotes"),
        ("{ $.a }", "Invalid filter pattern"),
        ("{ $.a = }", "Invalid filter pattern"),
        ("{ $.a > x }", "Invalid filter pattern"),
        ("{ $.a IS ODD }", "Invalid filter pattern"),
        ("{ $.a = 1", "Invalid filter pattern"),
        ("{ $.a = 1 } x", "Invalid filter pattern"),
        ("{" + "(" * 100 + "$.a = 1" + ")" * 100 + "}", "Invalid filter pattern"),
    ],
)
def test_refusals(pattern, words):
    """What is no pattern, or not emulated, is an ``InvalidParameterException`` that says so."""
    with pytest.raises(ServiceError, match=words) as refusal:
        parse_filter_pattern(pattern)

    assert refusal.value.code == "InvalidParameterException"
