#!/usr/bin/python

# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: veeam_em_audit
short_description: Judge backups by a policy, with evidence that a third person can check
version_added: 0.3.0
description:
  - Reads what Veeam Backup Enterprise Manager knows of machines, jobs, restore points, repositories and accounts, judges it by a policy, and returns
    verdicts with what was measured, what was expected, and which answer of the server that rests on.
  - It reads only. What it writes are files of the controller - reports, and an evidence pack from which the audit can be repeated without the server.
  - It does not fail because of what it finds. Look at RV(verdict).
  - What the service does not tell is never taken for good. Such a rule is V(not_assessable), and V(error) where an answer was lost on the way.
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
      - The same is read and judged. No file is written.
      - A log-on session of its own is opened and closed in check mode as well.
  diff_mode:
    support: none
    details:
      - It has nothing to compare. M(openbackup.veeam_em.veeam_em_baseline) shows what changed.
  idempotent:
    support: partial
    details:
      - Without files to write it changes nothing. A report that is the same already is left alone. An evidence pack is new each time.
options:
  policy:
    description:
      - What to judge by, as the name of a pack of this collection (V(baseline), V(rule_3_2_1_1_0), V(least_privilege), V(capacity) or V(continuity)),
        as the path of a YAML file, as a mapping that is a policy itself, or as a list of such, of which the later goes before the earlier.
      - Without it the pack V(baseline) is used, and with O(pack) the policy that the evidence pack was made by.
    type: raw
  waivers:
    description:
      - Leave for fails that somebody answers for, as the path of a YAML file, a list of such paths, or a list of waivers. They come to those of the policy.
    type: raw
  attestations:
    description:
      - What somebody states where the service does not tell, as the path of a YAML file, a list of such paths, or a list of attestations. They come to
        those of the policy.
    type: raw
  allowed_signers:
    description:
      - File with the keys whose signatures under attestations are trusted, as C(ssh-keygen -Y verify) wants it.
    type: path
  keyring:
    description:
      - Keyring with the keys whose signatures under attestations are trusted, as C(gpgv) wants it.
    type: path
  baseline:
    description:
      - File with the configuration that was taken as right, by M(openbackup.veeam_em.veeam_em_baseline).
    type: path
  servers:
    description:
      - Several Enterprise Managers to read one after the other, for one report with a section for each.
      - An option that an entry leaves out is taken from the task, but for O(session).
      - One that cannot be read does not stop the others. What concerns it is V(error) then.
    type: list
    elements: dict
    # generated: begin servers
    suboptions:
      host:
        description:
          - Name or address of the Enterprise Manager server.
        type: str
        required: true
      port:
        description:
          - As O(port), for this server.
        type: int
      username:
        description:
          - As O(username), for this server.
        type: str
      password:
        description:
          - As O(password), for this server.
        type: str
      session:
        description:
          - As O(session), for this server.
        type: str
      tenant:
        description:
          - As O(tenant), for this server.
        type: bool
      organization:
        description:
          - As O(organization), for this server.
        type: str
      validate_certs:
        description:
          - As O(validate_certs), for this server.
        type: bool
      ca_path:
        description:
          - As O(ca_path), for this server.
        type: path
      client_cert:
        description:
          - As O(client_cert), for this server.
        type: path
      client_key:
        description:
          - As O(client_key), for this server.
        type: path
      use_proxy:
        description:
          - As O(use_proxy), for this server.
        type: bool
      proxy:
        description:
          - As O(proxy), for this server.
        type: str
      no_proxy:
        description:
          - As O(no_proxy), for this server.
        type: str
      connect_timeout:
        description:
          - As O(connect_timeout), for this server.
        type: float
      timeout:
        description:
          - As O(timeout), for this server.
        type: float
      retries:
        description:
          - As O(retries), for this server.
        type: int
      api_version:
        description:
          - As O(api_version), for this server.
        type: str
      wire_format:
        description:
          - As O(wire_format), for this server.
        type: str
        choices:
          - json
          - xml
    # generated: end
  pack:
    description:
      - Evidence pack to judge instead of a server, a folder or a C(.tar.gz) file. No connection option is needed.
      - A pack that was touched since it was written is refused.
    type: path
  expected_digest:
    description:
      - Digest that was printed and returned when O(pack) was written.
      - Without it only clumsy changes of the pack are noticed, as whoever changes a file can write its manifest anew.
    type: str
  as_of:
    description:
      - Moment against which ages are measured. V(gathered) is the beginning of the reading by the clock of each server, V(now) the present by the clock of
        the controller, anything else a time in ISO 8601, UTC unless it carries a zone.
      - Without it the moment is V(gathered), and with O(pack) that at which the pack was judged before.
      - A moment before a server was read is refused, as ages would come out too small.
    type: str
  gather:
    description:
      - What is read. V(policy) is what the rules of the policy need, V(everything) what any rule needs, so that another policy can be applied to
        the evidence later.
    type: str
    choices: [policy, everything]
    default: policy
  evidence:
    description:
      - Where to write an evidence pack. A name that ends in V(.tar.gz) becomes one file, any other a folder.
      - It must not be there yet, since evidence is never overwritten. Its parent folder has to be there.
      - It is written under another name and takes its place when it is complete, readable by its owner only. On any failure nothing of it is left.
      - Answers that hold passwords, or name the log-on session, are kept as hashes only.
    type: path
  redact:
    description:
      - Whether names in evidence and reports are replaced by pseudonyms, the same name by the same one in all files. The bytes of the answers are left out,
        their hashes stay.
      - Verdicts stay what they are, as they were made before. What the task returns keeps its names.
    type: bool
    default: false
  redact_key:
    description:
      - Key that pseudonyms are made with. With the same key the same names get the same pseudonyms in later packs, and whoever has it can find out whose
        pseudonym one is.
      - Without it a new key is used each time and forgotten.
    type: str
  reports:
    description:
      - 'Reports to write, as a mapping from formats to paths, such as V({html: /var/lib/audit/em.html}). The formats are those of O(formats).'
      - A file that is there is replaced. Only its owner may read it.
    type: dict
  report_folder:
    description:
      - Folder to write the reports of O(formats) to, each under the name that is usual for its format. It has to be there.
    type: path
  formats:
    description:
      - Formats of the reports in O(report_folder).
    type: list
    elements: str
    # generated: begin choices formats
    choices:
      - html
      - json
      - junit
      - sarif
      - csv
      - oscal
      - prometheus
    default:
      - html
      - json
    # generated: end
  history:
    description:
      - Earlier evidence packs of the same servers, in any order, from which trends are made, such as the days until a repository is full.
      - A pack keeps what its own history told, so that the last one stands for those before it.
      - A pack of another server, and one that is not earlier, is left out with a warning.
    type: list
    elements: path
  findings:
    description:
      - Which findings are returned. V(problems) are all that are not V(pass).
    type: str
    choices: [problems, all, none]
    default: problems
  findings_limit:
    description:
      - The most findings to return, the gravest first. Reports and evidence hold all.
    type: int
    default: 1000
  job_id:
    description:
      - Number of the job of an automation controller, for the evidence.
      - Where it is not set, the environment variables E(AWX_JOB_ID) and E(JOB_ID) are used.
    type: str
