# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make one environment and become a command of it: ``run_in.py core-2.19 python tests/tools/demo.py``."""

from __future__ import annotations

import os
import sys

from environments import ENVIRONMENTS, HOME, ROOT, clean_environ, collection_tree, ensure


def main(name: str, *command: str) -> None:
    """Replace this process by the command, run from the top of the checkout with the environment's commands first on PATH."""
    environment = ensure(ENVIRONMENTS[name])
    environ = clean_environ(
        PATH=f"{environment.bin}{os.pathsep}{os.environ['PATH']}",
        ANSIBLE_HOME=str(HOME / "ansible"),
        ANSIBLE_COLLECTIONS_PATH=str(collection_tree()),
    )
    os.chdir(ROOT)
    os.execvpe(str(environment.bin / command[0]), command, environ)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
