# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole estate for one task: into its result, into a file, or only counted. Private to this collection."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Dict, List, Optional

from .._api.errors import OptionError
from .._api.estate import Report, read_estate
from .._api.estate_plan import Plan, plan_of
from .._api.expanding import Expanding, Shelf, ShelfInFile
from .._api.session import Session
from .._api.sinks import InFile, InResult, Sink
from .._api.whole_file import WholeFile, check_destination, scratch_file
from .lanes import Call, Result

_PLAN_OPTIONS = ("subset", "since", "fields", "limit", "links", "expand", "workers")


def estate(call: Call) -> Result:
    """Return the estate, or where it was written to. Raises EmError, for malformed options before anything is sent."""
    plan = plan_of(**{name: call.params[name] for name in _PLAN_OPTIONS})
    dest = call.params["dest"]
    if not dest:
        if call.params["compress"] != "none":
            raise OptionError("compress is set and dest is not.", advice="Only a file is compressed: name it in dest.")
        return _into_result(call, plan)
    return _would_write(call, plan, dest) if call.check_mode else _into_file(call, plan, dest)


def _into_result(call: Call, plan: Plan) -> Result:
    """Return the records themselves."""
    sink = InResult()
    expanding = Expanding(plan, Shelf(), sink) if plan.expand else None
    with call.open_session() as session:
        reports = _read_whole(session, plan, sink, expanding)
    records = {resource.plural: sink.records_of(resource) for resource in plan.kinds}
    return {"changed": False, "estate": records, **_counts(reports, expanding)}


def _into_file(call: Call, plan: Plan, dest: str) -> Result:
    """Write the records to the file; it comes to be there at the end or not at all."""
    with ExitStack() as stack:
        file = stack.enter_context(WholeFile(dest, call.params["compress"]))
        sink = InFile(file)
        expanding = Expanding(plan, ShelfInFile(stack.enter_context(scratch_file(file.path)), file.path), sink) if plan.expand else None
        with call.open_session() as session:
            reports = _read_whole(session, plan, sink, expanding)
        size = file.commit()
    return {"changed": True, **_written(file.path, size), **_counts(reports, expanding)}


def _would_write(call: Call, plan: Plan, dest: str) -> Result:
    """Read what would be written and write nothing."""
    path = check_destination(dest)
    with call.open_session() as session:
        reports = _read_whole(session, plan, Sink())
    said = _counts(reports)
    return {"changed": True, "msg": "%d records would be written to %s." % (said["total"], path), **_written(path, None), **said}


def _written(path: Path, size: Optional[int]) -> Dict[str, Any]:
    """Return where the records are. Not as C(dest): AnsibleModule would add attributes of the file to that, in one of the two lanes."""
    return {"file": {"path": str(path), "size": size}}


def _read_whole(session: Session, plan: Plan, sink: Sink, expanding: Optional[Expanding] = None) -> List[Report]:
    """Read the estate, and follow its references before it goes into the sink where that is wanted."""
    reports = read_estate(session, plan, expanding or sink)
    if expanding:
        expanding.hand_on(session)
    return reports


def _counts(reports: List[Report], expanding: Optional[Expanding] = None) -> Dict[str, Any]:
    """Return what stands beside the records."""
    return {
        "subsets": [report.as_entry() for report in reports],
        "total": sum(report.records for report in reports),
        "followed": vars(expanding.followed) if expanding else None,
    }
