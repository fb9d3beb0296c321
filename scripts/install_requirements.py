"""Install the locked dependencies into this environment, and count them while they come."""

from __future__ import annotations

import subprocess
import sys

LOCK = "requirements.lock"
PIP = (sys.executable, "-m", "pip", "install", "--disable-pip-version-check")

TAKEN = ("Collecting ", "Processing ", "Ignoring ", "Requirement already satisfied: ")


def main() -> int:
    """Run pip; its complaints go to standard error as they are."""
    with open(LOCK) as lock:  # noqa: PTH123 -- no pathlib needed for one file
        total = sum(line[:1].isalnum() for line in lock)
    command = [*PIP, "--progress-bar", "off", "--require-hashes", "-r", LOCK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:
        seen = 0
        for line in pip.stdout or ():
            if line.startswith(TAKEN):
                seen += 1
                if sys.stdout.isatty() or seen % 25 == 0:
                    _say(f"    {seen} of about {total} packages found")
            elif line.startswith("Installing collected"):
                _say("    installing them               ")
    if sys.stdout.isatty():
        sys.stdout.write("\n")
    return pip.returncode


def _say(text: str) -> None:
    """Write over the same line of a terminal; elsewhere, now and then a line of its own."""
    sys.stdout.write(f"\r{text}" if sys.stdout.isatty() else f"{text.rstrip()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
