"""PartiQL as its parser reads it: comments, functions, updates that begin with ``FROM``, refusals.

Recorded against AWS by https://github.com/paritysuite/dynamodb-conformance
(``tests/tier2/partiql``, ``tests/tier3/error-messages/partiql*.test.ts``).
"""

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service, order

MALFORMED = "Statement wasn't well formed, can't be processed: "
LEFT_OVER = MALFORMED + "Unexpected token after expression"
ALIAS = "Aliasing is not supported"
EMPTY = "Path component cannot be an empty string"
OVERFLOW = (
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
)
INVALID = "One or more parameter values were invalid: "
SEEDED = {
    "id": {"S": "a"},
    "s": {"S": "str"},
    "m": {"M": {"sub": {"S": "x"}}},
    "nul": {"NULL": True},
    "flag": {"BOOL": True},
    "n": {"N": "5"},
}


@pytest.fixture
def client(tmp_path):
    service = make_service(tmp_path, FILES, ORDERS)
    service.start()
    client = Client(service)
    client("PutItem", TableName="Files", Item=SEEDED)
    client("PutItem", TableName="Orders", Item=order("ann", 1))
    yield client
    service.stop()


def items(client, statement, *parameters):
    members = {"Parameters": list(parameters)} if parameters else {}
    return client("ExecuteStatement", Statement=statement, **members)["Items"]


def refusal(client, statement, *parameters):
    with pytest.raises(Refused) as refused:
        items(client, statement, *parameters)
    return refused.value.message


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM Files WHERE id = 'a' -- a note",
        "SELECT id FROM Files -- a note\nWHERE id = 'a'",
        "/* a\nnote */ SELECT id FROM Files /**/ WHERE id = 'a'",
    ],
)
def test_comments(client, statement):
    """A comment is as good as a space."""
    assert items(client, statement) == [{"id": {"S": "a"}}]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("attribute_exists(m.sub)", True),
        ("ATTRIBUTE_EXISTS(m.nope)", False),
        ("attribute_not_exists(nope)", True),
        ("NOT attribute_exists(nope)", True),
        ("attribute_exists(s) = true", True),
        ("attribute_exists(s) = false", False),
        ("nul IS NULL", True),
        ("s IS NOT NULL", True),
        ("flag IS BOOL", True),
        ("s IS STRING", True),
        ("s IS BOOL", False),
        ("s < 5", False),
    ],
)
def test_conditions(client, condition, holds):
    """Existence and types are asked for by function or by ``IS``."""
    found = items(client, f"SELECT id FROM Files WHERE id = 'a' AND {condition}")  # noqa: S608 -- it is no SQL

    assert bool(found) == holds


def test_update_that_begins_with_from(client):
    """``FROM table WHERE key SET …`` updates the item, which must be there."""
    assert items(client, "FROM Files WHERE id = 'a' AND n = 5 SET c = 1 REMOVE s") == []
    assert items(
        client, "FROM Files WHERE id = ? SET c = 2 RETURNING MODIFIED NEW *", {"S": "a"}
    ) == [{"c": {"N": "2"}}]
    for condition in ("id = 'nobody'", "id = 'a' AND n = 6"):
        assert refusal(client, f"FROM Files WHERE {condition} SET c = 3") == (
            "The conditional request failed"
        )


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT * FROM Files WHERE id = 1)", LEFT_OVER),
        ("SELECT * FROM Files ORDER BY id WHERE id = 'a'", LEFT_OVER),
        ("DELETE FROM Files WHERE id = 'a' ORDER BY id", LEFT_OVER),
        ("INSERT INTO Files VALUE {'id': 'x'} foo", LEFT_OVER),
        ("INSERT INTO Files f VALUE {'id': 'x'}", LEFT_OVER),
        ("SELECT * FROM Files f WHERE id = 'a'", ALIAS),
        ("SELECT * FROM Files AS f WHERE id = 'a'", ALIAS),
        ("UPDATE Files f SET a = 3 WHERE id = 'a'", ALIAS),
        ("DELETE FROM Files f WHERE id = 'a'", ALIAS),
        ("SELECT * FROM Files WHERE id = 'a' /* note", MALFORMED),
        ("SELECT * FROM Files WHERE n = 1e2147483648", MALFORMED),
        ("SELECT * FROM Files WHERE n = 1e126", OVERFLOW + " under root"),
        ("INSERT INTO Files VALUE {'id': 'x', 'm': {'x': 1e126}}", OVERFLOW + " under root.x"),
        ("INSERT INTO Files VALUE {'id': 'x', 'l': [1, -1e126]}", OVERFLOW + " under root[1]"),
        ("SELECT * FROM \"\" WHERE id = 'a'", EMPTY),
        ("SELECT * FROM Orders.\"\" WHERE id = 'a'", EMPTY),
        (
            "SELECT * FROM Orders.by_state.more",
            "A path may contain at most 2 components in the FROM clause",
        ),
        ("SELECT * FROM Orders.nothing", "The table does not have the specified index"),
        (
            "DELETE FROM Files WHERE id = 'a' RETURNING MODIFIED OLD *",
            (
                "Invalid returning clause: RETURNING MODIFIED OLD *. "
                "Only RETURNING ALL OLD * is allowed in DELETE statements."
            ),
        ),
        (
            "SELECT * FROM Orders.by_day WHERE day = 'd' AND secret = 1",
            INVALID + "Secondary index by_day does not project one or more filter attributes: "
            "[secret]",
        ),
        (
            "SELECT secret FROM Orders.keys_by_day WHERE day = 'd'",
            INVALID + "Global secondary index keys_by_day does not project [secret]",
        ),
    ],
)
def test_refused(client, statement, message):
    """What cannot be read, or makes no sense, changes nothing and is refused."""
    assert refusal(client, statement) == message
    assert client("Scan", TableName="Files")["Count"] == 1


@pytest.mark.parametrize("condition", ["s < ?", "s BETWEEN 'a' AND ?"])
def test_what_has_no_order(client, condition):
    """Only strings, numbers and binaries are compared by order."""
    operator = condition.split()[1]

    assert refusal(client, f"SELECT * FROM Files WHERE {condition}", {"BOOL": True}) == (  # noqa: S608 -- it is no SQL
        "Incorrect operand type for operator or function; operator or function: "
        f"{operator}, operand type: BOOL"
    )


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE Files SET a = 1 WHERE id = 'a' RETURNING ALL NEW *",
            "RETURNING clause is not supported in ExecuteTransaction.",
        ),
        (
            "SELECT * FROM Orders.by_day WHERE day = 'd'",
            "Reads on indices are not supported within transactions.",
        ),
    ],
)
def test_transactions(client, statement, problem):
    """A transaction answers no writes and reads no index."""
    written = client(
        "ExecuteTransaction",
        TransactStatements=[{"Statement": "UPDATE Files SET a = 1 WHERE id = 'a'"}],
    )
    with pytest.raises(Refused) as refused:
        client("ExecuteTransaction", TransactStatements=[{"Statement": statement}])

    assert written == {"Responses": []}
    assert refused.value.message == f"Validation failed in TransactStatements[0]: {problem}"
