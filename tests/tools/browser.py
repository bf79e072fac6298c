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
import sys
from collections.abc import Iterator
from pathlib import Path

import machine_packages
from environments import ENVIRONMENTS, HOME, ensure

VARIABLE = "EM_TEST_BROWSER"
COMMANDS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium-headless-shell", "chromium")
DOWNLOADS = HOME / "browser"


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


def find() -> Path | None:
    """Return a browser that runs, None without any."""
    return next((path for path in _candidates() if machine_packages.answers(path, "--version")), None)


def _download() -> str:
    python = ensure(ENVIRONMENTS["browser"]).python
    return machine_packages.problem_of((str(python), "-m", "playwright", "install", "--only-shell", "chromium"), PLAYWRIGHT_BROWSERS_PATH=str(DOWNLOADS))


def _package() -> str:
    return machine_packages.install(PACKAGES)


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
