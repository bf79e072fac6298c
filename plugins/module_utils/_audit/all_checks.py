# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks, one module for each room of them; importing this registers all. Private to this collection."""

from __future__ import annotations

from .checks import (
    accounts,
    agents,
    anomalies,
    configuration,
    copies,
    infrastructure,
    job_settings,
    machines,
    replicas,
    repositories,
    restore_points,
    runs,
    shares_and_tenants,
    statements,
    unseen,
)
from .model import CHECKS

__all__ = ["CHECKS", "ROOMS", "statements"]

ROOMS = (
    machines,
    restore_points,
    runs,
    anomalies,
    repositories,
    accounts,
    infrastructure,
    agents,
    shares_and_tenants,
    configuration,
    unseen,
    statements,
    copies,
    job_settings,
    replicas,
)
