"""The keys of the emulated account."""

import json
import re
import stat
import threading

import pytest

from emulator.credentials import Credentials, CredentialStore


@pytest.fixture
def file(tmp_path):
    return tmp_path / "credentials.json"


def test_the_key_from_outside_is_always_known():
    """``test``/``test``, without a session token."""
    assert CredentialStore().find("test") == Credentials(
        access_key_id="test", secret_access_key="test"
    )


def test_an_unknown_key_is_not_found():
    """A signature by it cannot be verified."""
    assert CredentialStore().find("AKIAIOSFODNN7EXAMPLE") is None


def test_a_function_has_temporary_credentials_of_its_own():
    """As on Lambda: an ASIA key with a session token, found by its ID, another per function."""
    store = CredentialStore()
    first, second = store.for_function("First"), store.for_function("Second")

    assert re.fullmatch("ASIA[A-Z2-7]{16}", first.access_key_id)
    assert len(first.secret_access_key) == 40
    assert first.session_token
    assert store.find(first.access_key_id) == first
    assert len({first.access_key_id, second.access_key_id}) == 2


def test_a_function_keeps_its_credentials():
    """Asked again, the store gives the same."""
    store = CredentialStore()

    assert store.for_function("Expire") == store.for_function("Expire")


def test_credentials_survive_a_restart(file):
    """A URL that was presigned before holds after it."""
    pair = CredentialStore(file).for_function("Expire")
    restarted = CredentialStore(file)

    assert (restarted.for_function("Expire"), restarted.find(pair.access_key_id)) == (pair, pair)


def test_the_file_is_for_its_owner_only(file):
    """Secrets, if only local ones, are not for others to read."""
    CredentialStore(file).for_function("Expire")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_environments_that_start_at_once_share_one_pair(file):
    """No environment is left with a key that a restart forgets."""
    store = CredentialStore(file)
    together = threading.Barrier(8)
    found = []

    def ask():
        together.wait()
        found.append(store.for_function("Expire"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 1
    assert json.loads(file.read_text())["Expire"]["access_key_id"] == found[0].access_key_id
