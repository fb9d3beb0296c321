"""A translated template, and a cache of them: translating takes a second, most of it imports.

A cached translation is named by everything that it was made from; the files that the template
includes are known only from inside, so their digests are kept with it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samtranslator import __version__ as translator_version

from emulator.template.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.application import Pairs

_KEPT = 20
_FORMAT = 3  # raised when a translation is made or kept in another way


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to translate, and everything that it depends on but the included files.

    Args:
        read: gives the content of an included file.
    """

    template: Path
    content: bytes
    parameters: Pairs
    region: str
    account_id: str
    read: Callable[[Path], bytes]

    def key(self) -> str:
        """Name the translation: equal requests have equal names."""
        parts = (
            _FORMAT,
            translator_version,
            str(self.template.absolute()),
            str(self.template),
            sorted(self.parameters),
            self.region,
            self.account_id,
        )
        return hashlib.sha256(repr(parts).encode("utf-8", "replace") + self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A CloudFormation template without includes and SAM.

    Args:
        places: where its parts were written.
        included: the files that are part of it.
    """

    template: dict[str, Any]
    places: Places
    included: tuple[Path, ...] = ()


class TranslationCache:
    """Translations in a folder; ``None`` keeps nothing."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory

    def find(self, request: Request) -> Translation | None:
        """Find a translation that was kept and still holds."""
        if self._directory is None:
            return None
        try:
            kept = json.loads(self._file(self._directory, request).read_bytes())
            included = tuple(Path(file) for file in kept["included"])
            digests = [_digest(request.read(file)) for file in included]
            if digests != list(kept["included"].values()):
                return None
            return Translation(
                template=kept["template"],
                places=Places.from_rows(kept["places"]),
                included=included,
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None  # not there, or damaged: it is made again

    def keep(self, request: Request, translation: Translation) -> None:
        """Keep a translation; a cache that cannot be written is no error."""
        if self._directory is None:
            return
        try:
            content = json.dumps(
                {
                    "included": {
                        str(file): _digest(request.read(file)) for file in translation.included
                    },
                    "template": translation.template,
                    "places": translation.places.to_rows(),
                }
            )
            self._directory.mkdir(parents=True, exist_ok=True)
            file = self._file(self._directory, request)
            beside = file.with_suffix(f".{id(self)}.tmp")
            beside.write_text(content)
            beside.replace(file)
            self._prune(self._directory)
        except OSError:
            return

    @staticmethod
    def _prune(directory: Path) -> None:
        """Keep the newest alone: each edit of a template makes another."""
        kept = sorted(directory.glob("template-*.json"), key=lambda file: file.stat().st_mtime)
        for file in kept[:-_KEPT]:
            file.unlink(missing_ok=True)

    @staticmethod
    def _file(directory: Path, request: Request) -> Path:
        return directory / f"template-{request.key()}.json"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
