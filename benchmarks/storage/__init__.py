"""S3 and DynamoDB beside stock ``moto_server`` and ``ministack``, in the same run.

Every row names its target; compare the rows of one run, not runs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.storage import kills, objects, tables
from benchmarks.storage.peers import start_targets

SECTIONS = (objects.run, tables.run, kills.run)


def main() -> None:
    """Start everything once and print the rows of every section."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as folder,
        start_targets(Path(folder)) as targets,
    ):
        for section in SECTIONS:
            section(targets)
        for target in targets:
            print(f"{target.name + ': memory now, at most':<58} {target.describe_memory()}")
