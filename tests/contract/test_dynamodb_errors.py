"""DynamoDB's refusals, in its words.

Texts were recorded against AWS by https://github.com/architect/dynalite (``test/``), by
https://github.com/localstack/localstack (``tests/aws/services/dynamodb``), by
https://github.com/getmoto/moto (tests marked ``aws_verified``), by
https://github.com/paritysuite/dynamodb-conformance, or stand in
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
"""

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service, order

VALIDATION = "com.amazon.coral.validate#ValidationException"
SERIALIZATION = "com.amazon.coral.service#SerializationException"
COUNTED = "1 validation error detected: "
INVALID = "One or more parameter values were invalid: "
NOT_VALID = "One or more parameter values are not valid. "
EMPTY_KEY = "The AttributeValue for a key attribute cannot contain an empty string value. "
ITEM = {"id": {"S": "a"}, "s": {"S": "text"}, "n": {"N": "1"}, "l": {"L": [{"N": "1"}]}}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    service = make_service(tmp_path_factory.mktemp("dynamodb"), FILES, ORDERS)
    service.start()
    client = Client(service)
    client("PutItem", TableName="Files", Item=ITEM)
    client("PutItem", TableName="Orders", Item=order("ann", 1, state={"S": "open"}))
    yield client
    service.stop()


def refusal(client, operation, **members):
    with pytest.raises(Refused) as refused:
        client(operation, **members)
    assert refused.value.status == 400
    return refused.value.body


