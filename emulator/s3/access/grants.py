"""Access control lists: canned ones, ``x-amz-grant-*`` headers, and XML, as lists of grants.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
There is one account: grants to others are kept and shown, and let nobody in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulator.s3.errors import s3_error
from emulator.s3.listing import OWNER_ID, owner_element
from emulator.s3.xml import element, parse, result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree import ElementTree as ET

_GROUPS = "http://acs.amazonaws.com/groups/"
ALL_USERS = f"{_GROUPS}global/AllUsers"
AUTHENTICATED_USERS = f"{_GROUPS}global/AuthenticatedUsers"
LOG_DELIVERY = f"{_GROUPS}s3/LogDelivery"
PERMISSIONS = ("FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP")
# What is granted to whom besides the owner's full control.
_CANNED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((AUTHENTICATED_USERS, "READ"),),
    "aws-exec-read": (),
    "bucket-owner-read": (),
    "bucket-owner-full-control": (),
    "log-delivery-write": ((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")),
}
_HEADERS = {
    f"x-amz-grant-{permission.lower().replace('_', '-')}": permission for permission in PERMISSIONS
}
_KNOWN_GROUPS = (ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY)
_ID = re.compile("[0-9a-f]{64}")
_GRANTEE = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*"?([^",]+)"?\s*')


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission of a canonical user's id, or of a group's URI."""

    grantee: str
    permission: str


Grants = tuple[Grant, ...]
PRIVATE: Grants = (Grant(OWNER_ID, "FULL_CONTROL"),)


def grants_of_headers(headers: Mapping[str, str]) -> Grants | None:
    """Read the list that a request's headers ask for; ``None`` without such headers.

    Raises:
        ServiceError: S3 has no such canned list, or the grantees are not written as S3 wants it.
    """
    canned = headers.get("x-amz-acl")
    named = [name for name in _HEADERS if name in headers]
    if canned is not None and named:
        message = "Specifying both Canned ACLs and Header Grants is not allowed"
        raise s3_error("InvalidRequest", message)
    if canned is not None:
        return _canned(canned)
    if not named:
        return None
    return tuple(grant for name in named for grant in _header(headers[name], _HEADERS[name]))


def _canned(name: str) -> Grants:
    if name not in _CANNED:
        raise s3_error("InvalidArgument", "", ArgumentName="x-amz-acl", ArgumentValue=name)
    return (*PRIVATE, *(Grant(*granted) for granted in _CANNED[name]))


def _header(value: str, permission: str) -> list[Grant]:
    grants = []
    for text in value.split(","):
        match = _GRANTEE.fullmatch(text)
        if match is None:
            raise s3_error(
                "InvalidArgument",
                "Argument format not recognized",
                ArgumentName=f"x-amz-grant-{permission.lower().replace('_', '-')}",
                ArgumentValue=value,
            )
        if match[1] == "emailAddress":
            raise _unresolvable()
        _check_grantee(match[1], match[2], match[1])
        grants.append(Grant(match[2], permission))
    return grants


def _check_grantee(kind: str, grantee: str, argument: str) -> None:
    known = _ID.fullmatch(grantee) if kind == "id" else grantee in _KNOWN_GROUPS
    if not known:
        raise s3_error(
            "InvalidArgument",
            "Invalid id" if kind == "id" else "Invalid group uri",
            ArgumentName=argument,
            ArgumentValue=grantee,
        )


def read_acl(body: bytes) -> Grants:
    """Read an ``AccessControlPolicy``.

    Raises:
        ServiceError: ``MalformedACLError``, or ``InvalidArgument``: there can be no such grantee.
    """
    root = parse(body)
    owner = root.findtext("Owner/ID") if root is not None else None
    if root is None or root.tag != "AccessControlPolicy" or owner is None:
        raise _malformed()
    _check_grantee("id", owner, "CanonicalUser/ID")
    nodes = root.findall("AccessControlList/Grant")
    return tuple(_grant(node) for node in nodes)


def _grant(node: ET.Element) -> Grant:
    permission = node.findtext("Permission") or ""
    user, group = node.findtext("Grantee/ID"), node.findtext("Grantee/URI")
    grantee = user or group
    if node.findtext("Grantee/EmailAddress"):
        raise _unresolvable()
    if permission not in PERMISSIONS or not grantee:
        raise _malformed()
    if user:
        _check_grantee("id", user, "CanonicalUser/ID")
    else:
        _check_grantee("uri", grantee, "Group/URI")
    return Grant(grantee, permission)


def _unresolvable() -> Exception:
    return s3_error(
        "UnresolvableGrantByEmailAddress",
        "The e-mail address you provided does not match any account on record.",
    )


def _malformed() -> Exception:
    return s3_error(
        "MalformedACLError",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )


def acl_document(grants: Iterable[Grant]) -> bytes:
    """Write an ``AccessControlPolicy``."""
    listed = element("AccessControlList", *map(_grant_element, grants))
    return result("AccessControlPolicy", owner_element(), listed)


def _grant_element(grant: Grant) -> bytes:
    group = grant.grantee.startswith("http")
    kind = "Group" if group else "CanonicalUser"
    inner = element("URI" if group else "ID", grant.grantee)
    opening = (
        f'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="{kind}">'
    ).encode()
    return element(
        "Grant", opening + inner + b"</Grantee>", element("Permission", grant.permission)
    )


def write_grants(grants: Grants) -> str:
    """Write grants as they are kept."""
    return json.dumps([[grant.grantee, grant.permission] for grant in grants])


def read_grants(text: str | None) -> Grants:
    """Read what ``write_grants`` has written; without it, everything is the owner's alone."""
    return tuple(Grant(*fields) for fields in json.loads(text)) if text else PRIVATE


def allows_anybody(grants: Grants, permission: str) -> bool:
    """Tell whether a list lets everybody do something."""
    wanted = {permission, "FULL_CONTROL"}
    return any(grant.grantee == ALL_USERS and grant.permission in wanted for grant in grants)


def is_public(grants: Grants) -> bool:
    """Tell whether a list is public by S3's meaning: it grants something to either group."""
    return any(grant.grantee in {ALL_USERS, AUTHENTICATED_USERS} for grant in grants)
