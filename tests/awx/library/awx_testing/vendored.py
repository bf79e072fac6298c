# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as a user has it: built into a tarball and installed from that by ``ansible-galaxy``."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from pathlib import Path

from em_testing.fixtures import ROOT
from em_testing.runner import ansible_commands

NAMES = ("ansible_collections", "openbackup", "veeam_em")


@functools.cache
def vendored_collections() -> Path:
    """Return a folder for ANSIBLE_COLLECTIONS_PATH with the installed collection: that of EM_TEST_COLLECTIONS, or one made once a process."""
    given = os.environ.get("EM_TEST_COLLECTIONS")
    if given:
        return Path(given)
    folder = _scratch()
    galaxy = [str(ansible_commands() / "ansible-galaxy"), "collection"]
    _run(*galaxy, "build", "--output-path", str(folder / "built"), str(ROOT))
    (tarball,) = (folder / "built").glob("*.tar.gz")
    _run(*galaxy, "install", "--offline", "--no-deps", "--force", "--collections-path", str(folder / "installed"), str(tarball))
    return folder / "installed"


def vendored_collection() -> Path:
    """Return the folder of the installed collection itself."""
    return vendored_collections().joinpath(*NAMES)


@functools.cache
def _made() -> tempfile.TemporaryDirectory[str]:
    # Goes away with the process, as what holds it does.
    return tempfile.TemporaryDirectory(prefix="awx-testing-")


def _scratch() -> Path:
    return Path(_made().name)


def _run(*command: str) -> None:
    # What is on the paths of the tests already is not what is to be installed.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