def value(wire):
    """An item with this attribute."""
    return {"TableName": "Files", "Item": {"id": {"S": "x"}, "a": wire}}


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ({"N": "abc"}, "The parameter cannot be converted to a numeric value: abc"),
        ({"N": "1" * 39}, "Attempting to store more than 38 significant digits in a Number"),
        ({"SS": []}, INVALID + "An string set  may not be empty"),
        ({"NS": []}, INVALID + "An number set  may not be empty"),
        ({"BS": []}, INVALID + "Binary sets should not be empty"),
        (
            {"SS": ["b", "a", "b"]},
            INVALID + 'Input collection ["a", "b", "b"] contains duplicates.',
        ),
        ({"NS": ["1", "1.0"]}, INVALID + "Input collection contains duplicates."),
        (
            {"BS": ["Yg==", "Yg=="]},
            INVALID + 'Input collection ["Yg==","Yg=="]of type BS contains duplicates.',
        ),
        ({"NULL": False}, INVALID + "Null attribute value types must have the value of true"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_attribute_values(client, wire, message):
    """An attribute value that is none is refused, and the mistake is counted."""
    assert refusal(client, "PutItem", **value(wire)) == {
        "__type": VALIDATION,
        "message": COUNTED + message,
    }


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        (
            {},
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (
            {"S": None},
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (
            {"S": "a", "N": "1"},
            (
                "Supplied AttributeValue has more than one datatypes set, "
                "must contain exactly one of the supported datatypes"
            ),
        ),
        ({"S": "x" * 400 * 1024}, "Item size has exceeded the maximum allowed size"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_attribute_values_without_type_or_end(client, wire, message):
    """What has no type, two types or too many bytes is refused, and is not counted."""
    assert refusal(client, "PutItem", **value(wire)) == {"__type": VALIDATION, "message": message}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (value({"S": 1}), "NUMBER_VALUE cannot be converted to String"),
        (value({"S": True}), "TRUE_VALUE cannot be converted to String"),
        (value({"N": 1}), "NUMBER_VALUE cannot be converted to String"),
        (value({"S": {}}), "Start of structure or map found where not expected"),
        (value({"BOOL": "maybe"}), "Unexpected token received from parser"),
        (value("text"), "Unexpected value type in payload"),
        ({"TableName": 1, "Item": ITEM}, "NUMBER_VALUE cannot be converted to String"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_json_types(client, members, message):
    """Wrong JSON types are a serialization error, whose message has a capital."""
    assert refusal(client, "PutItem", **members) == {"__type": SERIALIZATION, "Message": message}


@pytest.mark.parametrize(
    ("table", "item", "message"),
    [
        ("Files", {"s": {"S": "a"}}, INVALID + "Missing the key id in the item"),
        ("Files", {"id": {"N": "1"}}, INVALID + "Type mismatch for key id expected: S actual: N"),
        ("Files", {"id": {"S": ""}}, NOT_VALID + EMPTY_KEY + "Key: id"),
        (
            "Files",
            {"id": {"S": "x" * 2049}},
            INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
        (
            "Orders",
            order("ann", 1, state={"N": "1"}),
            INVALID + "Type mismatch for Index Key state Expected: S Actual: N IndexName: by_state",
        ),
        (
            "Orders",
            order("ann", 1, state={"S": ""}),
            NOT_VALID
            + "A value specified for a secondary index key is not supported. "
            + EMPTY_KEY
            + "IndexName: by_state, IndexKey: state",
        ),
    ],
    ids=lambda part: str(part)[:30],
)
def test_keys_of_items(client, table, item, message):
    """An item without a valid key is refused."""
    assert refusal(client, "PutItem", TableName=table, Item=item)["message"] == message


@pytest.mark.parametrize(
    "key",
    [{}, {"other": {"S": "a"}}, {"id": {"N": "1"}}, {"id": {"S": "a"}, "more": {"S": "b"}}],
    ids=str,
)
@pytest.mark.parametrize("operation", ["GetItem", "DeleteItem", "UpdateItem"])
def test_keys_of_requests(client, operation, key):
    """A key with other attributes or types than the schema's is refused."""
    message = "The provided key element does not match the schema"

    assert refusal(client, operation, TableName="Files", Key=key)["message"] == message


def test_unknown_table(client):
    """A table that is not there is not found."""
    assert refusal(client, "GetItem", TableName="Nothing", Key={"id": {"S": "a"}}) == {
        "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
        "message": "Requested resource not found",
    }
    assert refusal(client, "DescribeTable", TableName="Nothing") == {
        "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
        "message": "Requested resource not found: Table: Nothing not found",
    }


def test_missing_member(client):
    """A request without a member that it needs is refused by the service's model."""
    assert refusal(client, "GetItem", Key={"id": {"S": "a"}})["message"] == (
        "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: "
        "Member must not be null"
    )


NAMES = {"#n": "n"}
CONDITIONS = [
    ("", {}, "The expression can not be empty;"),
    ("n = ", {}, 'Syntax error; token: "<EOF>", near: "= "'),
    ("n == :v", {":v": "1"}, 'Syntax error; token: "=", near: "== :v"'),
    ("n = 1", {}, 'Syntax error; token: "1", near: "= 1"'),
    ("name = :v", {":v": "1"}, "Attribute name is a reserved keyword; reserved keyword: name"),
    (
        "n = :v",
        {},
        "An expression attribute value used in expression is not defined; attribute value: :v",
    ),
    (
        "#x = :v",
        {":v": "1"},
        "An expression attribute name used in the document path is not defined; attribute name: #x",
    ),
    ("foo(n)", {}, "Invalid function name; function: foo"),
    (
        "begins_with(n)",
        {},
        (
            "Incorrect number of operands for operator or function; "
            "operator or function: begins_with, number of operands: 1"
        ),
    ),
    (
        "begins_with(s, :v)",
        {":v": "1"},
        (
            "Incorrect operand type for operator or function; "
            "operator or function: begins_with, operand type: N"
        ),
    ),
    (
        "attribute_exists(:v)",
        {":v": "1"},
        "Operator or function requires a document path; operator or function: attribute_exists",
    ),
    (
        "n = n",
        {},
        (
            "The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: =, first operand: [n]"
        ),
    ),
    (
        "n BETWEEN :b AND :a",
        {":a": "1", ":b": "2"},
        (
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
            "lower bound operand: AttributeValue: {N:2}, "
            "upper bound operand: AttributeValue: {N:1}"
        ),
    ),
    (
        "size(n)",
        {},
        "The function is not allowed to be used this way in an expression; function: size",
    ),
    (
        "attribute_exists(n) = :v",
        {":v": "1"},
        (
            "The function is not allowed to be used this way in an expression; "
            "function: attribute_exists"
        ),
    ),
    ("((n = :v))", {":v": "1"}, "The expression has redundant parentheses;"),
]


@pytest.mark.parametrize("member", ["ConditionExpression", "FilterExpression"])
@pytest.mark.parametrize(("expression", "values", "message"), CONDITIONS)
def test_conditions(client, member, expression, values, message):
    """A condition that cannot be read or makes no sense is refused, and what is wrong is named."""
    members = {"TableName": "Files", member: expression}
    if values:
        members["ExpressionAttributeValues"] = {key: {"N": n} for key, n in values.items()}
    operation = "Scan"
    if member == "ConditionExpression":
        operation = "PutItem"
        members["Item"] = {"id": {"S": "x"}}
    counted = COUNTED if operation == "PutItem" else ""

    assert refusal(client, operation, **members)["message"] == (
        f"{counted}Invalid {member}: {message}"
    )


UPDATES = [
    ("SET a = :v SET b = :v", 'The "SET" section can only be used once in an update expression;'),
    ("SET a :v", 'Syntax error; token: ":v", near: "a :v"'),
    ("FOO a = :v", 'Syntax error; token: "FOO", near: "FOO a"'),
    (
        "SET a.b = :v, a = :v",
        (
            "Two document paths overlap with each other; "
            "must remove or rewrite one of these paths; path one: [a, b], path two: [a]"
        ),
    ),
    (
        "SET a.b = :v, a[0] = :v",
        (
            "Two document paths conflict with each other; "
            "must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]"
        ),
    ),
    (
        "ADD a :s",
        (
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
            "typeSet: ALLOWED_FOR_ADD_OPERAND"
        ),
    ),
    (
        "DELETE a :v",
        (
            "Incorrect operand type for operator or function; operator: DELETE, "
            "operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"
        ),
    ),
    (
        "SET a = n + :s",
        "Incorrect operand type for operator or function; operator or function: +, operand type: S",
    ),
    (
        "SET a = list_append(l, :s)",
        (
            "Incorrect operand type for operator or function; operator or function: list_append, "
            "operand type: S"
        ),
    ),
]


@pytest.mark.parametrize(("expression", "message"), UPDATES)
def test_updates(client, expression, message):
    """An update that cannot be read or makes no sense is refused."""
    values = {":v": {"N": "1"}, ":s": {"S": "x"}}
    used = {key: wire for key, wire in values.items() if key in expression}

    assert refusal(
        client,
        "UpdateItem",
        TableName="Files",
        Key={"id": {"S": "a"}},
        UpdateExpression=expression,
        ExpressionAttributeValues=used,
    ) == {"__type": VALIDATION, "message": f"{COUNTED}Invalid UpdateExpression: {message}"}


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("SET id = :v", INVALID + "Cannot update attribute id. This attribute is part of the key"),
        (
            "SET a = absent + :v",
            "The provided expression refers to an attribute that does not exist in the item",
        ),
        (
            "SET a.b = :v",
            "The document path provided in the update expression is invalid for update",
        ),
        ("SET a = s + :v", "An operand in the update expression has an incorrect data type"),
        ("ADD s :v", "An operand in the update expression has an incorrect data type"),
    ],
)
def test_updates_of_this_item(client, expression, message):
    """An update that does not fit the item is refused."""
    assert (
        refusal(
            client,
            "UpdateItem",
            TableName="Files",
            Key={"id": {"S": "a"}},
            UpdateExpression=expression,
            ExpressionAttributeValues={":v": {"N": "1"}},
        )["message"]
        == message
    )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"ExpressionAttributeValues": {":v": {"N": "1"}}},
            "ExpressionAttributeValues can only be specified when using expressions",
        ),
        (
            {"ExpressionAttributeNames": {"#a": "a"}},
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
        (
            {
                "ConditionExpression": "attribute_exists(n)",
                "ExpressionAttributeValues": {":v": {"N": "1"}},
            },
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}",
        ),
        (
            {
                "ConditionExpression": "attribute_exists(n)",
                "ExpressionAttributeNames": {"#a": "a"},
            },
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}",
        ),
        (
            {"ConditionExpression": "n = :v", "ExpressionAttributeValues": {}},
            "ExpressionAttributeValues must not be empty",
        ),
        (
            {"ConditionExpression": "n = :v", "ExpressionAttributeNames": {"a": "b"}},
            'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
        ),
        (
            {"ConditionExpression": "attribute_exists(n)", "Expected": {"n": {"Exists": False}}},
            (
                "Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"
            ),
        ),
        ({"ReturnValues": "ALL_NEW"}, "ReturnValues can only be ALL_OLD or NONE"),
        (
            {"ReturnConsumedCapacity": "x"},
            (
                "Value 'x' at 'returnConsumedCapacity' failed to satisfy constraint: "
                "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
            ),
        ),
    ],
    ids=lambda part: str(part)[:50],
)
def test_members_of_a_put(client, members, message):
    """Members that do not go together are refused."""
    body = refusal(client, "PutItem", TableName="Files", Item={"id": {"S": "x"}}, **members)

    assert body == {"__type": VALIDATION, "message": COUNTED + message}


