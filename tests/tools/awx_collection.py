# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection ``awx.awx``, which no package of its own installs: the wheel of the package ``ansible`` carries it among all others.

It is fetched from the package registry once, and what it holds of ``awx.awx`` is kept below ``.venv``.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from environments import HOME

WHEEL = "ansible==12.3.0"
SHA256 = "cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
MEMBERS = "ansible_collections/awx/awx/"
KEPT = HOME / f"awx-collection-{SHA256[:12]}"
SECONDS = 600


def awx_collection() -> Path:
    """Return a folder for ANSIBLE_COLLECTIONS_PATH that holds ``awx.awx``, fetched where it is not there yet.

    Raises CalledProcessError, and ValueError for a wheel with another content.
    """
    if not (KEPT / MEMBERS / "MANIFEST.json").is_file():
        HOME.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=HOME) as folder:
            _unpack(_fetched(Path(folder)), Path(folder) / "tree")
            # Whoever comes second finds the folder of the first, which holds the same.
            with contextlib.suppress(OSError):
                (Path(folder) / "tree").rename(KEPT)
    return KEPT


def _fetched(folder: Path) -> Path:
    """Return the wheel, whose content is the known one."""
    # An environment that uv made has no pip; the one that uv lies in has.
    with_pip = HOME / "uv" / "bin" / "python"
    python = with_pip if with_pip.is_file() else Path(sys.executable)
    command = [str(python), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), WHEEL]
    subprocess.run(command, check=True, timeout=SECONDS)
    (wheel,) = folder.glob("*.whl")
    with wheel.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != SHA256:
            raise ValueError(f"{wheel.name} is not what it was")
    return wheel


def _unpack(wheel: Path, tree: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        for name in opened.namelist():
            if name.startswith(MEMBERS) and not name.endswith("/"):
                target = tree / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(name) as source, target.open("wb") as kept:
                    shutil.copyfileobj(source, kept)


if __name__ == "__main__":
    print(awx_collection())
