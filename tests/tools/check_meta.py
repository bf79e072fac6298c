# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that the lists in ``meta`` say what the files say: action group, requirements, versions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from environments import LINES, REQUIREMENTS, ROOT

GROUP = "veeam_em"


def load(name: str) -> Any:
    """Return a YAML file of the checkout."""
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def compare(what: str, listed: set[str], there: set[str]) -> list[str]:
    """Return one complaint for each name that only one of the two sides has."""
    missing = [f"{what}: {name} has a file but is not listed" for name in sorted(there - listed)]
    return missing + [f"{what}: {name} is listed but has no file" for name in sorted(listed - there)]


def check_runtime() -> list[str]:
    """Compare the action group of ``meta/runtime.yml`` and ``plugins/action`` with ``plugins/modules``."""
    runtime = load("meta/runtime.yml")
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}
    actions = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    problems = compare("action_groups", set(runtime["action_groups"][GROUP]), modules)
    problems += [f"plugins/action/{name}.py: there is no such file, so that the module has one lane only" for name in sorted(modules - actions)]
    problems += [f"plugins/action/{name}.py: there is no module of this name" for name in sorted(actions - modules)]
    oldest = min(LINES, key=lambda line: tuple(map(int, line.split("."))))
    if runtime["requires_ansible"] != f">={oldest}.0":
        problems.append(f"requires_ansible is {runtime['requires_ansible']}, the oldest line that is tested is {oldest}")
    return problems


def requirement_names(path: Path) -> set[str]:
    """Return the package names of a requirements file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {re.split(r"[<>=!~; ]", line, maxsplit=1)[0].lower() for line in lines if line and not line.startswith(("#", "-"))}


def check_requirements() -> list[str]:
    """Compare what execution environments install with what the tests install as the collection's own needs."""
    listed = requirement_names(ROOT / load("meta/execution-environment.yml")["dependencies"]["python"])
    return compare("meta/ee-requirements.txt", listed, requirement_names(REQUIREMENTS / "runtime.txt"))


def check_pins() -> list[str]:
    """Check that each package has one version, whichever file pins it, and that the files pin exactly."""
    problems: list[str] = []
    seen: dict[str, str] = {}
    files = [*(REQUIREMENTS / f"{name}.txt" for name in ("runtime", "tests", "check", "lint", "constraints")), ROOT / "tests/simulator/requirements.txt"]
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line or line.startswith(("#", "-")) or ";" in line:
                continue
            name, pinned, version = line.partition("==")
            if not pinned:
                problems.append(f"{path.name}: {line} is not pinned")
            elif seen.setdefault(name.lower(), version) != version:
                problems.append(f"{path.name}: {line}, elsewhere {seen[name.lower()]}; run `make lock`")
    return problems


def check_readme() -> list[str]:
    """Check that the README names every module, by its whole name or by what stands between veeam_em_ and _info."""
    words = set(re.findall(r"`(\w+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    modules = [path.stem for path in sorted((ROOT / "plugins" / "modules").glob("veeam_em_*.py"))]
    return [f"README.md: {name} is not named" for name in modules if not {name, name[len("veeam_em_") :].removesuffix("_info")} & words]


def check_changelog() -> list[str]:
    """Check that the version of ``galaxy.yml`` has an entry in the changelog or fragments that will become one."""
    version = load("galaxy.yml")["version"]
    changes = ROOT / "changelogs" / "changelog.yaml"
    released = changes.is_file() and version in load("changelogs/changelog.yaml")["releases"]
    waiting = list((ROOT / "changelogs" / "fragments").glob("*.y*ml"))
    return [] if released or waiting else [f"changelogs: nothing about version {version}"]


def main() -> None:
    """Print what does not fit; exit 1 where anything does not."""
    problems = check_runtime() + check_requirements() + check_pins() + check_readme() + check_changelog()
    print("\n".join(problems) or "meta, requirements and changelog fit the files")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
