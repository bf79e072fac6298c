# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules that name a job and wait have in common; other modules do without it and what it leads to. Private to this collection."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .._api.entities._common import RESULTS
from .._api.errors import OptionError
from .._api.waiting import JobTarget, WaitOptions
from .._api.which_job import ANY_KIND, KIND_NAMES
from .lanes import Call, Result
from .options import Argument, ArgumentSpec, Names

# How core before 2.19 renders a null into an option.
_NULL_TEXTS = ("", "None")


def job_spec(uid_aliases: Names = ()) -> ArgumentSpec:
    """Return the options that name one job."""
    uid: Argument = {"type": "str"}
    if uid_aliases:
        uid["aliases"] = list(uid_aliases)
    kind = {"type": "str", "choices": list(KIND_NAMES), "default": ANY_KIND}
    return ArgumentSpec(
        {"job": {"type": "str"}, "job_uid": uid, "backup_server": {"type": "str"}, "job_kind": kind},
        mutually_exclusive=(("job", "job_uid"),),
    )


def target_spec() -> ArgumentSpec:
    """Return the options that lead to a job session without its id: a job, and from when on its runs count."""
    return ArgumentSpec({"since": {"type": "str"}}).merge(job_spec())


def wait_spec() -> ArgumentSpec:
    """Return the options of everything that waits."""
    defaults = WaitOptions()
    return ArgumentSpec(
        {
            "wait_timeout": {"type": "float", "default": float(defaults.timeout)},
            "wait_interval": {"type": "float", "default": float(defaults.interval)},
            "ok_results": {"type": "list", "elements": "str", "choices": list(RESULTS), "default": list(defaults.ok_results)},
        }
    )


def wait_options(params: Mapping[str, Any]) -> WaitOptions:
    """Return how long, how often and for what to wait. Raises OptionError for a time that makes no sense."""
    if params["wait_timeout"] < 0:
        raise OptionError("wait_timeout is %g." % params["wait_timeout"], advice="Set it to the seconds to wait, 0 or more.")
    if params["wait_interval"] <= 0:
        raise OptionError("wait_interval is %g." % params["wait_interval"], advice="Set it to the seconds between two questions, more than 0.")
    return WaitOptions(timeout=params["wait_timeout"], interval=params["wait_interval"], ok_results=tuple(params["ok_results"]))


def retries_spec() -> ArgumentSpec:
    """Return the options that say whether automatic retries of a job count."""
    return ArgumentSpec({"follow_retries": {"type": "bool", "default": False}, "retry_wait": {"type": "int"}})


def text_of(params: Mapping[str, Any], name: str) -> str:
    """Return a text option, "" for one that is not set or that a null was templated into."""
    value = params.get(name)
    return "" if value is None or value in _NULL_TEXTS else str(value)


def job_target(params: Mapping[str, Any]) -> Optional[JobTarget]:
    """Return the job that the options name, None when they name none."""
    target = JobTarget(
        job=text_of(params, "job"),
        job_uid=text_of(params, "job_uid"),
        backup_server=text_of(params, "backup_server"),
        since=text_of(params, "since"),
        job_kind=params["job_kind"],
    )
    return target if target.job or target.job_uid else None


def nothing_started(call: Call) -> Result:
    """Return the result of a wait in check mode for an order that was only predicted."""
    message = "Check mode: nothing was started, so there is nothing to wait for."
    call.progress(message)
    return {
        "changed": False,
        "msg": message,
        "task": None,
        "job_session": None,
        "machines": [],
        "state": None,
        "result": None,
        "reason": None,
        "related": [],
        "runs": [],
        "found_by_query": False,
        "elapsed": 0.0,
        "polls": 0,
    }