QUERIES = [
    (
        {},
        (
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
            "request."
        ),
    ),
    ("nobody = :s", "Query condition missed key schema element: customer"),
    ("customer > :s", "Query key condition not supported"),
    ("customer = :n", INVALID + "Condition parameter type does not match schema type"),
    (
        "customer = :s OR #number = :n",
        "Invalid operator used in KeyConditionExpression: OR",
    ),
    (
        "customer = :s AND customer = :s",
        (
            "Invalid KeyConditionExpression: "
            "KeyConditionExpressions must only contain one condition per key"
        ),
    ),
    (
        "customer = :s AND #number = :n AND foo = :n",
        (
            "The number of query conditions (3) exceeds the number of key attributes defined in "
            "the schema (2)"
        ),
    ),
    (
        "customer = :s AND attribute_exists(#number)",
        "Invalid operator used in KeyConditionExpression: attribute_exists",
    ),
    (
        "customer = :s AND #number <> :n",
        "Invalid operator used in KeyConditionExpression: <>",
    ),
]


@pytest.mark.parametrize(("expression", "message"), QUERIES)
def test_key_conditions(client, expression, message):
    """A query that does not say which partition is refused."""
    members = {}
    if expression:
        members["KeyConditionExpression"] = expression
        members["ExpressionAttributeValues"] = {
            key: wire
            for key, wire in ((":s", {"S": "ann"}), (":n", {"N": "1"}))
            if key in expression
        }
    if "#number" in expression:
        members["ExpressionAttributeNames"] = {"#number": "number"}

    assert refusal(client, "Query", TableName="Orders", **members)["message"] == message


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        (
            "Query",
            {
                "FilterExpression": "customer = :s",
                "KeyConditionExpression": "customer = :s",
                "ExpressionAttributeValues": {":s": {"S": "ann"}},
            },
            (
                "Filter Expression can only contain non-primary key attributes: "
                "Primary key attribute: customer"
            ),
        ),
        ("Scan", {"IndexName": "none"}, "The table does not have the specified index: none"),
        (
            "Scan",
            {"IndexName": "by_state", "ConsistentRead": True},
            "Consistent reads are not supported on global secondary indexes",
        ),
        (
            "Scan",
            {"Segment": 4, "TotalSegments": 4},
            (
                "The Segment parameter is zero-based and must be less than parameter "
                "TotalSegments: Segment: 4 is not less than TotalSegments: 4"
            ),
        ),
        (
            "Scan",
            {"ExclusiveStartKey": {"customer": {"S": "ann"}}},
            (
                "The provided starting key is invalid: "
                "The provided key element does not match the schema"
            ),
        ),
        (
            "Scan",
            {"Limit": 0},
            (
                "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1"
            ),
        ),
        (
            "Query",
            {
                "KeyConditionExpression": "customer = :s",
                "ExpressionAttributeValues": {":s": {"S": "ann"}},
                "ExclusiveStartKey": order("bob", 1),
            },
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            "Scan",
            {"Select": "SPECIFIC_ATTRIBUTES"},
            (
                "1 validation error detected: "
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get "
                "SPECIFIC_ATTRIBUTES"
            ),
        ),
        (
            "Scan",
            {"Select": "COUNT", "ProjectionExpression": "day1"},
            COUNTED + "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
    ],
    ids=lambda part: str(part)[:40],
)
def test_pages(client, operation, members, message):
    """A page that cannot be read is refused."""
    assert refusal(client, operation, TableName="Orders", **members)["message"] == message