notes:
  - An account that is no Portal Administrator may be shown a part of the estate only. The audit says so and calls nothing complete then.
  - Besides the libraries of the collection it needs PyYAML, which comes with ansible-core.
seealso:
  - module: openbackup.veeam_em.veeam_em_evidence_verify
  - module: openbackup.veeam_em.veeam_em_baseline
"""

EXAMPLES = r"""
- name: Judge by the usual rules, for a page to read
  openbackup.veeam_em.veeam_em_audit:
    host: em01.example.com
    reports:
      html: "{{ lookup('ansible.builtin.env', 'HOME') }}/audit.html"
  register: audit

- name: What is wrong
  ansible.builtin.debug:
    msg: "{{ audit.findings | map(attribute='reason') | list }}"

- name: Judge by a policy of one's own, and keep the evidence
  openbackup.veeam_em.veeam_em_audit:
    host: em01.example.com
    policy:
      extends: [baseline, rule_3_2_1_1_0]
      rules:
        C02: {severity: high, parameters: {rpo_hours: 12}}
    evidence: "{{ lookup('ansible.builtin.env', 'HOME') }}/evidence-{{ now(utc=true).strftime('%Y%m%dT%H%M%SZ') }}.tar.gz"
    gather: everything
    findings: none
  register: audit

