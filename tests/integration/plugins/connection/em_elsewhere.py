# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection that is not the local one, though it ends on this machine: what ssh is to the choice of the lane."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = r"""
name: em_elsewhere
short_description: Run on this machine and pretend that it is another one
description:
  - The local connection under another name, for the integration tests.
author: Contributors to the openbackup.veeam_em collection
options: {}
"""


class Connection(LocalConnection):  # type: ignore[misc]  # core is not typed
    """The local connection under another name."""

    transport = "em_elsewhere"
