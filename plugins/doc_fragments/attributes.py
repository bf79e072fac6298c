# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for modules of this collection: check mode, diff mode, the lanes, the action group."""

from __future__ import annotations


class ModuleDocFragment:
    """One fragment for each statement that several modules make."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and predict the changed status without changing anything.
  diff_mode:
    description: Returns what has changed, or would change in check mode, when in diff mode.
  idempotent:
    description: Does nothing when it is run again and the wished state is there already.
"""

    READS_ONLY = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - It only reads. A log-on session of its own is opened and closed in check mode as well.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
    details:
      - It changes nothing. What it returns is what the server knows at the time.
"""

    ACTIONGROUP_VEEAM_EM = r"""
options: {}
attributes:
  action_group:
    description: Takes defaults from C(group/openbackup.veeam_em.veeam_em) in C(module_defaults).
    support: full
    membership:
      - openbackup.veeam_em.veeam_em
"""

    LANES = r"""
options: {}
attributes:
  action:
    description: Runs inside the controller where that is possible, which saves the cost of shipping a module.
    support: full
    details:
      - The variable C(veeam_em_lane) chooses. V(auto), the default, takes the controller for tasks with a local connection, without C(async), when the
        controller's Python has the libraries. V(controller) fails where that cannot be, V(module) always runs the ordinary module.
      - The results are the same. Progress lines come from the controller only.
"""

    ASYNC = r"""
options: {}
attributes:
  async:
    description: Supports being used with C(async).
    support: full
    details:
      - Runs as an ordinary module then.
"""

    CONTROLLER_ONLY = r"""
options: {}
attributes:
  action:
    description: Runs inside the controller where that is possible, which saves the cost of shipping a module.
    support: full
    details:
      - It always runs in the controller, whatever host the task is for, because it works with files there. The variable C(veeam_em_lane) must not be
        V(module).
  async:
    description: Supports being used with C(async).
    support: none
    details:
      - It runs in the controller only.
"""

    NO_ASYNC = r"""
options: {}
attributes:
  async:
    description: Supports being used with C(async).
    support: none
    details:
      - The result holds a token, which C(async) would leave in a file.
"""
