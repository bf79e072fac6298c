# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment without a container: its build context, read, and all that the context asks for, in an empty virtual environment.

The steps are those of the Containerfile, run by a shell as the builder of an image would run them. Left out are the steps that need root,
another system or a file system of their own: system packages, the user, the entry point.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ee_context
import environments
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SHARED = "/usr/share/ansible"  # where an image keeps roles and collections
CONSTRAINTS = environments.REQUIREMENTS / "constraints.txt"


@functools.cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    # Goes away with the process, as what holds it does.
    return tempfile.TemporaryDirectory(prefix="ee-testing-")


@dataclass(frozen=True)
class Instruction:
    """One line of a Containerfile: its word, what follows, and the stage it belongs to."""

    word: str
    text: str
    stage: str


@dataclass(frozen=True)
class Context:
    """A build context."""

    folder: Path

    @property
    def build(self) -> Path:
        """What the stages of the build find in their working directory."""
        return self.folder / "_build"

    @functools.cached_property
    def instructions(self) -> list[Instruction]:
        """The lines of the Containerfile; ansible-builder never breaks one."""
        found: list[Instruction] = []
        stage = ""
        for line in (self.folder / ee_context.CONTAINERFILE).read_text(encoding="utf-8").splitlines():
            word, _space, text = line.partition(" ")
            if word == "FROM":
                stage = text.split(" AS ")[1]
            if word and word != "#":
                found.append(Instruction(word, text, stage))
        return found

    def of(self, word: str) -> list[Instruction]:
        """Return the lines with one word, in their order."""
        return [instruction for instruction in self.instructions if instruction.word == word]

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of the build with their values, which stand before the first stage."""
        pairs = (instruction.text.split("=", 1) for instruction in self.of("ARG") if not instruction.stage)
        return {name: value.strip('"') for name, value in pairs}

    def step(self, part: str) -> str:
        """Return the only command of the build that has this in it."""
        (found,) = (instruction.text for instruction in self.of("RUN") if part in instruction.text)
        return found

    @property
    def python_version(self) -> str:
        """The version in the name of the interpreter, such as 3.12."""
        return self.arguments["PYCMD"].rpartition("python")[2]


@functools.cache
def made_context() -> Context:
    """Return the context that ``make ee-context`` makes, made once a process."""
    return Context(ee_context.make_context(Path(_scratch().name) / "ee"))


@dataclass(frozen=True)
class Installed:
    """What is in the image beside the system: Ansible, its engine, collections, libraries."""

    folder: Path
    context: Context

    @property
    def bin(self) -> Path:
        """Where the commands lie."""
        return self.folder / "venv" / "bin"

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.bin / "python"

    @property
    def collections(self) -> Path:
        """The folder for ANSIBLE_COLLECTIONS_PATH."""
        return self.folder / "share" / "collections"

    def environ(self, **more: str) -> dict[str, str]:
        """Return the variables of a process in it: nothing of the user's Ansible, nothing of the checkout."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        inherited = environments.clean_environ()
        path = f"{self.bin}:{inherited['PATH']}"
        return {**inherited, "PATH": path, "HOME": str(home), "ANSIBLE_COLLECTIONS_PATH": str(self.collections), **more}

    def run(self, command: str | Sequence[str], **more: str) -> str:
        """Run a command of it, or a line for the shell, in the working directory of the build; return what it printed. Raises AssertionError.

        Args: more: further variables.
        """
        environ = self.environ(**more)
        shell = isinstance(command, str)
        done = subprocess.run(command, shell=shell, cwd=self.context.build, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def run_step(self, part: str, *words: str) -> str:
        """Run the step of the build that has this in it, with the folders of an image replaced by ours; return what it printed.

        Args: words: further arguments of the command.
        """
        step = self.context.step(part).replace(SHARED, str(self.folder / "share")).replace("/output/", f"{self.context.build}/")
        step = re.sub(r"(--write-\w+)=\S+/", rf"\1={self.folder}/", step)
        arguments = {**self.context.arguments, "PYCMD": str(self.python), "ANSIBLE_GALAXY_CLI_COLLECTION_OPTS": "--offline"}
        return self.run(" ".join([step, *words]), **arguments)

    def packages(self) -> dict[str, importlib.metadata.Distribution]:
        """Return the Python packages that are installed, by name."""
        (site,) = self.folder.glob("venv/lib/python*/site-packages")
        return {canonicalize_name(found.metadata["Name"]): found for found in importlib.metadata.distributions(path=[str(site)])}

    def needs(self, roots: Iterable[str]) -> set[str]:
        """Return the names of some packages and of all that these need on this Python."""
        packages, waiting, found = self.packages(), [canonicalize_name(name) for name in roots], set[str]()
        marks = {"python_version": self.context.python_version, "python_full_version": f"{self.context.python_version}.0", "extra": ""}
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                wanted = map(Requirement, packages[name].requires or () if name in packages else ())
                waiting += [canonicalize_name(one.name) for one in wanted if one.marker is None or one.marker.evaluate(marks)]
        return found


def requirements_of(path: Path) -> Iterator[Requirement]:
    """Yield what a file asks pip for."""
    for line in path.read_text(encoding="utf-8").splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted:
            yield Requirement(wanted)


def interpreter(context: Context) -> Path:
    """Return the Python of the context's version, or where the machine has none, one of those that the main line of ansible-core is tested with."""
    return environments.choose_python((context.python_version, *environments.LINES[environments.MAIN_LINE]))


def install(folder: Path, without: Sequence[str] = ()) -> Installed:
    """Install what the context asks for into an empty virtual environment in the folder.

    The versions that the context leaves open are those the other tests run with. Args: without: names of Python packages to leave out.
    """
    context = made_context()
    installed = Installed(folder, context)
    _make_venv(installed, interpreter(context))
    _pip(installed, context.arguments["ANSIBLE_INSTALL_REFS"].split())
    for part in ("check_galaxy", "ansible-galaxy role install", "ansible-galaxy collection install"):
        installed.run_step(part)
    # It looks where an image has its collections unless it is told another place.
    installed.run_step("introspect.py", str(installed.collections))
    wanted = [one for one in requirements_of(folder / "requirements.txt") if one.name not in without]
    if wanted:
        _pip(installed, [str(one) for one in wanted])
    return installed


def _make_venv(installed: Installed, python: Path) -> None:
    uv = environments.uv()
    maker: Sequence[str] = (str(uv), "venv", "--quiet", "--python", str(python)) if uv else (str(python), "-m", "venv")
    installed.run([*maker, str(installed.folder / "venv")])


def _pip(installed: Installed, wanted: Sequence[str]) -> None:
    uv = environments.uv()
    pip: Sequence[str] = (
        (str(uv), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(installed.python))
        if uv
        else (str(installed.python), "-m", "pip", "install", "--quiet")
    )
    # The user's own home, where the installer keeps its settings and what it fetched before.
    installed.run([*pip, *wanted, "--constraint", str(CONSTRAINTS)], HOME=environments.clean_environ()["HOME"])
