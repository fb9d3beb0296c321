"""Bucket policies: read, checked as S3 checks them, and evaluated.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
There are two who ask: the account, and nobody (anonymous). Users and roles of the account are not
told apart: a principal that names one of them is taken for none of the two.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from emulator.s3.access.policy_actions import apply_to, is_action
from emulator.s3.access.policy_conditions import check_conditions, conditions_hold, restricts
from emulator.s3.errors import s3_error

if TYPE_CHECKING:
    from collections.abc import Mapping

Effect = Literal["Allow", "Deny"]
_FIELDS = {
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource"),
    *("NotResource", "Condition"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to do.

    Args:
        account_id: of who asks; ``None`` is anonymous.
        action: for example ``s3:GetObject``.
        resource: ARN of the bucket or object.
        context: values of condition keys, by lower-case name.
    """

    account_id: str | None
    action: str
    resource: str
    context: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; each element is a tuple of texts, with whether it is negated."""

    effect: Effect
    principals: tuple[bool, tuple[str, ...]]
    actions: tuple[bool, tuple[str, ...]]
    resources: tuple[bool, tuple[str, ...]]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]

    def applies(self, asked: Asked) -> bool:
        """Tell whether a statement is about what is asked."""
        return (
            _selects(self.principals, lambda name: _is_principal(name, asked.account_id))
            and _selects(self.actions, lambda name: _like(name.lower(), asked.action.lower()))
            and _selects(self.resources, lambda name: _like(name, asked.resource))
            and conditions_hold(self.conditions, asked.context)
        )

    @property
    def public(self) -> bool:
        """Tell whether it lets anybody in, by S3's meaning of public."""
        anybody = self.principals == (False, ("*",)) or "*" in self.principals[1]
        return self.effect == "Allow" and anybody and not restricts(self.conditions)


def evaluate(statements: tuple[Statement, ...], asked: Asked) -> Effect | None:
    """Give the effect of a policy: a denial wins; ``None`` says nothing."""
    effects = {statement.effect for statement in statements if statement.applies(asked)}
    if "Deny" in effects:
        return "Deny"
    return "Allow" if effects else None


@lru_cache(maxsize=256)
def read_policy(text: str, bucket: str) -> tuple[Statement, ...]:
    """Read the policy of a bucket.

    Raises:
        ServiceError: ``MalformedPolicy``.
    """
    document = _json(text)
    if "Statement" not in document:
        raise _malformed("Missing required field Statement")
    statements = document["Statement"]
    items = statements if isinstance(statements, list) else [statements]
    if not items:
        raise _malformed("Could not parse the policy: Statement is empty!")
    return tuple(_statement(item, bucket) for item in items)


def _json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    if document.get("Version", "2008-10-17") not in {"2008-10-17", "2012-10-17"}:
        raise _malformed("The policy must contain a valid version string")
    return document


def _statement(item: Any, bucket: str) -> Statement:
    if not isinstance(item, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    for name in item:
        if name not in _FIELDS:
            raise _malformed(f"Unknown field {name}")
    effect = item.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise _malformed(
            "Missing required field Effect" if effect is None else f"Invalid effect: {effect}"
        )
    statement = Statement(
        effect=effect,
        principals=_principals(item),
        actions=_element(item, "Action"),
        resources=_element(item, "Resource"),
        conditions=check_conditions(item.get("Condition", {})),
    )
    _check_actions(statement, bucket)
    return statement


def _check_actions(statement: Statement, bucket: str) -> None:
    negated, names = statement.actions
    if not all(map(is_action, names)):
        raise _malformed("Policy has invalid action")
    arn = f"arn:aws:s3:::{bucket}"
    resources = statement.resources[1]
    if not all(name == arn or name.startswith(f"{arn}/") for name in resources):
        raise _malformed("Policy has invalid resource")
    if negated or statement.resources[0]:
        return
    to_bucket = arn in resources
    to_objects = any(name != arn for name in resources)
    if not apply_to(names, to_bucket=to_bucket, to_objects=to_objects):
        raise _malformed("Action does not apply to any resource(s) in statement")


def _element(item: Mapping[str, Any], name: str) -> tuple[bool, tuple[str, ...]]:
    negated = f"Not{name}" in item
    value = item.get(f"Not{name}" if negated else name)
    values = value if isinstance(value, list) else [value]
    if value is None or not values:
        raise _malformed(f"Missing required field {name}")
    if not all(isinstance(text, str) for text in values):
        raise _malformed(f"Policy has invalid {name.lower()}")
    return negated, tuple(values)


def _principals(item: Mapping[str, Any]) -> tuple[bool, tuple[str, ...]]:
    negated = "NotPrincipal" in item
    value = item.get("NotPrincipal" if negated else "Principal")
    if value is None:
        raise _malformed("Missing required field Principal")
    if value == "*":
        return negated, ("*",)
    if not isinstance(value, dict) or not value:
        raise _malformed("Invalid policy syntax.")
    names: list[str] = []
    for kind, given in value.items():
        if kind not in {"AWS", "Service", "Federated", "CanonicalUser"}:
            raise _malformed("Invalid principal in policy")
        texts = given if isinstance(given, list) else [given]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise _malformed("Invalid principal in policy")
        names += texts if kind == "AWS" else [f"{kind}:{text}" for text in texts]
    return negated, tuple(names)


def _selects(element: tuple[bool, tuple[str, ...]], matches: Any) -> bool:
    negated, names = element
    return any(map(matches, names)) != negated


def _is_principal(name: str, account_id: str | None) -> bool:
    if name == "*":
        return True
    return account_id is not None and name in {account_id, f"arn:aws:iam::{account_id}:root"}


def _like(pattern: str, text: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _malformed(message: str) -> Exception:
    return s3_error("MalformedPolicy", message)
