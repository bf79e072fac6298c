#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_evidence_verify
short_description: Check that an evidence pack of an audit is as it was written
version_added: 0.3.0
description:
  - Compares every file of an evidence pack with its manifest, every kept answer of the server with the hash of the bytes that came, and the manifest with
    the digest that was printed when the pack was written.
  - It asks no server. The connection options are there only because they are common to all modules; they are not used.
  - The pack may come from anybody. Nothing of it is unpacked to the disk, and what leads out of it is told, not followed.
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.attributes
  - openbackup.veeam_em.attributes.actiongroup_veeam_em
  - openbackup.veeam_em.attributes.controller_only
  - openbackup.veeam_em.connection
attributes:
  check_mode:
    support: full
    details:
      - It only reads.
  diff_mode:
    support: N/A
    details:
      - It changes nothing.
  idempotent:
    support: full
    details:
      - It changes nothing.
options:
  path:
    description:
      - The evidence pack, a folder or a C(.tar.gz) file on the controller.
    type: path
    required: true
  expected_digest:
    description:
      - Digest that M(openbackup.veeam_em.veeam_em_audit) printed and returned when the pack was written.
      - Without it only clumsy changes are noticed, as whoever changes a file can write the manifest anew.
    type: str
  fail_on_touched:
    description:
      - Whether the task fails where something was touched, so that a play does not go on with evidence that is none.
    type: bool
    default: true
seealso:
  - module: openbackup.veeam_em.veeam_em_audit
"""

EXAMPLES = r"""
- name: Take an audit with its evidence
  openbackup.veeam_em.veeam_em_audit:
    host: em01.example.com
    evidence: "{{ lookup('ansible.builtin.env', 'HOME') }}/evidence.tar.gz"
    findings: none
  register: audit

- name: Check the evidence before anybody relies on it
  openbackup.veeam_em.veeam_em_evidence_verify:
    path: "{{ audit.evidence.path }}"
    expected_digest: "{{ audit.evidence.digest }}"

- name: See what was touched, and go on
  openbackup.veeam_em.veeam_em_evidence_verify:
    path: "{{ audit.evidence.path }}"
    fail_on_touched: false
  register: check

- name: Name it
  ansible.builtin.debug:
    msg: "{{ check.touched | map(attribute='path') | list }}"
"""

RETURN = r"""
intact:
  description: Whether nothing was touched.
  returned: success, and a failure because of O(fail_on_touched)
  type: bool
  sample: true
touched:
  description: What was touched.
  returned: success, and a failure because of O(fail_on_touched)
  type: list
  elements: dict
  contains:
    path:
      description: File in the pack, "" for the pack as a whole.
      type: str
      sample: servers/1/records/jobs.jsonl.gz
    what:
      description: V(changed), V(missing), V(added) or V(unreadable).
      type: str
      sample: changed
    reason:
      description: A sentence about it.
      type: str
      sample: Its SHA-256 is not that of the manifest.
digest:
  description: SHA-256 of the manifest as it is, null where there is none that can be read.
  returned: success, and a failure because of O(fail_on_touched)
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
digest_checked:
  description: Whether it was compared with O(expected_digest). Where it was not, RV(intact) says little about skilled hands.
  returned: success
  type: bool
  sample: true
pack:
  description: What the manifest says of the pack, null where it cannot be read.
  returned: success
  type: dict
  contains:
    created_at:
      description: When it was written, by the clock of the controller.
      type: str
      sample: '2026-11-22T06:01:12Z'
    as_of:
      description: Moment against which ages were measured.
      type: str
      sample: '2026-11-22T06:00:00Z'
    redacted:
      description: Whether names in it are pseudonyms.
      type: bool
      sample: false
    job_id:
      description: Number of the job of an automation controller, null without one.
      type: str
      sample: '1742'
    collection_version:
      description: Version of the collection that wrote it.
      type: str
      sample: 0.3.0
    policy:
      description: What was judged by.
      type: dict
      contains:
        name:
          description: Name of the policy.
          type: str
          sample: baseline
        sha256:
          description: SHA-256 over its texts.
          type: str
    servers:
      description: The Enterprise Managers in it.
      type: list
      elements: dict
      contains:
        name:
          description: Address with port.
          type: str
          sample: em01.example.com:9398
        version:
          description: Release, as far as the versions of its API tell.
          type: str
          sample: 12 or later
        api_version:
          description: Version of the API that was spoken.
          type: str
          sample: v1_7
        account:
          description: Who asked.
          type: str
        gathered_at:
          description: When the reading began, by the clock of the server.
          type: str
          sample: '2026-11-22T06:00:00Z'
        judged_at:
          description: Moment against which ages were measured.
          type: str
          sample: '2026-11-22T06:00:00Z'
        answers:
          description: How many answers of the server the evidence rests on.
          type: int
          sample: 89
        records:
          description: How many records were made of them.
          type: int
          sample: 2211
    files:
      description: How many files the manifest lists.
      type: int
      sample: 134
    verdict:
      description: The verdict of the audit.
      type: str
      sample: fail
# generated: begin failure
error:
  description: What went wrong, as data.
  returned: failure, unless an option has a wrong type
  type: dict
  contains:
    kind:
      description: Kind of the failure, one of V(ambiguous_name), V(authentication), V(body), V(connection), V(error), V(file), V(filter),
        V(foreign_task), V(interrupted), V(not_found), V(not_started), V(option), V(outcome_unknown), V(permission), V(run_failed),
        V(server), V(task_failed), V(timeout), V(tls), V(unknown_name) or V(wait_timeout).
      type: str
      sample: permission
    method:
      description: Method of the request that failed, null where none did.
      type: str
      sample: GET
    path:
      description: Path of the request that failed, null where none did.
      type: str
      sample: /query
    status:
      description: HTTP status of the answer, null where there was none.
      type: int
      sample: 403
    server_message:
      description: What the server said, null where it said nothing.
      type: str
    advice:
      description: What to do about it, null where there is no advice.
      type: str
sent:
  description: Whether the request may have reached the server.
  returned: when the connection failed
  type: bool
  sample: false
# generated: end
"""

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, connection_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.verifying import verify_evidence

SPEC = ArgumentSpec(
    {
        "path": {"type": "path", "required": True},
        "expected_digest": {"type": "str"},
        "fail_on_touched": {"type": "bool", "default": True},
    }
)
# The connection options are taken and not used, so that module_defaults of the action group fit this module as well.
MODULE = EmModule(SPEC.merge(connection_spec()), verify_evidence, supports_async=False, controller_only=True)


def main() -> None:
    """Say that it runs in the controller only."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
