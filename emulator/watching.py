"""Watches the template and the code of a running application, and acts on what is saved.

A changed template is read and applied; what cannot be read is told in one line, and what ran goes
on. A saved Python file that does not compile is told at once, with its place; the functions learn
of their own changes themselves (``awslambda/reload.py``), and are only told to look at once.
"""

from __future__ import annotations

import hashlib
import logging
import os
import queue
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from emulator.awslambda import LEFT_OUT, syntax_error
from emulator.errors import EmulatorError
from emulator.settings import DATA_FOLDER_MARK
from emulator.updating import update_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from emulator.application import Application, Function
    from emulator.stack import Stack

_log = logging.getLogger(__name__)
_SETTLE_SECONDS = 0.05
_MOST_FOLDERS = 64  # each costs two threads; what is deeper is noticed when it is invoked
_WANTED = frozenset({"created", "modified", "moved", "deleted", "closed"})


class Watch:
    """A running watch.

    Args:
        load: reads the template anew.
        loaded_at_ns: when it was read first; what was saved since then counts as changed.
        say: shows a line or a block to the user.
    """

    def __init__(
        self,
        stack: Stack,
        *,
        load: Callable[[], Application],
        loaded_at_ns: int,
        say: Callable[[str], None],
    ) -> None:
        self._stack = stack
        self._load = load
        self._say = say
        self._saved: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._handler = _Handler(self._hear)
        self._observer = Observer()
        self._folders: set[str] = set()
        self._states = {
            file: None if _is_newer(file, loaded_at_ns) else _digest(file)
            for file in stack.application.watched_files
        }
        self._broken: set[Path] = set()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch; a machine without watches left is only told of it."""
        try:
            self._observer.start()
            self._extend()
        except OSError as error:
            self._say(f"emulator: saved templates and syntax errors are not noticed: {error}")
        self._thread.start()
        # What was saved while the watch was being set up gave no event.
        self._saved.put(str(self._stack.application.template))

    def stop(self) -> None:
        """End; twice does no harm."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()
        self._saved.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _hear(self, path: str) -> None:
        self._stack.functions.look_again()
        self._saved.put(path)

    def _run(self) -> None:
        while (saved := self._next_saved()) is not None:
            try:
                self._act(saved)
            except Exception:  # noqa: BLE001 -- a thread loop: one save must not end the watch
                _log.exception("a change was not applied")

    def _next_saved(self) -> set[Path] | None:
        """Wait for a save, and for it to be over."""
        saved: set[Path] = set()
        path = self._saved.get()
        while path is not None:
            saved.add(Path(path))
            try:
                path = self._saved.get(timeout=_SETTLE_SECONDS)
            except queue.Empty:
                return saved
        return None

    def _act(self, saved: set[Path]) -> None:
        for file in sorted(saved):
            if file.is_dir():
                self._extend()
            elif file.suffix == ".py":
                self._check(file)
        states = _digests(self._states)
        if states != self._states:
            self._states = states
            self._update()

    def _update(self) -> None:
        name = self._stack.application.template.name
        told = set(self._shortfalls())
        try:
            update = update_stack(self._stack, self._load())
        except EmulatorError as error:
            self._say(f"emulator: {error}; what ran before goes on")
            if isinstance(file := getattr(error, "file", None), Path):
                self._states.setdefault(file, _digest(file))
                self._extend()
            return
        if update.changes:
            self._say(f"emulator: {name} is updated: {', '.join(update.changes)}")
        for line in update.refused:
            self._say(f"emulator: {name}: {line}")
        for line in self._shortfalls():
            if line not in told:
                self._say(f"emulator: {name}: {line}")
        self._states = _digests(self._stack.application.watched_files)
        self._extend()

    def _shortfalls(self) -> Iterator[str]:
        """Give what the start tells of an application that does not run as on AWS."""
        yield from self._stack.functions.warnings()
        for note in self._stack.application.support_notes:
            if note.level == "unsupported":
                yield f"{note.place}: {note.reason}"

    def _check(self, file: Path) -> None:
        functions = [
            function.name
            for function in self._stack.application.functions
            if any(file.is_relative_to(root) for root in _roots(function))
        ]
        if not functions:
            return
        problem = syntax_error(file)
        if problem is not None:
            self._broken.add(file)
            self._say(
                f"emulator: {problem}\n"
                f"  {', '.join(functions)}: invocations that load it fail until it is mended"
            )
        elif file in self._broken:
            self._broken.discard(file)
            self._say(f"emulator: {file} is mended")

    def _extend(self) -> None:
        """Watch the folders that are not watched yet."""
        for folder in self._wanted_folders():
            if folder in self._folders:
                continue
            if len(self._folders) >= _MOST_FOLDERS:
                return
            try:
                self._observer.schedule(self._handler, folder)
            except OSError:
                continue  # it has gone meanwhile, or there are no watches left
            self._folders.add(folder)

    def _wanted_folders(self) -> Iterator[str]:
        for file in self._states:
            yield str(file.absolute().parent)
        for function in self._stack.application.functions:
            for root in _roots(function):
                yield from folders_below(root)


class _Handler(FileSystemEventHandler):
    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _WANTED:
            self._hear(os.fsdecode(event.dest_path or event.src_path))


def _roots(function: Function) -> Iterator[Path]:
    if function.code_root is not None:
        yield function.code_root.resolve()
    for layer in function.layers:
        yield layer.resolve()


def folders_below(root: Path) -> Iterator[str]:
    """Give the folders of a tree, the shallow ones first; data folders are no code."""
    waiting = deque([str(root)])
    while waiting:
        folder = waiting.popleft()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        if any(entry.name == DATA_FOLDER_MARK for entry in entries):
            continue
        yield folder
        waiting += sorted(
            entry.path
            for entry in entries
            if entry.name not in LEFT_OUT and entry.is_dir(follow_symlinks=False)
        )


def _is_newer(file: Path, than_ns: int) -> bool:
    try:
        return file.stat().st_mtime_ns >= than_ns
    except OSError:
        return True


def _digests(files: Iterable[Path]) -> dict[Path, bytes | None]:
    return {file: _digest(file) for file in files}


def _digest(file: Path) -> bytes | None:
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError:
        return None
