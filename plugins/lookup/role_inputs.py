# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lookup role_inputs: the variables of a role as typed values, and in a sentence each what is wrong with them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_inputs
short_description: Variables of a role, checked and typed
description:
  - Reads the argument specification of a role of this collection and returns the variables that it names, each without the prefix of the role, as the
    type that is specified. What is not set has the default of the specification; what has none is left out.
  - Variables come as text from the survey of a job template, from C(-e name=value) or from the environment. V("5") is a number where a number is
    wanted, V("yes") a flag, and a text of several lines, or of parts between commas, a list.
  - Text that is empty counts as not set, since that is what an automation controller hands over for a question that nobody answered.
  - What cannot be taken is told in RV(_raw) as V(refusals), with one sentence for each variable, so that a role can refuse it before anything is sent.
version_added: 0.4.0
author:
  - Contributors to the openbackup.veeam_em collection (@openbackup)
options:
  _terms:
    description: Folder of the role, such as C(role_path). Its last part is the prefix of the variables.
    type: list
    elements: path
    required: true
  at_least:
    description: The least number that a variable may be, by its name without the prefix.
    type: dict
    default: {}
  at_most:
    description: The greatest number that a variable may be, by its name without the prefix.
    type: dict
    default: {}
  times:
    description: Variables that hold a time or an age, by their names without the prefix.
    type: list
    elements: str
    default: []
  more_than:
    description: Number that a variable has to be greater than, by its name without the prefix.
    type: dict
    default: {}
notes:
  - It is made for the roles of this collection. The values hold passwords where the variables do, so keep them out of C(debug) and C(set_fact).
"""

EXAMPLES = r"""
- name: Run the job, from the tasks of a role
  vars:
    # In a role this stands in vars/main.yml.
    __run_job_inputs: "{{ lookup('openbackup.veeam_em.role_inputs', role_path, at_least={'timeout': 0}) }}"
  block:
    - name: Refuse wrong values of variables
      ansible.builtin.fail:
        msg: "{{ __run_job_inputs.refusals | join(' ') }} Nothing was sent."
      when: __run_job_inputs.refusals | length > 0

    - name: Run the job
      openbackup.veeam_em.veeam_em_job_run:
        job: "{{ __run_job_inputs.name | default(omit) }}"
        wait_timeout: "{{ __run_job_inputs.timeout }}"
"""

RETURN = r"""
_raw:
  description:
    - One mapping for each role, from the names of its variables without prefix to their values.
    - Its key V(refusals) is a list with one sentence for each variable that cannot be taken, empty where all is well.
  type: list
  elements: dict
