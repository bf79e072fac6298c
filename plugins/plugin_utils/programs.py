# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a program of the controller: no shell, an environment of its own, a time-out."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Optional, Sequence

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import Ended

_PATH_WITHOUT_ANY = "/usr/local/bin:/usr/bin:/bin"


def run_program(command: str, arguments: Sequence[str], given: bytes, folder: str, seconds: float) -> Optional[Ended]:
    """Return what came of a program; None where it is not there or takes too long.

    Args: command: its name; given: its standard input; folder: its home, for the time of the run; seconds: after which it is ended.
    """
    search = os.environ.get("PATH") or _PATH_WITHOUT_ANY
    found = shutil.which(command, path=search)
    if found is None:
        return None
    environ = {"PATH": search, "LC_ALL": "C", "HOME": folder}
    try:
        ran = subprocess.run([found, *arguments], input=given, capture_output=True, timeout=seconds, check=False, env=environ)  # noqa: S603
    except (subprocess.TimeoutExpired, OSError):
        return None
    return Ended(ran.returncode, ran.stdout, ran.stderr)
