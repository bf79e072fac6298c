# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install what no Python package brings, such as a browser, on a machine that runs the tests as root and has apt."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from environments import clean_environ

_PATIENCE = 600  # seconds that an installation may take


def answers(program: Path, *arguments: str) -> bool:
    """Tell whether a program starts: a command may be there that only says how to install it, or lack a library."""
    try:
        return subprocess.run([str(program), *arguments], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def problem_of(command: Sequence[str], **environ: str) -> str:
    """Run a command; return "" when it went well, otherwise what it said last."""
    try:
        done = subprocess.run(
            command, env=clean_environ(**environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return f"{command[0]}: {problem}"
    said = done.stdout.strip().splitlines() or ["nothing"]
    return f"{' '.join(command[:4])} ended with {done.returncode} and said: {said[-1]}" if done.returncode else ""


def install(packages: Sequence[str]) -> str:
    """Install the first of these packages that the distribution has; return "" when it went well, otherwise why not."""
    apt = shutil.which("apt-get")
    if not apt:
        return "there is no apt-get"
    if os.geteuid():
        return f"only root may install a package: apt-get install {packages[0]}"
    problem = problem_of((apt, "update"))
    for package in packages:
        problem = problem_of((apt, "install", "--yes", "--no-install-recommends", package), DEBIAN_FRONTEND="noninteractive")
        if not problem:
            break
    return problem