"""

import difflib
import functools
import math
import re
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
    check_type_path,
    check_type_str,
)
from ansible.plugins.lookup import LookupBase

from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.errors import FilterError
from ansible_collections.openbackup.veeam_em.plugins.module_utils._api.query import utc_stamp

Option = Mapping[str, Any]

_LONGEST_VALUE = 60
# How near a variable that no role knows has to be to one that it knows, to count as misspelt and not as somebody's own.
_MISSPELT = 0.88
# What roles leave behind under their prefix.
_LEFT_BEHIND = ("_result", "_outcome")
_KINDS = {
    "bool": "true or false",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "path": "a path",
    "raw": "any value",
    "str": "text",
}


def _is_nested(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple))


def _text(value: Any) -> str:
    if _is_nested(value):
        raise TypeError("nested")
    converted: str = check_type_str(value)
    return converted


def _path(value: Any) -> str:
    converted: str = check_type_path(_text(value))
    return converted


def _number(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def converted(value: Any) -> Any:
        if isinstance(value, bool) or _is_nested(value):
            raise TypeError("not a number")
        number = convert(value.strip() if isinstance(value, str) else value)
        if not math.isfinite(number):
            raise ValueError("not finite")
        return number

    return converted


def _bool(value: Any) -> bool:
    converted: bool = check_type_bool(value.strip() if isinstance(value, str) else value)
    return converted


def _raw(value: Any) -> Any:
    """Return a value as it is; text of several lines is a list, as an answer can be no other one."""
    lines = [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else []
    return lines if len(lines) > 1 else value


def _list(value: Any) -> List[Any]:
    if isinstance(value, str) and "\n" in value.strip():
        value = value.splitlines()
    parts = check_type_list(value)
    return [part.strip() if isinstance(part, str) else part for part in parts if not _is_unset(part)]


_CONVERSIONS: Dict[str, Callable[[Any], Any]] = {
    "bool": _bool,
    "dict": check_type_dict,
    "float": _number(check_type_float),
    "int": _number(check_type_int),
    "list": _list,
    "path": _path,
    "raw": _raw,
    "str": _text,
}


def _is_unset(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _shown(value: Any) -> str:
    """Return a value for a sentence, cut where it is long."""
    text = repr(str(value) if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _one_of(words: Sequence[Any]) -> str:
    texts = [str(word) for word in words]
    return " or ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else texts[0]


def _is_time(value: Any) -> bool:
    try:
        utc_stamp(value, "")
    except FilterError:
        return False
    return True


class Limits:
    """What numbers and times may be, by name of the variable without prefix."""

    def __init__(self, at_least: Mapping[str, float], at_most: Mapping[str, float], more_than: Mapping[str, float], times: Sequence[str] = ()) -> None:
        self.at_least = at_least
        self.at_most = at_most
        self.more_than = more_than
        self.times = times

    def allow(self, name: str, value: Any) -> bool:
        """Return whether a value lies within them."""
        if name in self.times:
            return _is_time(value)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return True
        within = self.at_least.get(name, value) <= value <= self.at_most.get(name, value)
        return within and (name not in self.more_than or value > self.more_than[name])

    def text(self, name: str, kind: str) -> str:
        """Return in words what a variable takes whose type is called ``kind``, such as "a number"."""
        if name in self.times:
            return "a time such as 2026-11-01T06:00:00Z, or an age such as -24h"
        if name in self.at_least and name in self.at_most:
            return "%s, %g to %g" % (kind, self.at_least[name], self.at_most[name])
        if name in self.at_least:
            return "%s, %g or more" % (kind, self.at_least[name])
        if name in self.more_than:
            return "%s, more than %g" % (kind, self.more_than[name])
        return "%s, %g at most" % (kind, self.at_most[name]) if name in self.at_most else kind


class Refused(Exception):
    """A value that cannot be taken; the text says what the variable takes."""


def checked(option: Option, name: str, value: Any, limits: Limits) -> Any:
    """Return a value as the type that is specified.

    Args:
        option: the specification of the variable, as in ``argument_specs``.
        name: name of the variable without prefix.
        value: anything that is not empty.
        limits: what numbers may be.
    Raises: Refused where the value cannot be taken.
    """
    kind = str(option.get("type", "str"))
    elements = str(option.get("elements", "raw"))
    choices = option.get("choices")
    takes = _one_of(choices) if choices else limits.text(name, _KINDS[kind])
    if kind == "list":
        takes = "any of %s" % _one_of(choices) if choices else "a list" if elements == "raw" else "a list, each part %s" % _KINDS[elements]
    try:
        converted = _CONVERSIONS[kind](value)
        if kind == "list":
            converted = [_CONVERSIONS[elements](part) for part in converted]
    except (TypeError, ValueError):
        raise Refused(takes) from None
    parts = converted if kind == "list" else [converted]
    if (choices and any(part not in choices for part in parts)) or not limits.allow(name, converted):
        raise Refused(takes)
    return converted


@functools.cache
def _specification(path: str) -> Mapping[str, Option]:
    """Return the options of the argument specification in a role's folder. Raises AnsibleError where there is none."""
    try:
        options: Mapping[str, Option] = yaml.safe_load(Path(path, "meta", "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"][
            "options"
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise AnsibleError("role_inputs: %s is no role with an argument specification: %s" % (path, error)) from error
    return options


def misspelt(names: Iterable[str], known: Iterable[str], prefix: str) -> List[str]:
    """Return a sentence for each variable that is nearly called as one of the role."""
    candidates = sorted(known)
    sentences = []
    strange = {name for name in names if name.startswith(prefix) and not name.endswith(_LEFT_BEHIND)}
    for name in sorted(strange - set(candidates)):
        near = difflib.get_close_matches(name, candidates, 1, _MISSPELT)
        sentences += ["There is no variable %s. Did you mean %s?" % (name, near[0])] if near else []
    return sentences


def role_inputs(folder: str, variables: Mapping[str, Any], template: Callable[[Any], Any], limits: Limits) -> Dict[str, Any]:
    """Return the variables of a role by their names without prefix, and ``refusals`` with a sentence for each that cannot be taken.

    Args:
        folder: folder of the role, whose name is the prefix of its variables.
        variables: all variables of the task.
        template: makes the value of a variable.
        limits: what numbers and times may be.
    Raises: AnsibleError where the folder is of no role.
    """
    options = _specification(folder)
    prefix = Path(folder).name + "_"
    found: Dict[str, Any] = {}
    refusals: List[str] = []
    for full_name, option in options.items():
        name = full_name[len(prefix) :]
        value = template(variables[full_name]) if full_name in variables else None
        is_omitted = "omit" in variables and not _is_nested(value) and value == variables["omit"]
        try:
            converted = None if is_omitted or _is_unset(value) else checked(option, name, value, limits)
        except Refused as refused:
            refusals.append("%s is %s; it takes %s." % (full_name, "a secret of another form" if option.get("no_log") else _shown(value), refused))
            continue
        if converted is not None and converted != []:
            found[name] = converted
        elif "default" in option:
            found[name] = option["default"]
        elif option.get("required"):
            refusals.append("%s is required: %s" % (full_name, _description(option)))
    refusals += misspelt(variables, options, prefix)
    return {**found, "refusals": refusals}


def _description(option: Option) -> str:
    """Return the first paragraph of a description without the markup of documentation."""
    written = option.get("description", "")
    text = str(written[0] if isinstance(written, list) else written)
    return re.sub(r"\b[A-Z]\(([^()]*)\)", r"\1", text).strip()


class LookupModule(LookupBase):  # type: ignore[misc]  # core is not typed
    """The variables of roles, checked and typed."""

    def run(self, terms: Sequence[Any], variables: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> List[Dict[str, Any]]:
        """Return one mapping for each folder of a role. Raises AnsibleError where a folder is of no role."""
        self.set_options(var_options=variables, direct=kwargs)
        limits = Limits(*(self.get_option(name) for name in ("at_least", "at_most", "more_than", "times")))
        return [role_inputs(str(term), variables or {}, self._templar.template, limits) for term in terms]
