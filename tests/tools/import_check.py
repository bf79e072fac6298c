# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the tarball and let galaxy-importer judge it, as Ansible Galaxy does on an upload.

Galaxy insists on an address of the repository; as long as the project has none, the judged copy gets one reserved for examples.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from environments import HOME
from sanity import copy_checkout

WORK = HOME / "import"


def main() -> int:
    """Return the importer's exit code."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    checkout = WORK / "checkout"
    copy_checkout(checkout)
    metadata = checkout / "galaxy.yml"
    text = metadata.read_text(encoding="utf-8")
    if "\nrepository:" not in text:
        metadata.write_text(text + "repository: https://example.com/\n", encoding="utf-8")
    subprocess.run(["ansible-galaxy", "collection", "build", "--force", "--output-path", str(WORK), str(checkout)], check=True)
    (tarball,) = WORK.glob("*.tar.gz")
    return subprocess.run([sys.executable, "-m", "galaxy_importer.main", str(tarball)], cwd=WORK, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
