"""The code of a function as it lies on this machine: its folders, and whether they have changed.

    task root     ``CodeUri``, or ``.aws-sam/build/<LogicalId>`` if that is newer, an unpacked
                  archive, inline code: what Lambda has as ``/var/task``
    libraries     what Python searches after it: ``requirements.txt`` installed, then the layers'
                  ``/opt/python``
    layers        what Lambda merges into ``/opt``, the last of the template first: it wins

https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.awslambda.reload import CodeTree, Fingerprint, file_states

if TYPE_CHECKING:
    from emulator.application import Function
    from emulator.awslambda.interpreters import Interpreter
    from emulator.awslambda.requirements import Requirements
    from emulator.awslambda.runtimes import Runtime

REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Folders from which an environment can start."""

    task_root: Path
    libraries: tuple[Path, ...]
    layers: tuple[Path, ...]


class Package:
    """The code of one function.

    Args:
        directory: inline code and unpacked archives go there.
        trees: the folders that functions share.
    """

    def __init__(
        self,
        function: Function,
        runtime: Runtime,
        *,
        directory: Path,
        requirements: Requirements,
        trees: dict[Path, CodeTree],
    ) -> None:
        self._function = function
        self._runtime = runtime
        self._directory = directory
        self._requirements = requirements
        self._source = self._find_source()
        self._tree = trees.setdefault(self._source, CodeTree(self._source))
        self._layer_trees = [trees.setdefault(layer, CodeTree(layer)) for layer in function.layers]

    def begin(self, interpreter: Interpreter) -> None:
        """Begin to install what the function requires; returns at once."""
        for file in self._requirements_files(self._task_root(), self._layers()):
            self._requirements.begin(file, interpreter, self._function.name)

    def prepare(self, interpreter: Interpreter) -> Prepared:
        """Give the folders, once everything is in them.

        Raises:
            RequirementsError: what the function requires cannot be installed.
        """
        task_root, layers = self._task_root(), self._layers()
        libraries = [
            folder
            for file in self._requirements_files(task_root, layers)
            for folder in self._requirements.folders(file, interpreter, self._function.name)
        ]
        if self._runtime.family == "python":
            site_packages = f"python/lib/python{self._runtime.version}/site-packages"
            libraries += [layer / site_packages for layer in layers]
            libraries += [layer if _is_unbuilt(layer) else layer / "python" for layer in layers]
        return Prepared(task_root=task_root, libraries=tuple(libraries), layers=layers)

    def fingerprint(self, *, fresh: bool = False) -> Fingerprint:
        """Tell one state of the code from another."""
        build = [str(file) for file in self._build_files()]
        built = tuple((name, *state) for name, state in file_states(build).items())
        layers = [state for tree in self._layer_trees for state in tree.fingerprint(fresh=fresh)]
        return (*self._tree.fingerprint(fresh=fresh), *layers, *built)

    def _find_source(self) -> Path:
        if self._function.code_root is not None:
            return self._function.code_root.resolve()
        root = self._directory / "inline" / self._function.logical_id
        root.mkdir(parents=True, exist_ok=True)
        name = "index.py" if self._runtime.family == "python" else "index.js"
        (root / name).write_text(self._function.inline_code or "")
        return root.resolve()

    def _task_root(self) -> Path:
        build = self._function.build_folder
        if build is not None and build.is_dir() and self._is_fresh():
            return build.resolve()
        return self._unpacked(self._source)

    def _is_fresh(self) -> bool:
        """Tell whether ``sam build`` has run after the last change of the code."""
        changed = max((entry[1] for entry in self._tree.fingerprint(fresh=True)), default=0)
        return any(file.exists() and file.stat().st_mtime_ns >= changed
                   for file in self._build_files())  # fmt: skip

    def _build_files(self) -> tuple[Path, ...]:
        """Name what ``sam build`` writes anew each time."""
        build = self._function.build_folder
        return () if build is None else (build, build.parent / "template.yaml")

    def _layers(self) -> tuple[Path, ...]:
        return tuple(self._unpacked(layer) for layer in reversed(self._function.layers))

    def _requirements_files(self, task_root: Path, layers: tuple[Path, ...]) -> list[Path]:
        """Find what is still to be installed; a built or packed function has it with it."""
        if self._runtime.family != "python":
            return []
        unbuilt = [task_root] if task_root == self._source else []
        unbuilt += [layer for layer in layers if _is_unbuilt(layer)]
        return [place / REQUIREMENTS for place in unbuilt if (place / REQUIREMENTS).is_file()]

    def _unpacked(self, path: Path) -> Path:
        """Give the folder of an archive's content; a folder as it is."""
        if path.is_dir():
            return path.resolve()
        state = path.stat()
        text = f"{path.resolve()}:{state.st_mtime_ns}:{state.st_size}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        folder = self._directory / "unpacked" / f"{path.stem}-{digest}"
        if not folder.exists():
            beside = folder.with_name(f"{folder.name}.{self._function.logical_id}")
            shutil.rmtree(beside, ignore_errors=True)
            _unpack(path, beside)
            try:
                beside.rename(folder)
            except OSError:  # another function was faster
                shutil.rmtree(beside, ignore_errors=True)
        return folder.resolve()


def _is_unbuilt(layer: Path) -> bool:
    """Tell whether a layer is what ``sam build`` makes a layer of (``BuildMethod: python3.x``)."""
    return (layer / REQUIREMENTS).is_file() and not (layer / "python").is_dir()


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack with the files' permissions, which ``zipfile`` leaves out."""
    with zipfile.ZipFile(archive) as content:
        for member in content.infolist():
            place = Path(content.extract(member, folder))  # names cannot lead outside
            mode = (member.external_attr >> 16) & 0o777
            if mode:
                place.chmod(mode | (0o700 if member.is_dir() else 0o600))