- name: Put down the digest where nobody can change it
  ansible.builtin.debug:
    msg: "{{ audit.evidence.digest }}"

- name: Repeat the audit from the evidence, without the server
  openbackup.veeam_em.veeam_em_audit:
    pack: "{{ audit.evidence.path }}"
    expected_digest: "{{ audit.evidence.digest }}"
"""

RETURN = r"""
verdict:
  description: The gravest that came of any rule - V(error), V(fail), V(not_assessable), V(waived) or V(pass).
  returned: success
  type: str
  sample: fail
counts:
  description: How many findings there are of each sort.
  returned: success
  type: dict
  contains: &counts
    pass:
      description: Objects that are as the policy wants them.
      type: int
      sample: 1024
    fail:
      description: Objects that are not.
      type: int
      sample: 3
    waived:
      description: Those that are not, and for which somebody answers.
      type: int
      sample: 1
    not_assessable:
      description: What the service does not tell, or the account may not see.
      type: int
      sample: 9
    error:
      description: What could not be looked at because something went wrong.
      type: int
      sample: 0
    fail_by_severity:
      description: How many of those that fail are of which severity.
      type: dict
      sample: {high: 1, medium: 2, low: 0}
as_of:
  description: Moment against which ages were measured, the latest where servers differ.
  returned: success
  type: str
  sample: '2026-11-22T06:00:00Z'
policy:
  description: What was judged by.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the policy.
      type: str
      sample: baseline
    sha256:
      description: SHA-256 over its texts, with all that it extends.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
servers:
  description: The Enterprise Managers, and what came of each.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Address with port.
      type: str
      sample: em01.example.com:9398
    version:
      description: Release, as far as the versions of its API tell, "" where they do not.
      type: str
      sample: 12 or later
    api_version:
      description: Version of the API that was spoken, "" with a shared token.
      type: str
      sample: v1_7
    account:
      description: Who asked.
      type: str
      sample: EXAMPLE\svc-audit
    gathered_at:
      description: When the reading began, by the clock of the server.
      type: str
      sample: '2026-11-22T06:00:00Z'
    sees_all:
      description: Whether the account sees the whole estate, null where nobody could tell.
      type: bool
      sample: true
    not_read:
      description: Kinds of thing that could not be read.
      type: list
      elements: dict
      contains:
        kind:
          description: Kind in the plural.
          type: str
          sample: security_accounts
        status:
          description: What that makes of rules that need it, V(not_assessable) or V(error).
          type: str
          sample: not_assessable
        reason:
          description: Why.
          type: str
    verdict:
      description: As RV(verdict), for this server.
      type: str
      sample: fail
    counts:
      description: As RV(counts), for this server.
      type: dict
      sample: {pass: 1024, fail: 3, waived: 1, not_assessable: 9, error: 0, fail_by_severity: {high: 1, medium: 2, low: 0}}
    matrix:
      description: The 3-2-1-1-0 rule over all machines.
      type: dict
      contains:
        machines:
          description: How many machines were looked at.
          type: int
          sample: 40
        digits:
          description: For each digit of the rule how many machines have which status.
          type: dict
          sample: {copies: {pass: 38, fail: 2}, immutable: {not_assessable: 40}}
