"""Who calls, as ``GetCallerIdentity`` of STS tells it: a function's role, or the account's root.

moto knows the keys that it has handed out itself, and answers for all others with an ARN that AWS
does not have; its ``STSBackend.get_caller_identity`` is wrapped.
``tests/contract/test_moto_symbols.py`` pins the private names.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.application import Function
    from emulator.credentials import CredentialStore

    Identity = tuple[str, str, str]

_ROLE_ID_LETTERS = 16


def connect_caller_identity(
    credentials: CredentialStore, functions: Callable[[], tuple[Function, ...]]
) -> None:
    """Tell STS whose keys the emulator has made; called when moto's STS was loaded."""
    from moto.sts.models import STSBackend  # noqa: PLC0415 -- it was just loaded

    of_moto = getattr(STSBackend, "emulator_get_caller_identity", STSBackend.get_caller_identity)

    def get_caller_identity(backend: Any, access_key_id: str, region: str) -> Identity:
        owner = credentials.owner(access_key_id)
        if owner is not None:
            return _role_session(owner, functions(), backend.account_id)
        identity: Identity = of_moto(backend, access_key_id, region)
        if identity[1].endswith(":user/moto"):  # what it says of a key that it does not know
            account_id, partition = backend.account_id, identity[1].split(":")[1]
            return account_id, f"arn:{partition}:iam::{account_id}:root", account_id
        return identity

    STSBackend.emulator_get_caller_identity = of_moto
    STSBackend.get_caller_identity = get_caller_identity


def _role_session(name: str, functions: tuple[Function, ...], account_id: str) -> Identity:
    """Name the session of a function's role, which bears the function's name as on Lambda."""
    arns = [function.role_arn for function in functions if function.name == name]
    role = "".join(arns).rpartition("/")[2] or f"{name}Role"
    role_id = hashlib.sha256(role.encode()).hexdigest()[:_ROLE_ID_LETTERS].upper()
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role}/{name}"
    return f"AROA{role_id}:{name}", arn, account_id
