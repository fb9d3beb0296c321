"""The grammar of PartiQL statements.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.dynamodb.errors import validation_error
from emulator.dynamodb.expressions.document_path import check_distinct
from emulator.dynamodb.expressions.updates import (
    Action,
    Arithmetic,
    Copied,
    Given,
    IfNotExists,
    ListAppend,
    SetOperand,
    Update,
)
from emulator.dynamodb.partiql.conditions import ConditionParser
from emulator.dynamodb.partiql.tokens import malformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.dynamodb.attribute_value import AttributeValue, Item
    from emulator.dynamodb.expressions.conditions import Condition
    from emulator.dynamodb.expressions.document_path import DocumentPath

# What may follow the name of a table; any other word would be its alias.
_CLAUSES = ("WHERE", "ORDER", "SET", "REMOVE", "RETURNING")
_LONGEST_STATEMENT = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """``SELECT``; ``EXISTS`` around one is a check inside a transaction."""

    table_name: str
    index_name: str | None
    paths: tuple[DocumentPath, ...] | None
    condition: Condition | None
    order: tuple[str, bool] | None = None
    is_check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """``INSERT INTO``."""

    table_name: str
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``UPDATE``, or ``DELETE`` where ``update`` is ``None``.

    Args:
        returning: ``("ALL", "OLD")`` …: which attributes are answered, and of when.
    """

    table_name: str
    condition: Condition
    update: Update | None = None
    returning: tuple[str, str] | None = None


Statement = Select | Insert | Change


def parse_statement(statement: str, parameters: list[AttributeValue] | None) -> Statement:
    """Read a statement.

    Raises:
        ServiceError: ``ValidationException``: it is not PartiQL as DynamoDB has it.
    """
    if len(statement) > _LONGEST_STATEMENT:
        raise validation_error("Statement length exceeds the limit of 8192 characters")
    return _StatementParser(statement, parameters or []).statement()


class _StatementParser(ConditionParser):
    def statement(self) -> Statement:
        readers: dict[str, Callable[[], Statement]] = {
            "SELECT": self._select,
            "INSERT": self._insert,
            "UPDATE": self._update,
            "DELETE": self._delete,
            "EXISTS": self._exists,
            "FROM": self._from,
        }
        for word, read in readers.items():
            if self.accept_words(word):
                statement = read()
                self.end()
                return statement
        raise self.unexpected()

    def _select(self, *, is_check: bool = False) -> Select:
        paths = self._projection()
        self.expect_words("FROM")
        table_name = self._component()
        index_name = self._component() if self.accept(".") else None
        if self.accept("."):
            raise validation_error("A path may contain at most 2 components in the FROM clause")
        self._refuse_alias()
        condition = self.condition() if self.accept_words("WHERE") else None
        return Select(
            table_name=table_name,
            index_name=index_name,
            paths=paths,
            condition=condition,
            order=self._order(),
            is_check=is_check,
        )

    def _component(self) -> str:
        name = self.name()
        if not name:
            raise validation_error("Path component cannot be an empty string")
        return name

    def _refuse_alias(self) -> None:
        token = self.token
        if token.kind == "name" or (token.kind == "word" and token.text.upper() not in _CLAUSES):
            raise validation_error("Aliasing is not supported")

    def _table(self) -> str:
        name = self._component()
        self._refuse_alias()
        return name

    def _projection(self) -> tuple[DocumentPath, ...] | None:
        if self.accept("*"):
            return None
        paths = [self.path()]
        while self.accept(","):
            paths.append(self.path())
        return tuple(paths)

    def _order(self) -> tuple[str, bool] | None:
        if not self.accept_words("ORDER", "BY"):
            return None
        name = self.name()
        descending = self.accept_words("DESC")
        if not descending:
            self.accept_words("ASC")
        return name, descending

    def _exists(self) -> Select:
        self.expect("(")
        self.expect_words("SELECT")
        select = self._select(is_check=True)
        self.expect(")")
        return select

    def _insert(self) -> Insert:
        self.expect_words("INTO")
        table_name = self._component()
        if not self.accept_words("VALUE"):
            raise malformed("Unexpected token after expression")
        return Insert(table_name=table_name, item=self.item())

    def _update(self) -> Change:
        table_name = self._table()
        update = self._actions()
        self.expect_words("WHERE")
        return Change(
            table_name=table_name,
            condition=self.condition(),
            update=update,
            returning=self._returning(),
        )

    def _from(self) -> Change:
        """Read an ``UPDATE`` that begins with what it changes."""
        table_name = self._table()
        self.expect_words("WHERE")
        return Change(
            table_name=table_name,
            condition=self.condition(),
            update=self._actions(),
            returning=self._returning(),
        )

    def _actions(self) -> Update:
        actions: list[Action] = []
        while True:
            if self.accept_words("SET"):
                actions.append(self._set_action())
                while self.accept(","):
                    actions.append(self._set_action())
            elif self.accept_words("REMOVE"):
                actions.append(Action("REMOVE", self.path()))
                while self.accept(","):
                    actions.append(Action("REMOVE", self.path()))
            else:
                break
        if not actions:
            raise self.unexpected()
        check_distinct([action.path for action in actions], "UpdateExpression")
        return Update(tuple(actions))

    def _delete(self) -> Change:
        self.expect_words("FROM")
        table_name = self._table()
        self.expect_words("WHERE")
        condition = self.condition()
        returning = self._returning()
        if returning not in (None, ("ALL", "OLD")):
            raise validation_error(
                f"Invalid returning clause: RETURNING {' '.join(returning)} *. "
                "Only RETURNING ALL OLD * is allowed in DELETE statements."
            )
        return Change(table_name=table_name, condition=condition, returning=returning)

    def _returning(self) -> tuple[str, str] | None:
        if not self.accept_words("RETURNING"):
            return None
        for which in ("ALL", "MODIFIED"):
            for when in ("OLD", "NEW"):
                if self.accept_words(which, when):
                    self.expect("*")
                    return which, when
        raise self.unexpected()

    def _set_action(self) -> Action:
        path = self.path()
        self.expect("=")
        for function, section in (("set_add", "ADD"), ("set_delete", "DELETE")):
            if self.at_call() and self.token.text.lower() == function:
                self.take()
                self.expect("(")
                if self.path() != path:
                    raise malformed(f"{function} must name the path that is set")
                self.expect(",")
                value = self.value()
                self.expect(")")
                return Action(section, path, Given(value))
        return Action("SET", path, self._sum())

    def _sum(self) -> SetOperand:
        left = self._term()
        if self.token.kind == "symbol" and self.token.text in ("+", "-"):
            return Arithmetic(self.take().text, left, self._term())
        return left

    def _term(self) -> SetOperand:
        if self.at_value():
            return Given(self.value())
        if not self.at_call():
            return Copied(self.path())
        function = self.take().text
        self.expect("(")
        first = self._term()
        self.expect(",")
        second = self._term()
        self.expect(")")
        if function.lower() == "list_append":
            return ListAppend(first, second)
        if function.lower() == "if_not_exists" and isinstance(first, Copied):
            return IfNotExists(first.path, second)
        raise malformed(f"Unknown function: {function}")
