"""A folder with what AWS's Python runtime has, and nothing more: the local ``/var/runtime``.

Links to the packages of this interpreter; a handler that imports anything else fails here as it
would fail on AWS, instead of finding the emulator's own dependencies.
For another interpreter, what is compiled comes from a pack that was installed for it; the rest is
Python only and runs under each.
"""

from __future__ import annotations

import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.awslambda.process.network_guard import ALLOWED_HOSTS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

# What the runtime documents (boto3 and what it needs), AWS's runtime client and what that needs,
# and the clock of moved time.
_DISTRIBUTIONS = (
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "python-dateutil",
    "urllib3",
    "six",
    "awslambdaric",
    "simplejson",
    "snapshot-restore-py",
    "time-machine",
)
# The native Runtime API client: the worker has its own, and must not find this one.
_LEFT_OUT = ("runtime_client", "awslambdaric.libs", "__pycache__", "..")


def allow_hosts(directory: Path, hosts: Iterable[str]) -> None:
    """Let functions look these hosts of AWS up; ``*`` stands for anything.

    Args:
        directory: where the folders of the Pythons are.
        hosts: their names.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ALLOWED_HOSTS_FILE).write_text("\n".join(host.lower() for host in hosts))


def make_runtime_directory(directory: Path, pack: Path) -> Path:
    """Make the folder anew; what is in ``pack``, if it exists, takes the place of our own."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    packed = list(pack.iterdir()) if pack.is_dir() else []
    ours = [source for name in _DISTRIBUTIONS for source in _top_level_of(name)]
    for source in (*packed, *ours):
        link = directory / source.name
        if not link.exists():
            link.symlink_to(source)
    (directory / ALLOWED_HOSTS_FILE).symlink_to(directory.parent / ALLOWED_HOSTS_FILE)
    (directory / "emulator_runtime").symlink_to(Path(__file__).parent / "process")
    return directory


def _top_level_of(name: str) -> set[Path]:
    installed = distribution(name)
    tops = {Path(file).parts[0] for file in installed.files or ()}
    return {Path(str(installed.locate_file(top))) for top in tops if not top.startswith(_LEFT_OUT)}
