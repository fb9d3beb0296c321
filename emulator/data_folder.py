"""The data folder: everything of an application that outlives a run, and the lock on it.

``api-key`` and ``credentials.json`` are made once and stay; ``ready.json`` is there while an
emulator runs and tells the other commands where it answers.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import string
import tempfile
from pathlib import Path
from typing import Any

from emulator.errors import StartupError
from emulator.settings import DATA_FOLDER_MARK

_API_KEY = re.compile(r"[!-~]+")
_API_KEY_LENGTH = 40  # as API Gateway's generated keys
_MARKER = "# Made by the emulator; delete the folder to start afresh.\n*\n"


class DataFolder:
    """An open data folder; no other emulator can open it meanwhile.

    Args:
        directory: made if need be; ``None`` is a temporary one that goes when it is closed.

    Raises:
        StartupError: the folder is in use, or cannot be made or written.
    """

    def __init__(self, directory: Path | None) -> None:
        self._ephemeral = directory is None
        try:
            directory = directory or Path(tempfile.mkdtemp(prefix="emulator-"))
            directory.mkdir(parents=True, exist_ok=True)
            self.path = directory.resolve()
            (self.path / ".gitignore").write_text(_MARKER)
            (self.path / DATA_FOLDER_MARK).touch()
            self._lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise StartupError(
                f"the data folder {directory} cannot be used: {error.strerror}"
                " (choose another with --data-dir, or use --ephemeral)"
            ) from error
        self._take_lock()

    def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.seek(0)
            owner = self._lock.read().strip() or "?"
            self._lock.close()
            raise StartupError(
                f"another emulator (process {owner}) uses the data folder {self.path}"
                " (stop it, or choose another with --data-dir)"
            ) from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()

    def api_key(self, chosen: str | None) -> str:
        """Give the folder's API key, made on first use; ``chosen`` replaces it.

        Raises:
            StartupError: the chosen one cannot be sent in a header.
        """
        file = self.path / "api-key"
        if chosen is not None and not _API_KEY.fullmatch(chosen):
            raise StartupError(
                "the API key cannot be sent in a header (choose letters, digits and punctuation)"
            )
        kept = file.read_text(errors="replace").strip() if file.exists() else ""
        if chosen is None and _API_KEY.fullmatch(kept):
            return kept
        letters = string.ascii_letters + string.digits
        key = chosen or "".join(secrets.choice(letters) for _ in range(_API_KEY_LENGTH))
        write_whole(file, key)
        return key

    def announce(self, ready: dict[str, Any]) -> None:
        """Tell the other commands where the emulator answers."""
        write_whole(self.path / "ready.json", json.dumps(ready, indent=1))

    def close(self) -> None:
        """Let go of the folder; an ephemeral one is deleted."""
        (self.path / "ready.json").unlink(missing_ok=True)
        self._lock.close()
        if self._ephemeral:
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self.path)


def write_whole(file: Path, text: str) -> None:
    """Write a file beside its place and rename it in, so that nobody reads half of it.

    Raises:
        StartupError: the place cannot be written.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.touch(mode=0o600)
        beside.write_text(text)
        beside.replace(file)
    except OSError as error:
        raise StartupError(f"{file} cannot be written: {error.strerror}") from error


def read_announcement(directory: Path) -> dict[str, Any] | None:
    """Read where the emulator of a data folder answers; ``None`` when none runs."""
    try:
        ready = json.loads((directory / "ready.json").read_text())
    except (OSError, ValueError):
        return None
    return ready if isinstance(ready, dict) else None
