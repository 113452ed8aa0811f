"""Gives a run of the command line the origin of one that the web interface started: it shows in the same places.

Dagster creates runs of `execute_in_process` without, and its job page and timeline list runs by it (dagster#17707).
The classes of an origin are private: where they have moved, runs go on without (docs/decisions/0019).

Put here: that origin. Keep out: running.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

MODULE = "orchestration.definitions"
"""The code location as `costops ui` loads it."""
REPOSITORY = "__repository__"
_LABEL_TAG = ".dagster/repository"


@contextmanager
def shown_in_ui(instance: dg.DagsterInstance, job_name: str) -> Iterator[bool]:
    """Runs created through `instance` meanwhile belong to a job of the code location; says whether they can."""
    origin = _origin(job_name)
    if origin is None:
        yield False
        return
    create = instance.create_run_for_job

    def create_shown(*args: Any, **kwargs: Any) -> Any:
        kwargs["tags"] = dict(kwargs.get("tags") or {}) | {_LABEL_TAG: f"{REPOSITORY}@{MODULE}"}
        kwargs["remote_job_origin"] = origin
        return create(*args, **kwargs)

    instance.create_run_for_job = create_shown  # type: ignore[method-assign]
    try:
        yield True
    finally:
        del instance.create_run_for_job


def _origin(job_name: str) -> Any | None:
    try:
        from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteRepositoryOrigin
        from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

        target = LoadableTargetOrigin(executable_path=sys.executable, module_name=MODULE)
        location = ManagedGrpcPythonEnvCodeLocationOrigin(loadable_target_origin=target, location_name=MODULE)
        return RemoteRepositoryOrigin(location, REPOSITORY).get_job_origin(job_name)
    except Exception:  # whatever a moved private API raises, the run matters more than where it is listed
        return None