def test_batches(client):
    """A batch has at most 25 writes or 100 keys, and no item twice."""
    puts = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(26)]
    gets = [{"id": {"S": str(number)}} for number in range(101)]
    twice = "Provided list of item keys contains duplicates"

    message = refusal(client, "BatchWriteItem", RequestItems={"Files": puts})["message"]
    assert message.endswith(
        "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
        "Member must have length greater than or equal to 1]"
    )
    message = refusal(client, "BatchGetItem", RequestItems={"Files": {"Keys": gets}})["message"]
    assert message == (
        COUNTED + "Value at 'RequestItems.Files.member.Keys' failed to satisfy constraint: "
        "Member must have length less than or equal to 100"
    )
    for operation, request in (
        ("BatchWriteItem", [puts[0], puts[0]]),
        ("BatchGetItem", {"Keys": [gets[0], gets[0]]}),
    ):
        assert refusal(client, operation, RequestItems={"Files": request})["message"] == twice


def test_cancelled_transaction(client):
    """Each part of a cancelled transaction gets its reason, in the order of the parts."""
    body = refusal(
        client,
        "TransactWriteItems",
        TransactItems=[
            {"Put": {"TableName": "Files", "Item": {"id": {"S": "new"}}}},
            {
                "Put": {
                    "TableName": "Files",
                    "Item": {"id": {"S": "a"}},
                    "ConditionExpression": "attribute_not_exists(id)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
        ],
    )

    assert body == {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": (
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            "[None, ConditionalCheckFailed]"
        ),
        "CancellationReasons": [
            {"Code": "None"},
            {
                "Code": "ConditionalCheckFailed",
                "Message": "The conditional request failed",
                "Item": ITEM,
            },
        ],
    }


def test_failed_condition_shows_the_item(client):
    """``ReturnValuesOnConditionCheckFailure`` puts the item beside the message."""
    body = refusal(
        client,
        "DeleteItem",
        TableName="Files",
        Key={"id": {"S": "a"}},
        ConditionExpression="attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )

    assert body == {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "Item": ITEM,
    }


@pytest.mark.parametrize("operation", ["CreateBackup", "CreateGlobalTable"])
def test_refused_by_name(client, operation):
    """What the emulator does not do is refused, and named."""
    assert refusal(client, operation)["message"] == (
        f"The emulator does not emulate {operation} of DynamoDB"
    )
