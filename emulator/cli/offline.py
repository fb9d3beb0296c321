"""What can be done to a data folder while no emulator runs in it.

A template whose table has other keys than the one in the data folder stops ``emulator up``; the
way out must not need a running emulator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.data_folder import DataFolder, read_announcement
from emulator.errors import EmulatorError, StartupError

if TYPE_CHECKING:
    from pathlib import Path


def drop_table(data_folder: Path, name: str) -> bool:
    """Drop a table from a data folder; false when an emulator runs in it, or there is no folder.

    Raises:
        EmulatorError: the folder has no such table.
    """
    if not (data_folder / "lock").exists():
        return False
    try:
        data = DataFolder(data_folder)
    except StartupError:
        if read_announcement(data_folder) is not None:
            return False
        raise
    from emulator import dynamodb  # noqa: PLC0415 -- other commands need not wait for SQLite

    try:
        there_are = dynamodb.drop_table(data.path / "dynamodb", name)
    finally:
        data.close()
    if name not in there_are:
        raise EmulatorError(
            f"the data folder {data_folder} has no table {name!r}"
            f" (it has: {', '.join(there_are) or 'none'})"
        )
    return True
