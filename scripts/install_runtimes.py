"""Install what the runtimes of functions need besides the emulator's own Python.

Node.js: AWS's runtime client and SDK from npm, pinned by ``node_runtime/package-lock.json``; their
install scripts, which would compile a native client, are not run.
Other Pythons: the compiled half of what AWS's runtime has, from PyPI, pinned by
``requirements.lock``; the other half is compiled to byte code for those that are on this machine,
so that the first start of a function need not.
All of it goes into the virtual environment; nothing is committed. What cannot be installed is told
and left out: the emulator runs without it, and says which functions it cannot run.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from emulator.awslambda.interpreters import Interpreters, Places
from emulator.awslambda.runtimes import parse_runtime

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "scripts" / "node_runtime"
PLACE = Path(sys.prefix) / "share" / "filestore-emulator"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
COMPILED = ("simplejson", "time-machine")
PURE = ("awslambdaric", "boto3", "botocore", "dateutil", "jmespath", "s3transfer", "urllib3")


def main(stamp: str) -> None:
    """Install everything; the stamp is made if nothing is missing."""
    PLACE.mkdir(parents=True, exist_ok=True)
    missing = [] if _install_node() else ["Node.js functions"]
    missing += [f"Python {version} functions" for version in _install_pythons()]
    _compile()
    if missing:
        print(f"not installed, and so not run by their own version: {', '.join(missing)}")  # noqa: T201
    else:
        Path(stamp).touch()


def _install_node() -> bool:
    npm = [shutil.which("npm")] if shutil.which("npm") else [sys.executable, "-m", "nodejs", "npm"]
    folder = PLACE / "node"
    lock = "package-lock.json"
    installed = folder / "node_modules" / ".installed"
    if installed.exists() and installed.read_bytes() == (NODE / lock).read_bytes():
        return True
    folder.mkdir(exist_ok=True)
    for name in ("package.json", lock):
        shutil.copy(NODE / name, folder)
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        [*npm, "ci", *options], cwd=folder, check=False, stdout=subprocess.DEVNULL
    )
    if done.returncode == 0:
        shutil.copy(NODE / lock, installed)
    return done.returncode == 0


def _install_pythons() -> list[str]:
    """Install for every Python but our own; give those for which it failed."""
    requirements = PLACE / "compiled.txt"
    requirements.write_text("".join(_locked(name) for name in COMPILED))
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    running = {}
    for version in PYTHONS:
        if version != own:
            command = _pip(version, PLACE / f"python{version}.new", requirements)
            running[version] = subprocess.Popen(command)
    return [version for version, process in running.items() if not _finish(version, process)]


def _compile() -> None:
    """Compile what functions of other Pythons load; where that fails, they do it themselves."""
    packages = Path(sysconfig.get_path("purelib"))
    interpreters = Interpreters(Places.of_user())
    for version in PYTHONS:
        runtime = parse_runtime(f"python{version}")
        found = runtime and interpreters.find(runtime)
        if found and found.version == version and str(found.program) != sys.executable:
            folders = [str(packages / name) for name in PURE]
            compiling = [str(found.program), "-I", "-m", "compileall", "-q", *folders]
            subprocess.run(compiling, check=False, stdout=subprocess.DEVNULL)


def _pip(version: str, place: Path, requirements: Path) -> list[str]:
    shutil.rmtree(place, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    kind = ["--python-version", version, "--only-binary", ":all:", "--no-deps"]
    return [*pip, *kind, "--require-hashes", "--target", str(place), "-r", str(requirements)]


def _finish(version: str, process: subprocess.Popen[bytes]) -> bool:
    if process.wait() != 0:
        return False
    place = PLACE / f"python{version}"
    shutil.rmtree(place, ignore_errors=True)
    place.with_name(f"{place.name}.new").rename(place)
    return True


def _locked(name: str) -> str:
    """Take a package's lines out of the lock file."""
    lock = (ROOT / "requirements.lock").read_text()
    found = re.search(rf"^{name}==[^\\\n]*(?:\\\n[^\\\n]*)*\n", lock, re.MULTILINE)
    if found is None:
        sys.exit(f"requirements.lock has no {name}")
    return found[0]


if __name__ == "__main__":
    main(sys.argv[1])
