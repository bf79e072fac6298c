# Copyright: Contributors to the openbackup.veeam_em collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in jobs: their objects, and for copies the jobs and repositories that they read."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..build import Build
from ..job_details import guest_processing, linked_jobs, linked_repositories, object_values, objects_of
from ..model import COPY_TYPES, Job, Row
from ..wire import Context, Link
from ..world import World


def add(world: World, build: Build) -> None:
    """Add the objects and sources of every job."""
    repositories = {(row.up[0].id, row.name): row.id for row in world.table("Repository").rows()}
    for job, entry in build.file_jobs():
        job.source_repositories = [repositories[job.server.id, name] for name in entry.get("source_repositories", [])]
    for job in build.jobs:
        for order, (name, uid) in enumerate(objects_of(job) if has_objects(job) else []):
            add_object(world, job, name, uid, order)
        add_sources(world, job)
        for values in linked_repositories(job):
            _add_below(world, job, "LinkedBackupRepositoryObject", "linkedBackupRepositories", values)


def has_objects(job: Job) -> bool:
    """Whether a job lists objects: an immediate copy has none of its own."""
    return job.type != "ImmediateBackupCopy"


def add_object(world: World, job: Job, name: str, uid: str, order: int) -> None:
    """Add an object that was put in a job; what is done inside its guest is what the job says."""
    guest = None if job.type in COPY_TYPES else partial(_guest, job)
    _add_below(world, job, "ObjectInJob", "includes", {**object_values(job, name, uid, order), "GuestProcessingOptions": guest})


def _guest(job: Job, _ctx: Context) -> dict[str, Any]:
    return guest_processing(job.options)


def add_sources(world: World, job: Job) -> None:
    """Add the jobs that a copy reads."""
    for values in linked_jobs(job):
        _add_below(world, job, "LinkedJobObject", "linkedJobs", values)


def _add_below(world: World, job: Job, kind: str, place: str, values: dict[str, Any]) -> None:
    entry = values["ObjectInJobId"]
    delete = Link("Delete", f"/jobs/{job.id}/{place}/{entry}", None, kind if kind == "ObjectInJob" else None)
    world.add(Row(entry, kind, "", values, up=(job,), parents=(job.id,), links=(delete,)))
