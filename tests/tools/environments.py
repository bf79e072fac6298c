# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual environments of the developers' tools: which there are, how they are made, what a tool sees.

Standard library only, because this runs before anything is installed. All that is made lies below ``.venv``;
the versions stand in ``tests/requirements``. An environment is made anew when its requirements or its Python change.

Command line: ``environments.py NAME...`` makes the named environments and prints the folder of each one's commands.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".venv"
REQUIREMENTS = ROOT / "tests" / "requirements"
COLLECTION = ("ansible_collections", "openbackup", "veeam_em")

# Each ansible-core line with the Python versions it is tested on: the first one that the machine has.
LINES: Mapping[str, tuple[str, ...]] = {
    "2.17": ("3.11", "3.12", "3.10"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.13", "3.12", "3.14"),
}
MAIN_LINE = "2.19"
SUPPORTED_PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")


class MissingPython(Exception):
    """No Python of the wanted versions is on this machine."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment.

    Args:
        name: folder below ``.venv``.
        pythons: acceptable versions, best first.
        requirements: files of ``tests/requirements``, without ``.txt``.
        constrained: whether ``constraints.txt`` holds; not for files that are locked themselves.
    """

    name: str
    pythons: tuple[str, ...]
    requirements: tuple[str, ...]
    constrained: bool = True

    @property
    def path(self) -> Path:
        return HOME / self.name

    @property
    def bin(self) -> Path:
        return self.path / "bin"

    @property
    def python(self) -> Path:
        return self.bin / "python"


def line_environment(line: str) -> Environment:
    """Return the environment of one ansible-core line, such as ``2.19``."""
    extra = ("check",) if line == MAIN_LINE else ()
    return Environment(f"core-{line}", LINES[line], (f"core-{line}", "runtime", "tests", *extra))


ENVIRONMENTS: Mapping[str, Environment] = {
    **{f"core-{line}": line_environment(line) for line in LINES},
    "lint": Environment("lint", LINES[MAIN_LINE], (f"core-{MAIN_LINE}", "runtime", "lint")),
    "awx": Environment("awx", LINES[MAIN_LINE], (f"core-{MAIN_LINE}", "runtime", "tests", "awx")),
    "importer": Environment("importer", LINES[MAIN_LINE], ("importer",), constrained=False),
    "browser": Environment("browser", LINES[MAIN_LINE], (f"core-{MAIN_LINE}", "runtime", "tests", "browser")),
    "clients": Environment("clients", ("3.11", "3.10"), ("clients",), constrained=False),
    "reports": Environment("reports", LINES[MAIN_LINE], ("reports",), constrained=False),
}
MAIN = ENVIRONMENTS[f"core-{MAIN_LINE}"]


def _answers(python: Path, version: str) -> bool:
    """Tell whether it runs and is of the version: a shim on PATH may exist for a Python that does not."""
    code = "import ssl, sys, venv; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == version


def _candidates(version: str) -> Iterator[Path]:
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        yield Path(getattr(sys, "_base_executable", sys.executable))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder:
            yield Path(folder) / f"python{version}"


@functools.cache
def find_python(version: str) -> Path | None:
    """Return a Python of that version (``3.12``) that runs, or None."""
    return next((path for path in _candidates(version) if _answers(path, version)), None)


def choose_python(versions: tuple[str, ...]) -> Path:
    """Return the first Python of these versions that the machine has. Raises MissingPython."""
    for version in versions:
        found = find_python(version)
        if found:
            return found
    raise MissingPython(f"no Python {' or '.join(versions)} on PATH or below PYENV_ROOT")


def clean_environ(**more: str) -> dict[str, str]:
    """Return the environment variables for a tool: the user's, without what would change a result.

    Certificates and proxies stay, because an installer needs them and the collection has to cope with them.
    """
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTEST_ADDOPTS", "PYENV_VERSION")
    kept = {key: value for key, value in os.environ.items() if key not in dropped and not key.startswith(("ANSIBLE_", "VEEAM_EM_"))}
    return {**kept, "LC_ALL": "C.UTF-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


def _requirement_text(name: str) -> str:
    """Return a requirements file with the files it refers to."""
    path = REQUIREMENTS / f"{name}.txt"
    text = path.read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("-r "):
            text += (path.parent / line[3:].strip()).read_text(encoding="utf-8")
    return text


def _fingerprint(environment: Environment, python: Path) -> str:
    parts = [str(python.resolve()), *(_requirement_text(name) for name in environment.requirements)]
    if environment.constrained:
        parts.append(_requirement_text("constraints"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    """Let one process at a time make an environment."""
    HOME.mkdir(exist_ok=True)
    with (HOME / f"{name}.lock").open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _run(*command: str) -> None:
    done = subprocess.run(command, env=clean_environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")


@functools.cache
def uv() -> Path | None:
    """Return the installer uv, which is ten times faster than pip, or None where it cannot be had."""
    wanted = _requirement_text("uv")
    folder = HOME / "uv"
    stamp = folder / "made-of"
    with _locked("uv"):
        if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            try:
                _run(sys.executable, "-m", "venv", str(folder))
                _run(str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS / "uv.txt"))
            except SystemExit as problem:
                print(f"uv cannot be installed, so pip is used, which is slower. {problem}", file=sys.stderr)
                return None
            stamp.write_text(wanted, encoding="utf-8")
    return folder / "bin" / "uv"


def _install(environment: Environment, python: Path) -> None:
    files = [argument for name in environment.requirements for argument in ("-r", str(REQUIREMENTS / f"{name}.txt"))]
    if environment.constrained:
        files += ["-c", str(REQUIREMENTS / "constraints.txt")]
    installer = uv()
    if installer:
        _run(str(installer), "venv", "--quiet", "--python", str(python), str(environment.path))
        _run(str(installer), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(environment.python), *files)
    else:
        _run(str(python), "-m", "venv", str(environment.path))
        _run(str(environment.python), "-m", "pip", "install", "--quiet", *files)


def ensure(environment: Environment) -> Environment:
    """Make the environment where it is missing or out of date. Raises MissingPython; ends the program where an install fails."""
    python = choose_python(environment.pythons)
    wanted = _fingerprint(environment, python)
    stamp = environment.path / "made-of"
    with _locked(environment.name):
        if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
            shutil.rmtree(environment.path, ignore_errors=True)
            _install(environment, python)
            stamp.write_text(wanted, encoding="utf-8")
    return environment


def collection_tree() -> Path:
    """Return a folder that holds ``ansible_collections/openbackup/veeam_em``: this checkout, by a link where it lies elsewhere."""
    if ROOT.parts[-3:] == COLLECTION:
        return ROOT.parents[2]
    tree = HOME / "tree"
    link = tree.joinpath(*COLLECTION)
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        link.symlink_to(os.path.relpath(ROOT, link.parent), target_is_directory=True)
    return tree


if __name__ == "__main__":
    for wanted_name in sys.argv[1:]:
        print(ensure(ENVIRONMENTS[wanted_name]).bin)
