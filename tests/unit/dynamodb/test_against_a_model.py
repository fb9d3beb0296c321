"""DynamoDB against a naive model: a dictionary, sorted and filtered anew for every question."""

import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from dynamodb_calls import FILES, ORDERS, Client, Refused, make_service
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

customers = st.sampled_from(["ann", "bob", "çid"])
numbers = st.sampled_from(["-12", "-1.5", "-1", "0", "0.5", "2", "10", "1e2"])
words = st.sampled_from(["a", "ab", "b", "ÿ", "\U0001f600"])
states = st.sampled_from(["open", "done"])
extras = st.one_of(
    st.fixed_dictionaries({"state": states, "day": words}, optional={"total": numbers}),
    st.fixed_dictionaries({}, optional={"state": states, "day": words, "note": words}),
)
TYPES = {"customer": "S", "number": "N", "state": "S", "day": "S", "total": "N", "note": "S"}
CROWD = st.dictionaries(st.tuples(customers, numbers), extras, min_size=8, max_size=20)


def wire(values):
    return {name: {TYPES[name]: value} for name, value in values.items()}


def normal(item):
    return {
        name: {"N": format(Decimal(value["N"]).normalize(), "f")} if "N" in value else value
        for name, value in item.items()
    }


def sortable(value):
    return Decimal(value["N"]) if "N" in value else value["S"].encode()


