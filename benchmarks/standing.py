"""What an emulator holds: processes, threads, descriptors, temporary folders, memory."""

from __future__ import annotations

import os
from pathlib import Path


def standing(pid: int, temporary: Path) -> str:
    """Describe a process of Linux and its environments, in one line."""
    process = Path(f"/proc/{pid}")
    environments = [child for zygote in _children(pid) for child in _children(zygote)]
    pages = int((process / "statm").read_text().split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return (
        f"{len(environments):3} environments {len(list(temporary.glob('*'))):3} temporary folders"
        f" {len(list((process / 'fd').iterdir())):3} descriptors"
        f" {len(list((process / 'task').iterdir())):3} threads {megabytes:6.1f} MB"
    )


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}").glob("task/*/children")
    return [int(child) for file in listed for child in file.read_text().split()]
