"""Static pages of ``--web DIR``: the files of one folder, on an origin of their own.

Only GET and HEAD, only below the folder, links included; every page is revalidated, so that an
edit is seen by a reload.
"""

from __future__ import annotations

import mimetypes
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from emulator.wsgi.response import FileWrapper

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse


class StaticPages:
    """A WSGI application over the files of ``directory``.

    Args:
        generated: further documents by path, made by the emulator, for example
            ``{"/emulator.json": lambda: b"{}"}``.
    """

    def __init__(self, directory: Path, generated: dict[str, Any] | None = None) -> None:
        self._root = directory.resolve()
        self._generated = generated or {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer with a file, its absence, or a refusal."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _plain(start_response, "405 Method Not Allowed", [("Allow", "GET, HEAD")])
        path = environ["PATH_INFO"]
        if path in self._generated:
            headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
            start_response("200 OK", headers)
            return [self._generated[path]()]
        file = self._find(path)
        if file is None:
            return _plain(start_response, "404 Not Found", [])
        return _send(file, environ, start_response)

    def _find(self, path: str) -> Path | None:
        try:
            file = (self._root / path.encode("latin-1").decode().lstrip("/")).resolve()
            if file.is_dir():
                file = file / "index.html"
            inside = file.is_relative_to(self._root) and file.is_file()
        except (ValueError, OSError):  # a NUL byte, no UTF-8, a name too long
            return None
        return file if inside else None


def _send(file: Path, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    state = file.stat()
    if _is_unchanged(environ.get("HTTP_IF_MODIFIED_SINCE", ""), int(state.st_mtime)):
        start_response("304 Not Modified", [])
        return []
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(state.st_size)),
        ("Last-Modified", formatdate(int(state.st_mtime), usegmt=True)),
        ("Cache-Control", "no-cache"),
    ]
    start_response("200 OK", headers)
    return FileWrapper(file.open("rb"))


def _is_unchanged(since: str, modified: int) -> bool:
    try:
        return parsedate_to_datetime(since).timestamp() >= modified
    except (ValueError, TypeError):
        return False


def _plain(
    start_response: StartResponse, status: str, headers: list[tuple[str, str]]
) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return [status.encode()]
