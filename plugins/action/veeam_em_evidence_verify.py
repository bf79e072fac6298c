# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets the module of this name run in the controller."""

from __future__ import annotations

from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.controller_lane import ControllerLane


class ActionModule(ControllerLane):
    """The module that has the name of this file, in the lane that the task allows."""
