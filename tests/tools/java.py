# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the Java that ansible-rulebook runs its engine on, or install it where that can be done; as a command, print where it is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import machine_packages

PACKAGES = ("openjdk-17-jre-headless", "default-jre-headless")


class MissingJava(Exception):
    """There is no Java on this machine, and none could be installed."""


def find() -> Path | None:
    """Return the Java on PATH, None without one that runs."""
    found = shutil.which("java")
    return Path(found) if found and machine_packages.answers(Path(found), "-version") else None


def obtain() -> Path:
    """Return a Java that runs, installed where there was none. Raises MissingJava with what was tried."""
    found = find()
    if found:
        return found
    problem = machine_packages.install(PACKAGES)
    found = find()
    if not found:
        raise MissingJava(f"no Java runs rulebooks: {problem or 'it was installed, and does not start'}")
    return found


if __name__ == "__main__":
    try:
        print(obtain())
    except MissingJava as missing:
        sys.exit(str(missing))
