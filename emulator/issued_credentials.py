"""Keys that moto's STS and IAM have handed out: S3 takes their signatures as those of the account.

``tests/contract/test_moto_symbols.py`` pins the private names.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.moto_services import MotoServices


def find_issued(services: MotoServices, access_key_id: str) -> Credentials | None:
    """Find a key that ``AssumeRole`` or ``CreateAccessKey`` has given out."""
    for issued in _issued(services):
        if issued.access_key_id == access_key_id:
            return Credentials(
                access_key_id=access_key_id,
                secret_access_key=issued.secret_access_key,
                session_token=getattr(issued, "session_token", None),
            )
    return None


def _issued(services: MotoServices) -> Iterator[Any]:
    if services.loaded("sts"):
        from moto.sts.models import sts_backends  # noqa: PLC0415 -- loaded, as was asked

        yield from sts_backends[services.account_id]["aws"].assumed_roles
    if services.loaded("iam"):
        from moto.iam.models import iam_backends  # noqa: PLC0415 -- loaded, as was asked

        yield from iam_backends[services.account_id]["aws"].access_keys.values()
