"""What S3 takes as a lifecycle configuration, and how it shows it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
Left out: rules against rules (overlapping filters, an expiration before its transition).
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.s3.request import S3Request
    from emulator.s3.storage.metadata import Metadata

_MOST_RULES = 1000
_LONGEST_ID = 255
_STATUSES = frozenset({"Enabled", "Disabled"})
_FILTERS = ("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And")
_CLASSES = frozenset(
    {"STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"}
)
SMALLEST_SIZE = "x-amz-transition-default-minimum-object-size"
SMALLEST_SIZES = ("all_storage_classes_128K", "varies_by_storage_class")
_MIDNIGHT = ("T00:00:00Z", "T00:00:00.000Z")


def read_smallest_size(request: S3Request) -> str:
    """Read which objects are too small for a transition, if a rule says nothing.

    Raises:
        ServiceError: ``InvalidRequest``.
    """
    value = request.headers.get(SMALLEST_SIZE, SMALLEST_SIZES[0])
    if value not in SMALLEST_SIZES:
        message = f"Invalid TransitionDefaultMinimumObjectSize found: {value}"
        raise s3_error("InvalidRequest", message)
    return value


def check_lifecycle(root: ET.Element, _bucket: str, _metadata: Metadata) -> ET.Element:
    """Check a ``LifecycleConfiguration``; rules without an ID get one.

    Raises:
        ServiceError: as S3 refuses it.
    """
    rules = root.findall("Rule")
    if not 1 <= len(rules) <= _MOST_RULES:
        raise s3_error("MalformedXML")
    ids = []
    for rule in rules:
        _check_rule(rule)
        identity = rule.find("ID")
        if identity is None or not identity.text:
            identity = ET.SubElement(rule, "ID") if identity is None else identity
            identity.text = str(uuid.uuid4())
        ids.append(identity.text or "")
    if len(set(ids)) != len(ids):
        raise _argument("Rule ID must be unique. Found same ID for more than one rule")
    if any(len(text) > _LONGEST_ID for text in ids):
        raise _argument("ID length should not exceed allowed limit of 255")
    return root


def _check_rule(rule: ET.Element) -> None:
    if rule.findtext("Status") not in _STATUSES:
        raise s3_error("MalformedXML")
    chosen = rule.find("Filter")
    if (chosen is None) == (rule.find("Prefix") is None):
        raise s3_error("MalformedXML")
    if chosen is not None and sum(chosen.find(name) is not None for name in _FILTERS) > 1:
        raise s3_error("MalformedXML")
    actions = [node for node in rule if node.tag in _ACTIONS]
    if not actions:
        raise s3_error("InvalidRequest", "At least one action needs to be specified in a rule")
    for action in actions:
        _ACTIONS[action.tag](action)
    _check_tags(rule)


def _check_tags(rule: ET.Element) -> None:
    """Some actions are about what has no tags."""
    names = [node.text for node in rule.findall("Filter/And/Tag/Key")]
    if len(set(names)) != len(names):
        raise s3_error("InvalidRequest", "Duplicate Tag Keys are not allowed.")
    tagged = rule.find("Filter/Tag") is not None or rule.find("Filter/And/Tag") is not None
    for path in ("AbortIncompleteMultipartUpload", "Expiration/ExpiredObjectDeleteMarker"):
        if tagged and rule.find(path) is not None:
            name = path.rpartition("/")[2]
            raise s3_error("InvalidRequest", f"{name} cannot be specified with Tags.")


def _expiration(action: ET.Element) -> None:
    when = [node for node in action if node.tag in {"Days", "Date", "ExpiredObjectDeleteMarker"}]
    if len(when) != 1:
        raise s3_error("MalformedXML")
    _check_days(action, "Days", least=1)
    _check_date(action)


def _transition(action: ET.Element) -> None:
    if (action.find("Days") is None) == (action.find("Date") is None):
        raise s3_error("MalformedXML")
    _check_class(action)
    _check_days(action, "Days", least=0)
    _check_date(action)


def _noncurrent_transition(action: ET.Element) -> None:
    if action.find("NoncurrentDays") is None:
        raise s3_error("MalformedXML")
    _check_class(action)
    _check_days(action, "NoncurrentDays", least=0)


def _noncurrent_expiration(action: ET.Element) -> None:
    if action.find("NoncurrentDays") is None:
        raise s3_error("MalformedXML")
    _check_days(action, "NoncurrentDays", least=1)


def _abort(action: ET.Element) -> None:
    if action.find("DaysAfterInitiation") is None:
        raise s3_error("MalformedXML")
    _check_days(action, "DaysAfterInitiation", least=1)


_ACTIONS: dict[str, Callable[[ET.Element], None]] = {
    "Expiration": _expiration,
    "Transition": _transition,
    "NoncurrentVersionTransition": _noncurrent_transition,
    "NoncurrentVersionExpiration": _noncurrent_expiration,
    "AbortIncompleteMultipartUpload": _abort,
}


def _check_class(action: ET.Element) -> None:
    if action.findtext("StorageClass") not in _CLASSES:
        raise s3_error("MalformedXML")


def _check_days(action: ET.Element, name: str, *, least: int) -> None:
    text = action.findtext(name)
    if text is None:
        return
    try:
        days = int(text)
    except ValueError as error:
        raise s3_error("MalformedXML") from error
    if days < least:
        wanted = "a positive integer" if least else "nonnegative"
        raise _argument(f"'{name}' for {action.tag} action must be {wanted}")


def _check_date(action: ET.Element) -> None:
    date = action.find("Date")
    if date is None:
        return
    text = date.text or ""
    if not text.endswith(_MIDNIGHT) and "T" in text:
        message = "'Date' must be at midnight GMT"
        raise s3_error("InvalidArgument", message, ArgumentName="Date", ArgumentValue=text)
    date.text = f"{text.partition('T')[0]}T00:00:00.000Z"


def _argument(message: str) -> Exception:
    return s3_error("InvalidArgument", message)
