"""What functions cost that nobody calls: a template with one of them, and with 180.

Start to ready (the template's translation cached), then processes, threads, descriptors and memory
before the first call.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from benchmarks.figures import row
from benchmarks.running import Running
from benchmarks.standing import standing

COUNTS = (1, 180)
STARTS = 5


def _template(folder: Path, count: int) -> Path:
    (folder / "app.py").write_text("def handler(event, context):\n    return event\n")
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Handler": "app.handler", "Runtime": "python3.13", "CodeUri": "."},
    }
    resources = {f"Function{number}": function for number in range(count)}
    template = folder / "template.json"
    template.write_text(
        json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources})
    )
    return template


def main() -> None:
    """Print the rows."""
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            template = _template(folder, count)
            seconds = []
            for _ in range(STARTS + 1):
                running = Running(folder, template)
                seconds.append(running.ready_seconds)
                stands = standing(running.process.pid, folder / "data" / "lambda" / "tmp")
                running.stop()
            row(f"emulator up to ready, {count} functions", seconds[1:])
            print(f"  {stands}")
