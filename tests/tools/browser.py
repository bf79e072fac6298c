# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find a headless Chromium for the tests that open a page, or install one; as a command, print where it is.

What ``EM_TEST_BROWSER`` names comes first, then what the machine has, then what Playwright downloads into ``.venv``. Where its download host
cannot be reached, a machine that runs this as root and has apt gets the package of its distribution.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from environments import ENVIRONMENTS, HOME, clean_environ, ensure

VARIABLE = "EM_TEST_BROWSER"
COMMANDS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium-headless-shell", "chromium")
DOWNLOADS = HOME / "browser"
_PATIENCE = 600  # seconds that an installation may take


class MissingBrowser(Exception):
    """There is no browser on this machine, and none could be installed."""


def _candidates() -> Iterator[Path]:
    named = os.environ.get(VARIABLE)
    if named:
        yield Path(named)
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            yield Path(found)
    for pattern in ("*/*/headless_shell", "*/*/chrome-headless-shell", "*/*/chrome"):
        yield from sorted(DOWNLOADS.glob(pattern), reverse=True)


def _runs(path: Path) -> bool:
    """Tell whether it starts: a command may be there that only says how to install it, or lack a library."""
    try:
        return subprocess.run([str(path), "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find() -> Path | None:
    """Return a browser that runs, None without any."""
    return next(filter(_runs, _candidates()), None)


def _done(command: Sequence[str], **environ: str) -> str:
    """Run a command; return "" when it went well, otherwise what it said last."""
    try:
        done = subprocess.run(
            command, env=clean_environ(**environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return f"{command[0]}: {problem}"
    said = done.stdout.strip().splitlines() or ["nothing"]
    return f"{' '.join(command[:4])} ended with {done.returncode} and said: {said[-1]}" if done.returncode else ""


def _download() -> str:
    python = ensure(ENVIRONMENTS["browser"]).python
    return _done((str(python), "-m", "playwright", "install", "--only-shell", "chromium"), PLAYWRIGHT_BROWSERS_PATH=str(DOWNLOADS))


def _package() -> str:
    apt = shutil.which("apt-get")
    if not apt:
        return "there is no apt-get"
    if os.geteuid():
        return f"only root may install a package: apt-get install {PACKAGES[0]}"
    problem = _done((apt, "update"))
    for package in PACKAGES:
        problem = _done((apt, "install", "--yes", "--no-install-recommends", package), DEBIAN_FRONTEND="noninteractive")
        if not problem:
            break
    return problem


def obtain() -> Path:
    """Return a browser that runs, installed where there was none. Raises MissingBrowser with what was tried."""
    found, tried = find(), []
    for way in () if found else (_download, _package):
        tried.append(way() or "it was installed, and does not start")
        found = find()
        if found:
            break
    if not found:
        raise MissingBrowser(f"no browser opens the HTML report; {VARIABLE} may name one. Tried: {'; '.join(tried)}")
    return found


if __name__ == "__main__":
    try:
        print(obtain())
    except MissingBrowser as missing:
        sys.exit(str(missing))
