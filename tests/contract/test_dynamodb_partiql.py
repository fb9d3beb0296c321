"""PartiQL: statements of the developer guide, what they answer and how they are refused.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
"""

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service, order


@pytest.fixture
def client(tmp_path):
    service = make_service(tmp_path, FILES, ORDERS)
    service.start()
    client = Client(service)
    for number in range(1, 6):
        attributes = {"state": {"S": "open" if number % 2 else "done"}, "day": {"S": f"d{number}"}}
        client("PutItem", TableName="Orders", Item=order("ann", number, **attributes))
    client("PutItem", TableName="Orders", Item=order("bob", 1, total={"N": "7"}))
    yield client
    service.stop()


def execute(client, statement, *parameters, **members):
    if parameters:
        members["Parameters"] = list(parameters)
    return client("ExecuteStatement", Statement=statement, **members)


def numbers(answer):
    return [item["number"]["N"] for item in answer["Items"]]


def refusal(client, statement, *parameters, **members):
    with pytest.raises(Refused) as refused:
        execute(client, statement, *parameters, **members)
    return refused.value


@pytest.mark.parametrize(
    ("where", "parameters", "found"),
    [
        ("customer = 'ann'", (), ["1", "2", "3", "4", "5"]),
        ("customer = ?", ({"S": "ann"},), ["1", "2", "3", "4", "5"]),
        ("customer = 'ann' AND \"number\" > 3", (), ["4", "5"]),
        ("customer = 'ann' AND \"number\" BETWEEN 2 AND 3", (), ["2", "3"]),
        ("customer = 'ann' AND state = 'done'", (), ["2", "4"]),
        ("customer = 'ann' AND NOT state = 'done' AND \"number\" < 5", (), ["1", "3"]),
        ("customer = 'ann' AND \"number\" IN [1, 5, 9]", (), ["1", "5"]),
        ("customer IN ['bob', 'ann'] AND \"number\" = 1", (), ["1", "1"]),
        ("customer = 'ann' AND begins_with(day, 'd') AND size(day) = 2", (), list("12345")),
        ("customer = 'ann' AND total IS MISSING AND day IS NOT MISSING", (), list("12345")),
        ('customer = \'ann\' AND ("number" = 1 OR "number" = 2)', (), ["1", "2"]),
        ("total = 7", (), ["1"]),
        ("contains(day, '4')", (), ["4"]),
        ("customer = 'nobody'", (), []),
    ],
)
def test_selection(client, where, parameters, found):
    """A condition by key reads its partitions in order; any other reads the table."""
    statement = f'SELECT * FROM "Orders" WHERE {where}'  # noqa: S608 -- it is no SQL

    assert numbers(execute(client, statement, *parameters)) == found


def test_selection_of_an_index_backward(client):
    """An index is read by its own key, in either order of its sort key."""
    statement = "SELECT day FROM Orders.by_state WHERE state = 'open' ORDER BY day DESC"

    assert execute(client, statement)["Items"] == [
        {"day": {"S": "d5"}},
        {"day": {"S": "d3"}},
        {"day": {"S": "d1"}},
    ]


def test_pages(client):
    """Pages of ``Limit`` items follow each other by ``NextToken``, over partitions too."""
    statement = "SELECT * FROM Orders WHERE customer IN ['ann', 'bob']"
    found, token = [], {}
    for _ in range(4):
        answer = execute(client, statement, Limit=2, **token)
        found.append(numbers(answer))
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}

    assert [number for page in found for number in page] == ["1", "2", "3", "4", "5", "1"]
    assert all(len(page) <= 2 for page in found)


def test_insert_update_delete(client):
    """A statement writes what its operation would; ``RETURNING`` shows it."""
    assert execute(
        client,
        "INSERT INTO Files VALUE {'id': 'a', 'n': 1, 'l': [true, null], 'tags': <<'x', 'y'>>, "
        "'m': {'k': ?}}",
        {"S": "v"},
    ) == {"Items": []}
    assert execute(
        client,
        "UPDATE Files SET n = n + 2 SET l = list_append(l, ['z']) SET tags = set_add(tags, <<'w'>>)"
        " REMOVE m.k WHERE id = 'a' RETURNING ALL NEW *",
    ) == {
        "Items": [
            {
                "id": {"S": "a"},
                "n": {"N": "3"},
                "l": {"L": [{"BOOL": True}, {"NULL": True}, {"S": "z"}]},
                "tags": {"SS": ["x", "y", "w"]},
                "m": {"M": {}},
            }
        ]
    }
    assert execute(
        client, "UPDATE Files SET n = 9 WHERE id = 'a' AND n = 3 RETURNING MODIFIED OLD *"
    ) == {"Items": [{"n": {"N": "3"}}]}
    deleted = execute(client, "DELETE FROM Files WHERE id = 'a' RETURNING ALL OLD *")
    assert deleted["Items"][0]["n"] == {"N": "9"}
    assert execute(client, "DELETE FROM Files WHERE id = 'a'") == {"Items": []}


