"""What keeps a version of an object from being deleted: retention, legal hold, a bucket's default.

They are kept with the version's headers, under the names that reads show them by.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from emulator.s3.errors import s3_error
from emulator.s3.xml import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator.s3.storage.stored import StoredObject

OBJECT_LOCK = "object-lock"
PREFIX = "x-amz-object-lock-"
MODE = f"{PREFIX}mode"
UNTIL = f"{PREFIX}retain-until-date"
HOLD = f"{PREFIX}legal-hold"
LOCKS = frozenset({MODE, UNTIL, HOLD})
GOVERNANCE = "GOVERNANCE"
MODES = frozenset({GOVERNANCE, "COMPLIANCE"})
HOLDS = frozenset({"ON", "OFF"})
_DAYS_PER_YEAR = 365


def read_locks(headers: Mapping[str, str]) -> dict[str, str]:
    """Read the locks that an upload asks for.

    Raises:
        ServiceError: ``InvalidArgument``.
    """
    asked = {name: headers[name] for name in LOCKS if name in headers}
    if (MODE in asked) != (UNTIL in asked):
        missing = UNTIL if MODE in asked else MODE
        raise _argument(f"{UNTIL} and {MODE} must both be supplied", missing)
    if MODE in asked:
        if asked[MODE] not in MODES:
            raise _argument("Unknown wormMode directive.", MODE, asked[MODE])
        until = read_date(asked[UNTIL])
        if until is None:
            raise _argument("The retain until date must be provided in ISO 8601 format", UNTIL)
        asked[UNTIL] = write_date(until)
    if asked.get(HOLD, "ON") not in HOLDS:
        raise _argument("Legal Hold must be either of 'ON' or 'OFF'", HOLD, asked[HOLD])
    return asked


def check_future(until: str, now: datetime, name: str = UNTIL) -> None:
    """Refuse a date that has passed.

    Raises:
        ServiceError: ``InvalidArgument``.
    """
    date = read_date(until)
    if date is None or date <= now:
        raise _argument("The retain until date must be in the future!", name, until)


def check_not_locked(stored: StoredObject, now: datetime, *, bypass: bool) -> None:
    """Refuse to delete a version that is locked; governance can be bypassed.

    Raises:
        ServiceError: ``AccessDenied``.
    """
    headers = stored.headers
    held = headers.get(HOLD) == "ON"
    if held or (is_retained(headers, now) and not (bypass and headers[MODE] == GOVERNANCE)):
        raise protected()


def is_retained(headers: Mapping[str, str], now: datetime) -> bool:
    """Tell whether a version's retention has not ended."""
    until = read_date(headers.get(UNTIL, ""))
    return until is not None and until > now


def protected() -> Exception:
    """Refuse what a lock forbids."""
    return s3_error("AccessDenied", "Access Denied because object protected by object lock.")


def with_default(new: StoredObject, configuration: str | None) -> StoredObject:
    """Give a new version the retention that its bucket gives those without one."""
    if configuration is None or new.delete_marker or MODE in new.headers:
        return new
    default = default_retention(configuration)
    if default is None:
        return new
    until = write_date(new.modified + default[1])
    return replace(new, headers={**new.headers, MODE: default[0], UNTIL: until})


@lru_cache(maxsize=64)
def default_retention(configuration: str) -> tuple[str, timedelta] | None:
    """Read mode and duration of an ``ObjectLockConfiguration``; ``None`` without a rule."""
    root = parse(configuration.encode())
    default = root.find("Rule/DefaultRetention") if root is not None else None
    if default is None:
        return None
    days = int(default.findtext("Days") or 0)
    days += int(default.findtext("Years") or 0) * _DAYS_PER_YEAR
    return default.findtext("Mode") or "", timedelta(days=days)


def read_date(text: str) -> datetime | None:
    """Read a date in ISO 8601; ``None`` if it is none."""
    try:
        date = datetime.fromisoformat(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):  # also what is a date there, but none in UTC
        return None


def write_date(date: datetime) -> str:
    """Write a date as S3 does."""
    return f"{date:%Y-%m-%dT%H:%M:%S}.{date.microsecond // 1000:03d}Z"


def _argument(message: str, name: str, value: str | None = None) -> Exception:
    given = {"ArgumentValue": value} if value is not None else {}
    return s3_error("InvalidArgument", message, members={"ArgumentName": name, **given})
