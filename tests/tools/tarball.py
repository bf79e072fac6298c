# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball of the collection into ``build``, or into the folder that is named, from what git tracks and nothing else.

``ansible-galaxy`` alone packs whatever lies in the checkout, also a file with passwords that somebody put there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from environments import ROOT


def copy_tracked(target: Path, source: Path = ROOT) -> None:
    """Copy the files that git tracks, as they are now, into a folder. Raises CalledProcessError where the source is no checkout."""
    listed = subprocess.run(("git", "ls-files", "-z", "--cached"), cwd=source, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name, follow_symlinks=False)


def build_tarball(folder: Path) -> Path:
    """Build the tarball into a folder and return it. Raises CalledProcessError where git or ansible-galaxy refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        checkout, fresh = Path(made) / "checkout", Path(made) / "built"
        copy_tracked(checkout)
        command = ("ansible-galaxy", "collection", "build", "--output-path", str(fresh), str(checkout))
        subprocess.run(command, capture_output=True, check=True, text=True)
        (built,) = fresh.glob("*.tar.gz")
        return Path(shutil.copy2(built, folder))


if __name__ == "__main__":
    print(build_tarball(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build"))
