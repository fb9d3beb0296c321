"""``python -m benchmarks [NAME …]``: run the named benchmarks, or all of them.

Every figure is a median with its p99, taken on this machine in this run; compare rows, not
absolutes, since machines differ.
"""

from __future__ import annotations

import importlib
import sys

NAMES = (
    *("listeners", "filestore", "lambda", "lambda_scale", "lambda_soak", "reload", "runtimes"),
    "storage",
)
_MODULES = {"lambda": "invocations"}  # a keyword cannot name a module


def main() -> None:
    """Run what the command line names."""
    names = sys.argv[1:] or NAMES
    for name in names:
        if name not in NAMES:
            sys.exit(f"no benchmark {name!r}; there are: {', '.join(NAMES)}")
    for name in names:
        print(f"\n== {name}")
        importlib.import_module(f"benchmarks.{_MODULES.get(name, name)}").main()


if __name__ == "__main__":
    main()
