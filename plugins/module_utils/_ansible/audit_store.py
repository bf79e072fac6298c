# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is gathered, on its way into an evidence pack. Private to this collection."""

from __future__ import annotations

from .._api.gathering import Store
from .._audit.evidence import ServerDraft


class ServerStore(ServerDraft, Store):
    """One Enterprise Manager in an evidence pack, as the gathering wants a store to be."""
