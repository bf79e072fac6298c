# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the files of a new info module from its declaration: the module, its action file and its line in the action group.

    python tests/tools/new_module.py BackupFile --below Backup RestorePoint
    python tests/tools/new_module.py Job --detail includes=ObjectInJob --detail linked=LinkedJobObject,LinkedBackupRepositoryObject

What is left to a person: description, examples and seealso. ``make docs-generate`` then fills the marked parts.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))

from environments import collection_tree  # noqa: E402

sys.path.insert(0, str(collection_tree()))

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Resource  # noqa: E402
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities.registry import BY_TYPE  # noqa: E402

UTILS = "ansible_collections.openbackup.veeam_em.plugins.module_utils."
MODULE = '''#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: {name}
short_description: Read {titles} of Veeam Backup Enterprise Manager
version_added: 0.2.0
description:
  - Returns {titles} that Enterprise Manager knows.

author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.reads_only
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.lanes
  - openbackup.veeam_em.attributes.async
{identity}  - openbackup.veeam_em.records
  - openbackup.veeam_em.connection
options:
  # generated: begin selection
  # generated: end
notes:
  # generated: begin notes
  # generated: end
seealso:
  - module: openbackup.veeam_em.veeam_em_job_info
"""

EXAMPLES = r"""
- name: All {titles}
  openbackup.veeam_em.{name}:
    host: em01.example.com
  register: found
"""

RETURN = r"""
# generated: begin result
# generated: end
"""

{imports}

MODULE = {call}


def main() -> None:
    """Run the module lane."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
'''


def constant_of(resource: Resource) -> tuple[str, str]:
    """Return the file and the name under which a resource is declared. Raises KeyError for one that no family holds."""
    for path in sorted((ROOT / "plugins/module_utils/_api/entities").glob("[a-z]*.py")):
        if path.stem == "registry":
            continue
        family = importlib.import_module(UTILS + "_api.entities." + path.stem)
        for name, value in vars(family).items():
            if value is resource and name in path.read_text(encoding="utf-8").split("from ", 1)[-1] and "%s = " % name in path.read_text(encoding="utf-8"):
                return path.stem, name
    raise KeyError(resource.type)


def module_text(resource: Resource, below: list[Resource], details: list[tuple[str, list[Resource]]]) -> str:
    """Return the text of the module."""
    used = [resource, *below, *(part for _option, parts in details for part in parts)]
    names: dict[str, set[str]] = {}
    for one in used:
        family, constant = constant_of(one)
        names.setdefault(family, set()).add(constant)
    constants = {one.type: constant_of(one)[1] for one in used}
    arguments = [constants[resource.type]]
    if below:
        arguments.append("below=(%s,)" % ", ".join(constants[one.type] for one in below))
    if details:
        made = ['Detail("%s", (%s,))' % (option, ", ".join(constants[part.type] for part in parts)) for option, parts in details]
        arguments.append("details=(%s,)" % ", ".join(made))
    imports = [
        "from %s_ansible.info import %s" % (UTILS, "Detail, info_module" if details else "info_module"),
        "from %s_ansible.lanes import run_as_module" % UTILS,
    ]
    imports += ["from %s_api.entities.%s import %s" % (UTILS, family, ", ".join(sorted(found))) for family, found in sorted(names.items())]
    identity = "  - openbackup.veeam_em.records.identity\n" if resource.key == "uid" and resource.list_root else ""
    return MODULE.format(
        name="veeam_em_%s_info" % resource.thing,
        titles=resource.titles,
        identity=identity,
        imports="\n".join(imports),
        call="info_module(%s)" % ", ".join(arguments),
    )


def add_to_group(name: str) -> None:
    """Put the module into the action group, where lists are sorted."""
    path = ROOT / "meta" / "runtime.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    first = lines.index("  veeam_em:") + 1
    last = next(number for number in range(first, len(lines)) if not lines[number].startswith("    - "))
    members = sorted({*lines[first:last], "    - " + name})
    path.write_text("\n".join(lines[:first] + members + lines[last:]) + "\n", encoding="utf-8")


def main() -> int:
    """Write the files; refuse to touch a module that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("type", choices=sorted(BY_TYPE), metavar="TYPE", help="type of the declared resource")
    parser.add_argument("--below", nargs="*", default=[], metavar="TYPE", help="resources in which it may be looked for")
    parser.add_argument("--detail", action="append", default=[], metavar="OPTION=TYPE[,TYPE]", help="what each record carries on request")
    arguments = parser.parse_args()
    resource = BY_TYPE[arguments.type]
    name = "veeam_em_%s_info" % resource.thing
    path = ROOT / "plugins" / "modules" / (name + ".py")
    if path.exists():
        print("%s is there already" % path.relative_to(ROOT))
        return 1
    details = [(option, [BY_TYPE[one] for one in types.split(",")]) for option, _equals, types in (detail.partition("=") for detail in arguments.detail)]
    path.write_text(module_text(resource, [BY_TYPE[one] for one in arguments.below], details), encoding="utf-8")
    shutil.copy(ROOT / "plugins/action/veeam_em_job_info.py", ROOT / "plugins/action" / (name + ".py"))
    add_to_group(name)
    print("written: %s; now write its description and examples, and run: make docs-generate" % path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