def test_conditions_of_writes(client):
    """INSERT wants no item, UPDATE an item, and both what else the condition says."""
    execute(client, "INSERT INTO Files VALUE {'id': 'a', 'n': 1}")

    again = refusal(client, "INSERT INTO Files VALUE {'id': 'a'}")
    absent = refusal(client, "UPDATE Files SET n = 1 WHERE id = 'b'")
    other = refusal(
        client,
        "DELETE FROM Files WHERE id = 'a' AND n = 2",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )

    assert again.body == {
        "__type": "com.amazonaws.dynamodb.v20120810#DuplicateItemException",
        "message": "Duplicate primary key exists in table",
    }
    assert absent.code == "ConditionalCheckFailedException"
    assert other.body["Item"] == {"id": {"S": "a"}, "n": {"N": "1"}}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT", "Unexpected token: end of statement"),
        ("SELECT * FROM Files WHERE", "Unexpected token: end of statement"),
        ("SELECT * FROM Files WHERE id == 'a'", "Unexpected token: ="),
        ("DROP TABLE Files", "Unexpected token: DROP"),
        ("SELECT * FROM Files WHERE id = 'a' extra", "Unexpected token after expression"),
        ("SELECT * FROM Files WHERE id = #", ""),
        ("INSERT INTO Files VALUE 1", "the value of an INSERT must be a map"),
        ("UPDATE Files WHERE id = 'a'", "Unexpected token: WHERE"),
        ("SELECT * FROM Files WHERE foo(id, 1)", "Unknown function: foo"),
    ],
)
def test_malformed(client, statement, message):
    """A statement that cannot be read is refused at the token that makes no sense."""
    expected = f"Statement wasn't well formed, can't be processed: {message}"

    assert refusal(client, statement).message == expected


@pytest.mark.parametrize(
    ("statement", "parameters", "message"),
    [
        (
            "UPDATE Orders SET a = 1 WHERE customer = 'ann'",
            (),
            "Where clause does not contain a mandatory equality on all key attributes",
        ),
        (
            "SELECT * FROM Files WHERE id = ?",
            (),
            "Number of parameters in request and statement don't match.",
        ),
        (
            "SELECT * FROM Files WHERE id = 'a'",
            ({"S": "b"},),
            "Number of parameters in request and statement don't match.",
        ),
        (
            "SELECT * FROM Orders ORDER BY customer",
            (),
            (
                "Must have at least one non-optional hash key condition in WHERE clause when "
                "using ORDER BY clause."
            ),
        ),
        ("SELECT * FROM Nothing", (), "Requested resource not found"),
    ],
)
def test_refused(client, statement, parameters, message):
    """A statement that can be read but not done is refused."""
    assert refusal(client, statement, *parameters).message == message


def test_batch(client):
    """Each statement of a batch is answered by itself, a mistake too."""
    answer = client(
        "BatchExecuteStatement",
        Statements=[
            {"Statement": "INSERT INTO Files VALUE {'id': 'a'}"},
            {"Statement": "INSERT INTO Files VALUE {'id': 'a'}"},
            {"Statement": "SELECT * FROM Files WHERE id = ?", "Parameters": [{"S": "a"}]},
            {"Statement": "SELECT * FROM Files WHERE id = 'b'"},
            {"Statement": "SELECT * FROM Files"},
        ],
    )

    assert answer["Responses"] == [
        {"TableName": "Files"},
        {
            "Error": {
                "Code": "DuplicateItem",
                "Message": "Duplicate primary key exists in table",
            }
        },
        {"TableName": "Files", "Item": {"id": {"S": "a"}}},
        {"TableName": "Files"},
        {
            "Error": {
                "Code": "ValidationError",
                "Message": (
                    "Select statements within BatchExecuteStatement must specify the primary key "
                    "in the where clause."
                ),
            }
        },
    ]


def test_transaction(client):
    """All statements of a transaction are done, or none with each one's reason."""
    insert = [{"Statement": f"INSERT INTO Files VALUE {{'id': '{name}'}}"} for name in "abc"]
    client("ExecuteTransaction", TransactStatements=insert[:2])
    read = [
        {"Statement": "SELECT * FROM Files WHERE id = ?", "Parameters": [{"S": name}]}
        for name in "ax"
    ]

    with pytest.raises(Refused) as refused:
        client(
            "ExecuteTransaction",
            TransactStatements=[
                insert[2],
                insert[0],
                {"Statement": "EXISTS(SELECT * FROM Files WHERE id = 'x')"},
            ],
        )

    assert [reason["Code"] for reason in refused.value.body["CancellationReasons"]] == [
        "None",
        "DuplicateItem",
        "ConditionalCheckFailed",
    ]
    assert client("ExecuteTransaction", TransactStatements=read) == {
        "Responses": [{"Item": {"id": {"S": "a"}}}, {}]
    }
    assert client("Scan", TableName="Files")["Count"] == 2


def test_capacity(client):
    """Statements say what they consumed, as the operations do."""
    read = {"Statement": "SELECT * FROM Orders WHERE customer = 'bob' AND \"number\" = 1"}
    total = {"ReturnConsumedCapacity": "TOTAL"}

    single = client("ExecuteStatement", **read, **total)
    batch = client("BatchExecuteStatement", Statements=[read, read], **total)
    transaction = client("ExecuteTransaction", TransactStatements=[read], **total)

    assert single["ConsumedCapacity"] == {"TableName": "Orders", "CapacityUnits": 0.5}
    assert batch["ConsumedCapacity"] == [{"TableName": "Orders", "CapacityUnits": 1.0}]
    assert transaction["ConsumedCapacity"] == [
        {"TableName": "Orders", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}
    ]


def test_transaction_token(client):
    """A transaction with a token that was used before is not done again."""
    statement = "UPDATE Orders SET total = total + 1 WHERE customer = 'bob' AND \"number\" = 1"
    members = {"TransactStatements": [{"Statement": statement}], "ClientRequestToken": "once"}
    for _ in range(2):
        client("ExecuteTransaction", **members)

    found = client("GetItem", TableName="Orders", Key=order("bob", 1))["Item"]
    assert found["total"] == {"N": "8"}
