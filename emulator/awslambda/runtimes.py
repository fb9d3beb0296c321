"""What a function's ``Runtime`` means here: which family, which version.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
Left out are Java, .NET, Ruby and the old Go runtime: their functions are refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_NAME = re.compile(
    r"(?P<family>python)(?P<python>3\.\d+)"
    r"|(?P<node>nodejs)(?P<major>\d+)\.x"
    r"|(?P<provided>provided)(?:\.(?P<system>al\d+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """A runtime that can be run here.

    Args:
        name: as the template has it, for example ``python3.12``.
        version: ``3.12``, ``20``, ``al2023``.
    """

    name: str
    family: Literal["python", "nodejs", "provided"]
    version: str

    @property
    def label(self) -> str:
        """What INIT_START calls it."""
        return f"{self.family}:{self.version}"


def parse_runtime(name: str) -> Runtime | None:
    """Read a runtime's name; ``None`` for one that is not run here."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    if match["python"]:
        return Runtime(name=name, family="python", version=match["python"])
    if match["node"]:
        return Runtime(name=name, family="nodejs", version=match["major"])
    return Runtime(name=name, family="provided", version=match["system"] or "al1")
