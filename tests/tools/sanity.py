# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ``ansible-test sanity`` of one ansible-core line on a copy of the checkout: ``sanity.py 2.19 [more arguments]``.

A copy, because ansible-test wants its own place in a collection tree and writes into it. It gets a HOME of its own, so
that the user's stays untouched, and finds the pip bootstrap script it would otherwise download already in its cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from environments import COLLECTION, ENVIRONMENTS, HOME, ROOT, SUPPORTED_PYTHONS, clean_environ, ensure, find_python

# ansible-test asks for one of these, by the ansible-core line; all do the same.
BOOTSTRAPS = ("23_1_2", "24_2", "25_2")
BOOTSTRAP = """\
import os
import subprocess
import sys

wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
env = {key: value for key, value in os.environ.items() if key != "GET_PIP"}
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], env=env, stdout=subprocess.DEVNULL)
if wanted:
    subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted], env=env)
"""


def copy_checkout(target: Path) -> None:
    """Copy what git tracks, and what it would if it were added, into an emptied folder."""
    shutil.rmtree(target, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name, follow_symlinks=False)
    # A repository of its own: otherwise ansible-test asks the one around it, which ignores this folder.
    subprocess.run(["git", "init", "--quiet", str(target)], check=True)


def link_pythons(folder: Path) -> None:
    """Fill a folder with links to each Python that runs: version managers put names on PATH that do not."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for version in SUPPORTED_PYTHONS:
        found = find_python(version)
        if found:
            (folder / f"python{version}").symlink_to(found)


def private_home(folder: Path) -> None:
    """Make a HOME with the bootstrap script where ansible-test caches its download."""
    cache = folder / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in BOOTSTRAPS:
        (cache / f"get_pip_{version}.py").write_text(BOOTSTRAP, encoding="utf-8")


def run(line: str, arguments: list[str]) -> int:
    """Run the tests and return the exit code of ansible-test; its JUnit files lie in ``.venv/sanity-2.NN/junit``."""
    environment = ensure(ENVIRONMENTS[f"core-{line}"])
    work = HOME / f"sanity-{line}"
    checkout = work.joinpath(*COLLECTION)
    copy_checkout(checkout)
    private_home(work / "home")
    link_pythons(work / "pythons")
    path = [part for part in os.environ["PATH"].split(os.pathsep) if not part.endswith("/shims")]
    environ = clean_environ(HOME=str(work / "home"), PATH=os.pathsep.join([str(environment.bin), str(work / "pythons"), *path]))
    command = [str(environment.bin / "ansible-test"), "sanity", "--local", "--python", "default", "--color", "no", "--junit", *arguments]
    done = subprocess.run(command, cwd=checkout, env=environ, check=False)
    shutil.rmtree(work / "junit", ignore_errors=True)
    written = checkout / "tests" / "output" / "junit"
    if written.is_dir():
        shutil.copytree(written, work / "junit")
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1], sys.argv[2:]))
