"""``ExecuteStatement``, ``BatchExecuteStatement`` and ``ExecuteTransaction``: PartiQL.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.dynamodb.capacity import (
    Consumed,
    capacities_by_table,
    capacity_mode,
    consumed_capacity,
    read_units,
    written,
)
from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.operations.transaction_parts import all_or_canceled, refuse_duplicates
from emulator.dynamodb.partiql.keys import whole_key
from emulator.dynamodb.partiql.selection import Selected, select
from emulator.dynamodb.partiql.statements import Change, Select, Statement, parse_statement
from emulator.dynamodb.partiql.writes import perform, returned_items, to_write
from emulator.dynamodb.request_tokens import RequestTokens
from emulator.errors import ServiceError

if TYPE_CHECKING:
    from emulator.dynamodb.engine import Engine
    from emulator.dynamodb.item_reader import ItemReader
    from emulator.dynamodb.request import Body
    from emulator.dynamodb.tables import StoredTable

_Done = tuple["StoredTable", Consumed]
_ERROR_CODES = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "DuplicateItemException": "DuplicateItem",
    "ResourceNotFoundException": "ResourceNotFound",
    "ValidationException": "ValidationError",
}


def execute_statement(engine: Engine, body: Body) -> Body:
    """Do one statement."""
    statement = _parse(body)
    if isinstance(statement, Select):
        return _select(engine, statement, body)
    with engine.writing() as writer:
        table = engine.catalog.find(statement.table_name)
        write = to_write(statement, table, return_item=_returns_item(body))
        change = perform(statement, write, writer, table)
    answer: Body = {"Items": returned_items(statement, change)}
    return answer | _capacity(body, table, written(table, change.old, change.new))


def batch_execute_statement(engine: Engine, body: Body) -> Body:
    """Do up to 25 statements, each by itself; a mistake of one is its answer."""
    done: list[_Done] = []
    responses = [_one_of_batch(engine, part, done) for part in body["Statements"]]
    return {"Responses": responses} | _capacities(body, done)


def execute_transaction(engine: Engine, body: Body) -> Body:
    """Do up to 100 statements, all of them or none."""
    statements = [_parse(part) for part in body["TransactStatements"]]
    for number, statement in enumerate(statements):
        _check_transactional(number, statement)
    selects = [one for one in statements if isinstance(one, Select) and not one.is_check]
    if selects and len(selects) < len(statements):
        raise validation_error(
            "ExecuteTransaction API does not support both read and write operations in the same "
            "request"
        )
    return _read_all(engine, body, selects) if selects else _write_all(engine, body, statements)


def _check_transactional(number: int, statement: Statement) -> None:
    problem = None
    if isinstance(statement, Select) and statement.index_name is not None:
        problem = "Reads on indices are not supported within transactions."
    if isinstance(statement, Change) and statement.returning is not None:
        problem = "RETURNING clause is not supported in ExecuteTransaction."
    if problem is not None:
        raise validation_error(f"Validation failed in TransactStatements[{number}]: {problem}")


def _read_all(engine: Engine, body: Body, selects: list[Select]) -> Body:
    done: list[_Done] = []
    with engine.snapshot() as reader:
        items = [
            _read_one(reader, engine.catalog.find(one.table_name), one, done) for one in selects
        ]
    doubled = [(table, Consumed(table_units=4 * one.table_units)) for table, one in done]
    responses = {"Responses": [_item_answer(item) for item in items]}
    return responses | _capacities(body, doubled, also="ReadCapacityUnits")


def _write_all(engine: Engine, body: Body, statements: list[Statement]) -> Body:
    token, parts = body.get("ClientRequestToken"), body["TransactStatements"]
    with engine.writing() as writer:
        tokens = RequestTokens(writer.connection, now=engine.clock.now())
        answered = tokens.answer(token, parts)
        if answered is not None:
            return answered
        tables = [engine.catalog.find(one.table_name) for one in statements]
        writes = [
            to_write(statement, table, return_item=_returns_item(part))
            for statement, table, part in zip(statements, tables, parts, strict=True)
        ]
        work = list(zip(statements, writes, tables, strict=True))
        refuse_duplicates(all_or_canceled(lambda one: (one[2].row_id, one[1].locate(one[2])), work))
        changes = all_or_canceled(lambda one: perform(one[0], one[1], writer, one[2]), work)
        done = [
            (one.table, written(one.table, one.old, one.new, transactional=True)) for one in changes
        ]
        # Writes have no answers of their own.
        answer: Body = {"Responses": []}
        answer |= _capacities(body, done, also="WriteCapacityUnits")
        tokens.remember(token, parts, answer)
    return answer


def _one_of_batch(engine: Engine, part: Body, done: list[_Done]) -> Body:
    try:
        statement = _parse(part)
        table = engine.catalog.find(statement.table_name)
        if isinstance(statement, Select):
            with engine.reading() as reader:
                consistent = bool(part.get("ConsistentRead"))
                item = _read_one(reader, table, statement, done, consistent=consistent)
        else:
            item = _write_one(engine, statement, part, done)
    except ServiceError as error:
        shown = getattr(error, "item", None)
        problem = {"Code": _ERROR_CODES.get(error.code, error.code), "Message": error.message}
        return {"Error": problem if shown is None else problem | {"Item": shown}}
    return {"TableName": table.name} | _item_answer(item)


def _write_one(
    engine: Engine, statement: Statement, part: Body, done: list[_Done]
) -> dict[str, Any] | None:
    with engine.writing() as writer:
        table = engine.catalog.find(statement.table_name)
        write = to_write(statement, table, return_item=_returns_item(part))
        change = perform(statement, write, writer, table)
    done.append((table, written(table, change.old, change.new)))
    return next(iter(returned_items(statement, change)), None)


def _select(engine: Engine, statement: Select, body: Body) -> Body:
    if statement.is_check:
        raise validation_error("EXISTS is only supported in ExecuteTransaction")
    table = engine.catalog.find(statement.table_name)
    consistent = bool(body.get("ConsistentRead"))
    with engine.reading() as reader:
        found = select(
            reader,
            table,
            statement,
            limit=body.get("Limit"),
            consistent=consistent,
            next_token=body.get("NextToken"),
        )
    answer: Body = {"Items": found.items}
    if found.next_token is not None:
        answer["NextToken"] = found.next_token
    if found.last_evaluated_key is not None:
        answer["LastEvaluatedKey"] = found.last_evaluated_key
    return answer | _capacity(body, table, _read_consumed(found, consistent=consistent))


def _read_one(
    reader: ItemReader,
    table: StoredTable,
    statement: Select,
    done: list[_Done],
    *,
    consistent: bool = False,
) -> dict[str, Any] | None:
    """Read the one item that a statement of a batch or a transaction names."""
    try:
        whole_key(table.keys, statement.condition)
    except ServiceError as error:
        raise validation_error(
            "Select statements within BatchExecuteStatement must specify the primary key in the "
            "where clause."
        ) from error
    found = select(reader, table, statement, limit=None, consistent=consistent, next_token=None)
    done.append((table, _read_consumed(found, consistent=consistent)))
    return next(iter(found.items), None)


def _item_answer(item: dict[str, Any] | None) -> Body:
    return {} if item is None else {"Item": item}


def _parse(part: Body) -> Statement:
    return parse_statement(part["Statement"], part.get("Parameters"))


def _returns_item(part: Body) -> bool:
    return part.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"


def _read_consumed(found: Selected, *, consistent: bool) -> Consumed:
    units = read_units(found.size_bytes, consistent=consistent)
    if found.index is None:
        return Consumed(table_units=units)
    return Consumed(index_units={found.index.name: units})


def _capacity(body: Body, table: StoredTable, consumed: Consumed) -> Body:
    mode = capacity_mode(body)
    return {} if mode == "NONE" else {"ConsumedCapacity": consumed_capacity(table, consumed, mode)}


def _capacities(body: Body, done: list[_Done], *, also: str | None = None) -> Body:
    mode = capacity_mode(body)
    if mode == "NONE":
        return {}
    return {"ConsumedCapacity": capacities_by_table(done, mode, also=also)}
