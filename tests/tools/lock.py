# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renew ``tests/requirements/constraints.txt``: every package that the pinned ones pull in, at one version."""

from __future__ import annotations

import subprocess

from environments import REQUIREMENTS, uv

HEADER = """\
# Every package below the pinned ones, locked for Python 3.11 and later; written by `make lock`.
# ansible-core and resolvelib are missing on purpose: they differ by line (core-*.txt).
"""
SOURCES = ("runtime", "tests", "check", "lint")


def main() -> None:
    """Resolve the pinned requirements and write the result. Raises CalledProcessError where they cannot be resolved."""
    installer = uv()
    if not installer:
        raise SystemExit("this needs uv, which cannot be installed here")
    command = [str(installer), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-annotate", "--no-header"]
    command += ["--no-emit-package", "ansible-core", "--no-emit-package", "resolvelib"]
    command += [str(REQUIREMENTS / f"{name}.txt") for name in SOURCES]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    kept = [line for line in lines if line and not line.startswith("#")]
    (REQUIREMENTS / "constraints.txt").write_text(HEADER + "\n".join(kept) + "\n", encoding="utf-8")
    print(f"{len(kept)} packages locked")


if __name__ == "__main__":
    main()
