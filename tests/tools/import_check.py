# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball and let galaxy-importer judge it, as Ansible Galaxy does on an upload."""

from __future__ import annotations

import shutil
import subprocess
import sys

from environments import HOME, ROOT

WORK = HOME / "import"


def main() -> int:
    """Return the importer's exit code."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    subprocess.run(["ansible-galaxy", "collection", "build", "--force", "--output-path", str(WORK), str(ROOT)], check=True)
    (tarball,) = WORK.glob("*.tar.gz")
    return subprocess.run([sys.executable, "-m", "galaxy_importer.main", str(tarball)], cwd=WORK, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
