"""AWS credentials of the emulated account: ``test``/``test`` from outside, one pair a function.

Secrets are random, made once per data folder and kept there, so that a presigned URL still holds
after a restart; they open nothing outside this machine.
"""

from __future__ import annotations

import json
import secrets
import string
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OUTSIDE_KEY = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An access key, its secret and the session token that must come with it, if any."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


class CredentialStore:
    """Every key that the emulated account knows; ``test``/``test`` is always one of them."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._elsewhere: Callable[[str], Credentials | None] = lambda _: None
        self._by_owner: dict[str, Credentials] = {}
        if file is not None and file.exists():
            self._by_owner = {
                owner: Credentials(**fields)
                for owner, fields in json.loads(file.read_text()).items()
            }
        self._by_key = {pair.access_key_id: pair for pair in self._by_owner.values()}
        self._by_key[OUTSIDE_KEY] = Credentials(
            access_key_id=OUTSIDE_KEY, secret_access_key=OUTSIDE_KEY
        )

    def find(self, access_key_id: str) -> Credentials | None:
        """Look a key up, as the services do to verify a signature."""
        return self._by_key.get(access_key_id) or self._elsewhere(access_key_id)

    def owner(self, access_key_id: str) -> str | None:
        """Tell which function's key it is; ``None`` for any other."""
        owners = list(self._by_owner.items())
        return next((name for name, pair in owners if pair.access_key_id == access_key_id), None)

    def find_elsewhere(self, find: Callable[[str], Credentials | None]) -> None:
        """Have further keys found: those that STS and IAM have handed out."""
        self._elsewhere = find

    def for_function(self, function_name: str) -> Credentials:
        """Give a function's own credentials, temporary ones (``ASIA…``) as on Lambda."""
        # Several environments of a function may start at once; they share one pair.
        with self._lock:
            found = self._by_owner.get(function_name)
            if found is None:
                found = _temporary_credentials()
                self._by_owner[function_name] = found
                self._by_key[found.access_key_id] = found
                self._save()
            return found

    def _save(self) -> None:
        if self._file is None:
            return
        document = {
            owner: {
                "access_key_id": pair.access_key_id,
                "secret_access_key": pair.secret_access_key,
                "session_token": pair.session_token,
            }
            for owner, pair in self._by_owner.items()
        }
        beside = self._file.with_suffix(".tmp")
        beside.touch(mode=0o600)
        beside.write_text(json.dumps(document, indent=1))
        beside.replace(self._file)


def _temporary_credentials() -> Credentials:
    letters = string.ascii_uppercase + "234567"
    return Credentials(
        access_key_id="ASIA" + "".join(secrets.choice(letters) for _ in range(16)),
        secret_access_key=secrets.token_urlsafe(30),
        session_token=secrets.token_urlsafe(120),
    )
