"""The policy of a browser upload: what a form may say, how large its file may be, and until when.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNCOVERED = frozenset({"awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"})
_OPERATORS = ("eq", "starts-with")
_THREE = 3
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a field."""

    operator: str
    field: str
    value: str

    def holds(self, text: str) -> bool:
        """Tell whether a field's text is as it must be; lists of media types hold one by one."""
        if self.operator == "eq":
            return text == self.value
        texts = text.split(",") if self.field == "content-type" else [text]
        return all(part.strip().startswith(self.value) for part in texts)


@dataclass(frozen=True, slots=True)
class PostPolicy:
    """A policy that was read.

    Args:
        size_range: the least and the greatest size of the file, in bytes.
    """

    expiration: datetime
    conditions: tuple[Condition, ...]
    size_range: tuple[int, int] | None

    def check(self, fields: Mapping[str, str], now: datetime) -> None:
        """Compare a form with the policy.

        Raises:
            ServiceError: ``AccessDenied``, with the condition that does not hold.
        """
        if now >= self.expiration:
            raise _denied("Policy expired.")
        covered = {condition.field for condition in self.conditions}
        extra = [
            name
            for name in fields
            if name not in covered | _UNCOVERED and not name.startswith("x-ignore-")
        ]
        for condition in self.conditions:
            if not condition.holds(fields.get(condition.field, "")):
                written = f'["{condition.operator}", "${condition.field}", "{condition.value}"]'
                raise _denied(f"Policy Condition failed: {written}")
        if extra:
            raise _denied(f"Extra input fields: {', '.join(extra)}")


def read_post_policy(encoded: str) -> PostPolicy:
    """Read a policy, Base64 of JSON.

    Raises:
        ServiceError: ``InvalidPolicyDocument``.
    """
    document = _document(encoded)
    if "expiration" not in document:
        raise _invalid("Policy missing expiration.")
    if not isinstance(document.get("conditions"), list):
        raise _invalid("Policy missing conditions.")
    conditions: list[Condition] = []
    size_range = None
    for item in document["conditions"]:
        if isinstance(item, list) and item and str(item[0]).lower() == "content-length-range":
            size_range = _size_range(item)
        else:
            conditions += _conditions(item)
    return PostPolicy(_expiration(document["expiration"]), tuple(conditions), size_range)


def _document(encoded: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        document = None
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    return document


def _expiration(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text)) if _MOMENT.fullmatch(str(text)) else None
    except ValueError:
        moment = None
    if moment is None:
        raise _invalid(f"Invalid 'expiration' value: '{text}'")
    return moment


def _size_range(item: list[Any]) -> tuple[int, int]:
    try:
        least, most = (int(str(number)) for number in item[1:])
    except ValueError as error:
        raise _invalid(f"Invalid content-length-range: {json.dumps(item)}") from error
    if least < 0 or most < least:
        raise _invalid(f"Invalid content-length-range: {json.dumps(item)}")
    return least, most


def _conditions(item: Any) -> list[Condition]:
    if isinstance(item, dict) and item:
        return [Condition("eq", name.lower(), str(value)) for name, value in item.items()]
    if isinstance(item, list) and len(item) == _THREE:
        operator, field, value = (str(part) for part in item)
        if operator.lower() in _OPERATORS and field.startswith("$"):
            return [Condition(operator.lower(), field[1:].lower(), value)]
    raise _invalid(f"Invalid condition: {json.dumps(item)}")


def _denied(reason: str) -> Exception:
    return s3_error("AccessDenied", f"Invalid according to Policy: {reason}")


def _invalid(reason: str) -> Exception:
    return s3_error("InvalidPolicyDocument", f"Invalid Policy: {reason}")
