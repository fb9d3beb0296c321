"""Primary keys: checked against the schema, encoded so that bytes sort as DynamoDB sorts.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html
A key lies at ``(slot, partition, sort)``: the slot is a hash of the partition key, as AWS spreads
partitions, and gives a scan its order and its segments.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from emulator.dynamodb.errors import EmptyKeyValueError, invalid_parameter, key_mismatch
from emulator.dynamodb.number import encode_number

if TYPE_CHECKING:
    from emulator.dynamodb.attribute_value import AttributeValue, Item

SLOTS = 1 << 63
# Ends each value of a key that consists of several attributes.
END_OF_VALUE = b"\x00\x00"
_PARTITION_KEY_BYTES = 2048
_SORT_KEY_BYTES = 1024


class EncodedKey(NamedTuple):
    """Where an item lies; compares as a scan goes."""

    slot: int
    partition: bytes
    sort: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAttribute:
    """Name and type (``S``, ``N``, ``B``) of a key attribute."""

    name: str
    type_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAttributes:
    """The key schema of a table or an index, with types.

    Args:
        partitions: one attribute; of a global index, up to four.
        sorts: none or one; of a global index, up to four.
    """

    partitions: tuple[KeyAttribute, ...]
    sorts: tuple[KeyAttribute, ...] = ()

    def __str__(self) -> str:
        return ", ".join(
            f"{attribute.name} ({attribute.type_name})" for attribute in self.attributes
        )

    @property
    def partition(self) -> KeyAttribute:
        """The partition key, which of a table is one attribute."""
        return self.partitions[0]

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """Partition key, then the sort key if there is one."""
        return self.partitions + self.sorts

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the key attributes."""
        return tuple(attribute.name for attribute in self.attributes)

    def covers(self, item: Item) -> bool:
        """Tell whether an item has the whole key; an index holds only such items."""
        return all(attribute.name in item for attribute in self.attributes)

    def extract(self, item: Item) -> Item:
        """Take the key out of an item."""
        return {name: item[name] for name in self.names}

    def encode(self, item: Item) -> EncodedKey:
        """Find where an item lies; its key was checked before."""
        partition = encode_key_part([item[attribute.name] for attribute in self.partitions])
        sort = encode_key_part([item[attribute.name] for attribute in self.sorts])
        return EncodedKey(slot_of(partition), partition, sort)

    def check_key(self, key: Item) -> None:
        """Check the ``Key`` of a request: these attributes, these types, no others."""
        if key.keys() != set(self.names):
            raise key_mismatch()
        for attribute in self.attributes:
            if attribute.type_name not in key[attribute.name]:
                raise key_mismatch()
        self._check_values(key)

    def check_item(self, item: Item) -> None:
        """Check that an item to be put has a valid key."""
        for attribute in self.attributes:
            value = item.get(attribute.name)
            if value is None:
                raise invalid_parameter(f"Missing the key {attribute.name} in the item")
            actual = next(iter(value))
            if actual != attribute.type_name:
                raise invalid_parameter(
                    f"Type mismatch for key {attribute.name} "
                    f"expected: {attribute.type_name} actual: {actual}"
                )
        self._check_values(item)

    def _check_values(self, item: Item) -> None:
        for attribute in self.attributes:
            kind = empty_kind(item[attribute.name])
            if kind is not None:
                raise EmptyKeyValueError(
                    "The AttributeValue for a key attribute cannot contain an empty "
                    f"{kind} value. Key: {attribute.name}"
                )
        check_key_size(self, item)


def check_key_size(keys: KeyAttributes, item: Item) -> None:
    """Refuse keys that are too long."""
    if sum(_size(item[one.name]) for one in keys.partitions) > _PARTITION_KEY_BYTES:
        # AWS has no space here.
        raise invalid_parameter(
            f"Size of hashkey has exceeded the maximum size limit of{_PARTITION_KEY_BYTES} bytes"
        )
    if sum(_size(item[one.name]) for one in keys.sorts) > _SORT_KEY_BYTES:
        raise invalid_parameter(
            "Aggregated size of all range keys has exceeded the size limit of "
            f"{_SORT_KEY_BYTES} bytes"
        )


def empty_kind(value: AttributeValue) -> str | None:
    """Tell of an empty key value what it is an empty one of."""
    if value.get("S") == "":
        return "string"
    return "binary" if value.get("B") == "" else None


def encode_key_part(values: list[AttributeValue]) -> bytes:
    """Encode a partition key or a sort key, which may consist of several attributes or of none."""
    if len(values) == 1:
        return encode_key_value(values[0])
    return b"".join(escape(encode_key_value(value)) + END_OF_VALUE for value in values)


def escape(encoded: bytes) -> bytes:
    """Make room for the end of a value, which sorts before any byte that goes on."""
    return encoded.replace(b"\x00", b"\x00\xff")


def encode_key_value(value: AttributeValue) -> bytes:
    """Encode a key value so that bytes sort as the values do."""
    [(type_name, content)] = value.items()
    if type_name == "S":
        return str(content).encode("utf-8", "surrogatepass")
    return encode_number(content) if type_name == "N" else base64.b64decode(content)


def slot_of(partition: bytes) -> int:
    """Hash an encoded partition key; the same on every run."""
    return int.from_bytes(blake2b(partition, digest_size=8).digest(), "big") >> 1


def _size(value: AttributeValue) -> int:
    return 0 if "N" in value else len(encode_key_value(value))
