# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the checkout importable as ``ansible_collections.openbackup.veeam_em``, wherever it lies."""

from __future__ import annotations

import sys

from environments import collection_tree

sys.path.insert(0, str(collection_tree()))