class Model(RuleBasedStateMachine):
    """Every step is done to both; every answer is compared."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.items = {}
        self.start()

    def start(self):
        self.service = make_service(Path(self.folder.name), FILES, ORDERS)
        self.service.start()
        self.client = Client(self.service)

    @initialize(puts=CROWD)
    def begin(self, puts):
        self.batch(puts)

    def teardown(self):
        self.service.stop()
        self.folder.cleanup()

    def place(self, customer, number):
        return customer, Decimal(number)

    @rule(customer=customers, number=numbers, extra=extras)
    def put(self, customer, number, extra):
        item = wire({"customer": customer, "number": number, **extra})
        answer = self.client("PutItem", TableName="Orders", Item=item, ReturnValues="ALL_OLD")

        assert self.items.get(self.place(customer, number)) == answer.get("Attributes")
        self.items[self.place(customer, number)] = normal(item)

    @rule(customer=customers, number=numbers, extra=extras)
    def put_if_new(self, customer, number, extra):
        item = wire({"customer": customer, "number": number, **extra})
        request = {
            "TableName": "Orders",
            "Item": item,
            "ConditionExpression": "attribute_not_exists(customer)",
        }
        if self.place(customer, number) in self.items:
            with pytest.raises(Refused, match="The conditional request failed"):
                self.client("PutItem", **request)
        else:
            self.client("PutItem", **request)
            self.items[self.place(customer, number)] = normal(item)

    @rule(customer=customers, number=numbers)
    def delete(self, customer, number):
        key = wire({"customer": customer, "number": number})
        answer = self.client("DeleteItem", TableName="Orders", Key=key, ReturnValues="ALL_OLD")

        assert self.items.pop(self.place(customer, number), None) == answer.get("Attributes")

    @rule(customer=customers, number=numbers, change=numbers, state=states)
    def update(self, customer, number, change, state):
        key = wire({"customer": customer, "number": number})
        answer = self.client(
            "UpdateItem",
            TableName="Orders",
            Key=key,
            UpdateExpression="ADD #total :change SET #state = :state REMOVE note",
            ExpressionAttributeNames={"#state": "state", "#total": "total"},
            ExpressionAttributeValues={":change": {"N": change}, ":state": {"S": state}},
            ReturnValues="ALL_NEW",
        )
        new = {**self.items.get(self.place(customer, number), normal(key))}
        total = Decimal(new.get("total", {"N": "0"})["N"]) + Decimal(change)
        new |= normal({"total": {"N": str(total)}, "state": {"S": state}})
        new.pop("note", None)

        assert new == answer["Attributes"]
        self.items[self.place(customer, number)] = new

    @rule(first=customers, second=customers, number=numbers, other=numbers, holds=st.booleans())
    def transact(self, first, second, number, other, holds):
        put = wire({"customer": first, "number": number, "day": "b"})
        delete = wire({"customer": second, "number": other})
        places = self.place(first, number), self.place(second, other)
        check = wire({"customer": "nobody", "number": "0"})
        parts = [
            {"Put": {"TableName": "Orders", "Item": put}},
            {"Delete": {"TableName": "Orders", "Key": delete}},
            {
                "ConditionCheck": {
                    "TableName": "Orders",
                    "Key": check,
                    "ConditionExpression": f"attribute_{'not_' if holds else ''}exists(customer)",
                }
            },
        ]
        if holds and places[0] != places[1]:
            self.client("TransactWriteItems", TransactItems=parts)
            self.items[places[0]] = normal(put)
            self.items.pop(places[1], None)
        else:
            with pytest.raises(Refused):
                self.client("TransactWriteItems", TransactItems=parts)

    @rule(puts=CROWD)
    def batch(self, puts):
        unique = {
            self.place(*key): wire({"customer": key[0], "number": key[1], **extra})
            for key, extra in puts.items()
        }
        self.client(
            "BatchWriteItem",
            RequestItems={"Orders": [{"PutRequest": {"Item": item}} for item in unique.values()]},
        )
        self.items |= {place: normal(item) for place, item in unique.items()}

    @rule()
    def restart(self):
        self.service.stop()
        self.start()

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def get(self, data):
        place = data.draw(st.sampled_from(sorted(self.items)))
        key = wire({"customer": place[0], "number": str(place[1])})

        assert self.items[place] == self.client("GetItem", TableName="Orders", Key=key)["Item"]

    @rule(
        customer=customers,
        bound=numbers,
        operator=st.sampled_from(["=", "<", "<=", ">", ">="]),
        forward=st.booleans(),
        limit=st.integers(1, 4),
    )
    def query(self, customer, bound, operator, forward, limit):
        compare = {
            "=": Decimal.__eq__,
            "<": Decimal.__lt__,
            "<=": Decimal.__le__,
            ">": Decimal.__gt__,
            ">=": Decimal.__ge__,
        }[operator]
        expected = [
            self.items[place]
            for place in sorted(self.items, reverse=not forward)
            if place[0] == customer and compare(place[1], Decimal(bound))
        ]

        assert expected == self.pages(
            "Query",
            KeyConditionExpression=f"customer = :c AND #n {operator} :n",
            ExpressionAttributeNames={"#n": "number"},
            ExpressionAttributeValues={":c": {"S": customer}, ":n": {"N": bound}},
            ScanIndexForward=forward,
            Limit=limit,
        )

    @rule(
        state=states,
        prefix=st.sampled_from(["a", "b", "ÿ"]),
        forward=st.booleans(),
        limit=st.integers(1, 4),
    )
    def query_index(self, state, prefix, forward, limit):
        expected = [
            item
            for item in self.items.values()
            if item.get("state") == {"S": state}
            and item.get("day", {"S": ""})["S"].startswith(prefix)
        ]
        found = self.pages(
            "Query",
            IndexName="by_state",
            KeyConditionExpression="#s = :s AND begins_with(#d, :d)",
            ExpressionAttributeNames={"#s": "state", "#d": "day"},
            ExpressionAttributeValues={":s": {"S": state}, ":d": {"S": prefix}},
            ScanIndexForward=forward,
            Limit=limit,
        )

        days = [sortable(item["day"]) for item in found]
        assert days == sorted(days, reverse=not forward)
        assert by_text(expected) == by_text(found)

    @rule(limit=st.integers(1, 5), segments=st.integers(1, 3))
    def scan(self, limit, segments):
        found = [
            item
            for segment in range(segments)
            for item in self.pages("Scan", Limit=limit, Segment=segment, TotalSegments=segments)
        ]

        assert by_text(self.items.values()) == by_text(found)

    @rule(limit=st.integers(1, 5))
    def scan_keys_of_an_index(self, limit):
        expected = [
            {name: item[name] for name in ("customer", "number", "day")}
            for item in self.items.values()
            if "day" in item
        ]
        found = self.pages("Scan", IndexName="keys_by_day", Limit=limit)

        assert by_text(expected) == by_text(found)

    @invariant()
    def counts_are_right(self):
        running = self.service._running
        counts = running.catalog.counts(running.catalog.find("Orders"))
        with_day = sum("day" in item for item in self.items.values())
        with_both = sum("day" in item and "state" in item for item in self.items.values())

        assert len(self.items) == counts.item_count
        assert counts.index_item_counts == {
            "by_state": with_both,
            "keys_by_day": with_day,
            "by_day": with_day,
        }

    def pages(self, operation, **request):
        found = []
        while True:
            answer = self.client(operation, TableName="Orders", **request)
            found += answer["Items"]
            assert len(found) <= len(self.items)
            assert len(answer["Items"]) <= request["Limit"]
            if "LastEvaluatedKey" not in answer:
                return found
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def by_text(items):
    return sorted(repr(sorted(item.items())) for item in items)


Model.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAgainstAModel = Model.TestCase