findings:
  description: What O(findings) asks for, the gravest first.
  returned: success
  type: list
  elements: dict
  contains:
    rule:
      description: Id of the rule.
      type: str
      sample: C02
    title:
      description: What the rule wants, in a few words.
      type: str
      sample: The newest restore point is within the RPO
    version:
      description: Version of the rule, which grows when it measures in another way.
      type: int
      sample: 1
    server:
      description: Enterprise Manager, "" for a finding on the audit itself.
      type: str
      sample: em01.example.com:9398
    backup_server:
      description: Backup servers that the object belongs to, with commas between, "" for none.
      type: str
      sample: vbr01.example.com
    object:
      description: Name of what was looked at.
      type: str
      sample: srv-sql-01
    object_type:
      description: What it is.
      type: str
      sample: machine
    uid:
      description: Unique id of it, null for what has none.
      type: str
    status:
      description: V(pass), V(fail), V(waived), V(not_assessable) or V(error).
      type: str
      sample: fail
    severity:
      description: V(high), V(medium) or V(low).
      type: str
      sample: high
    measured:
      description: What was measured, in a form that depends on the rule.
      type: raw
      sample: {hours: 31.2, newest: '2026-11-20T22:48:00Z'}
    expected:
      description: What was expected.
      type: raw
      sample: {hours_at_most: 24.0}
    reason:
      description: A sentence that reads well alone.
      type: str
      sample: Its newest restore point is 31.2 hours old; 24.0 hours are allowed.
    evidence:
      description: Numbers of the answers that it rests on.
      type: list
      elements: int
      sample: [7]
    waiver:
      description: Id of the waiver that covers it, null for none.
      type: str
    attestation:
      description: Id of the attestation that answers it, null for none.
      type: str
    controls:
      description: Controls of frameworks that the rule serves.
      type: list
      elements: str
      sample: [CIS 11.2, NIST CP-9, ISO A.8.13]
findings_truncated:
  description: Whether O(findings_limit) left findings out.
  returned: success
  type: bool
  sample: false
reports:
  description: The reports that were written, none in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    format:
      description: Format.
      type: str
      sample: html
    path:
      description: Where it is, links followed.
      type: str
      sample: /var/lib/audit/report.html
    size:
      description: Size in bytes.
      type: int
      sample: 204800
    changed:
      description: Whether the file was written, or was the same already.
      type: bool
      sample: true
evidence:
  description: The evidence pack that was written, null without one and in check mode.
  returned: success
  type: dict
  contains:
    path:
      description: Where it is, links followed.
      type: str
      sample: /var/lib/audit/evidence.tar.gz
    digest:
      description:
        - SHA-256 of its manifest, which holds the SHA-256 of every other file in it.
        - Keep it where whoever can change the pack cannot. M(openbackup.veeam_em.veeam_em_evidence_verify) takes it to check the pack.
      type: str
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
problems:
  description: The mistakes in policy, waivers or attestations, each with file, line and column.
  returned: when one of them cannot be used
  type: list
  elements: str
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

from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_options import sources_spec
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.audit_results import ALL, NONE, PROBLEMS
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.auditing import EVERYTHING, POLICY_ONLY, audit
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.lanes import EmModule, run_as_module
from ansible_collections.openbackup.veeam_em.plugins.module_utils._ansible.options import ArgumentSpec, environment_fallback
from ansible_collections.openbackup.veeam_em.plugins.module_utils._audit.reports.formats import FORMATS

SPEC = ArgumentSpec(
    {
        "policy": {"type": "raw"},
        "waivers": {"type": "raw"},
        "attestations": {"type": "raw"},
        "allowed_signers": {"type": "path"},
        "keyring": {"type": "path"},
        "baseline": {"type": "path"},
        "as_of": {"type": "str"},
        "gather": {"type": "str", "choices": [POLICY_ONLY, EVERYTHING], "default": POLICY_ONLY},
        "evidence": {"type": "path"},
        "redact": {"type": "bool", "default": False},
        "redact_key": {"type": "str", "no_log": True},
        "reports": {"type": "dict"},
        "report_folder": {"type": "path"},
        "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": ["html", "json"]},
        "history": {"type": "list", "elements": "path"},
        "findings": {"type": "str", "choices": [PROBLEMS, ALL, NONE], "default": PROBLEMS},
        "findings_limit": {"type": "int", "default": 1000},
        "job_id": {"type": "str", "fallback": (environment_fallback, ["AWX_JOB_ID", "JOB_ID"])},
    }
)
MODULE = EmModule(SPEC.merge(sources_spec()), audit, supports_async=False, controller_only=True)


def main() -> None:
    """Say that it runs in the controller only."""
    run_as_module(MODULE)


if __name__ == "__main__":
    main()
