# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of modules that wait, and of those that follow a job."""

from __future__ import annotations


class ModuleDocFragment:
    """How long and how often; how automatic retries count; and which job is meant."""

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

    WHICH_JOB = r"""
options:
  backup_server:
    description:
      - Name of the backup server of O(job). Job names are unique on one backup server only.
    type: str
  job_kind:
    description:
      - Kind of job that O(job) or O(job_uid) is. A name may be that of a job of each kind.
      - V(job) is a backup, backup copy or replication job, as M(openbackup.veeam_em.veeam_em_job_info) lists them. V(agent_job) is a job of agents
        (M(openbackup.veeam_em.veeam_em_agent_job_info)), V(nas_job) one of file shares (M(openbackup.veeam_em.veeam_em_nas_job_info)).
      - With V(any) all kinds are looked at.
    type: str
    choices:
      - any
      - job
      - agent_job
      - nas_job
    default: any
"""
