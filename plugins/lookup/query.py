# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookup of records by the query service."""

from __future__ import annotations

DOCUMENTATION = r"""
name: query
short_description: Records of any query type of Enterprise Manager
description:
  - Returns the records that M(openbackup.veeam_em.veeam_em_query_info) would return, where an expression needs them, such as in a loop or a variable.
  - Each use logs on, reads all pages and logs out. Use the module, and O(session), where the same records are needed twice.
version_added: 0.2.0
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
extends_documentation_fragment:
  - openbackup.veeam_em.connection_plugin
options:
  _terms:
    description: Query types, in any case, such as V(BackupJobSession). The records of several come one after the other, in one log-on session.
    type: list
    elements: str
    required: true
  filter:
    description:
      - Which records to return. A mapping from fields to values, lists of values (any of them), or operators with values; or text in the grammar
        of the query service.
      - M(openbackup.veeam_em.veeam_em_query_info) lists the fields of each type.
    type: raw
  sort:
    description: Field to sort by; a minus in front sorts descending.
    type: str
  backup_server:
    description: Name of the backup server that the records belong to.
    type: str
  limit:
    description: The most records to return of each type, 1 or more. Without it all come, however many pages that takes.
    type: int
  fields:
    description:
      - Keys of the records to keep, in this order. Without it records are whole.
      - A name that no record of the type has is refused.
    type: list
    elements: str
  links:
    description: Whether each record carries the raw links of the server in V(links).
    type: bool
    default: false
notes:
  - C(lookup) joins what is no single record with commas unless O(ignore:wantlist=true) is given; C(query), also written C(q), always returns a list.
  - Nothing is cached, and nothing is written on the server.
seealso:
  - module: openbackup.veeam_em.veeam_em_query_info
  - plugin: openbackup.veeam_em.protected_machines
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Show the newest failed run
  ansible.builtin.debug:
    msg: "{{ query('openbackup.veeam_em.query', 'BackupJobSession', filter={'result': 'Failed'}, sort='-creation_time', limit=1) }}"

- name: Loop over the repositories that are nearly full
  ansible.builtin.debug:
    msg: "{{ item.name }} has {{ (item.free_space / 2**30) | round(1) }} GiB left"
  loop: "{{ query('openbackup.veeam_em.query', 'Repository', filter={'free_space': {'lt': 107374182400}}, fields=['name', 'free_space']) }}"

- name: Ask another server, in a log-on session that is open already
  ansible.builtin.set_fact:
    job_names: "{{ query('openbackup.veeam_em.query', 'Job', fields=['name'], host='em02.example.com', session=logon.session) | map(attribute='name') }}"
"""

RETURN = r"""
_raw:
  description: Records of the query types, in the form that M(openbackup.veeam_em.veeam_em_query_info) documents, with O(fields) cut down to these.
  type: list
  elements: dict
"""

from typing import Any, Dict, List, Mapping, Optional

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.entities._model import Resource
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import OptionError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query import nearest
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query_types import resource_for_query_type
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.reading import check_selection, read
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.selecting import Selection
from ansible_collections.openbackup.veeam_em.plugins.plugin_utils.conversation import (
    check_option_names,
    connection_params,
    connection_variables,
    errors_as,
    open_session,
    plain_option,
    without_empty_variables,
)

Record = Dict[str, Any]

# What every record has beside its fields and references.
_IN_EVERY_RECORD = ("id", "uid", "name", "type", "href")


class LookupModule(LookupBase):  # type: ignore[misc]  # core is not typed
    """Reads records of query types."""

    def run(self, terms: List[Any], variables: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> List[Record]:
        """Return the records of all types. Raises AnsibleLookupError that says what to do."""
        with errors_as(AnsibleLookupError):
            with without_empty_variables():
                check_option_names(kwargs, self, "lookup")
                self.set_options(var_options=connection_variables(variables or {}, self._templar.template), direct=kwargs)
                selection = self._selection()
                params = connection_params(self)
            resources = [resource_for_query_type(str(term)) for term in terms]
            if not resources:
                raise OptionError("No query type is named.", advice="Name one, such as BackupJobSession.")
            fields = plain_option(self, "fields")
            for resource in resources:
                check_selection(resource, selection)
                check_fields(resource, fields)
            with open_session(params, AnsibleLookupError) as session:
                found = [record for resource in resources for record in read(session, resource, selection, counted=False).records]
        # Core lets nothing that a lookup returns be taken for a template.
        return [record if fields is None else {name: record.get(name) for name in fields} for record in found]

    def _selection(self) -> Selection:
        return Selection(
            filter=plain_option(self, "filter"),
            sort=plain_option(self, "sort") or "",
            limit=plain_option(self, "limit"),
            links=bool(plain_option(self, "links")),
            backup_server=plain_option(self, "backup_server") or "",
        )


def check_fields(resource: Resource, names: Optional[List[str]]) -> None:
    """Refuse a name that is no key of a record. Raises OptionError with the known ones."""
    known = _IN_EVERY_RECORD + tuple(field.name for field in resource.record_fields) + tuple(reference.name for reference in resource.references) + ("links",)
    for name in names or []:
        if name not in known:
            advice = "Known fields: %s." % ", ".join(sorted(set(known)))
            raise OptionError("%s have no %r.%s" % (resource.titles.capitalize(), name, nearest(name, known)), advice=advice)
