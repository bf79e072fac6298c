# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of modules that wait, and of those that follow a job."""

from __future__ import annotations


class ModuleDocFragment:
    """How long and how often; and how automatic retries count."""

    DOCUMENTATION = r"""
options:
  wait_timeout:
    description:
      - How long to wait at most, in seconds by the clock. When it is over the module fails with the last state; the job goes on untouched.
    type: float
    default: 3600.0
  wait_interval:
    description:
      - How long to pause between two questions to the server, in seconds. Waits begin with shorter pauses.
    type: float
    default: 5.0
  ok_results:
    description:
      - Results of the job that count as success. With any other result the module fails, and returns the same data as on success.
    type: list
    elements: str
    choices:
      - Success
      - Warning
      - Failed
    default:
      - Success
      - Warning
"""

    RETRIES = r"""
options:
  follow_retries:
    description:
      - Whether automatic retries of the job count. With V(true) a run that failed is not the end while the job is going to repeat it,
        and the result is that of the last repetition.
    type: bool
    default: false
  retry_wait:
    description:
      - How long to wait for an automatic retry to begin, in seconds, with O(follow_retries=true). Without it the pause in the schedule of the job counts.
    type: int
"""
