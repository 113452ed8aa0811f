"""Checks every file of a home that a run depends on, and mends what can be made again.

Put here: the order of checks. Keep out: how a warehouse is restored (`last_good`).
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from ingestion.config import Settings
from ingestion.landing.keeping import KeptState
from orchestration.home import hold_home, prepare_home
from orchestration.last_good import heal, last_good_path, problem_of
from orchestration.mending import remove_broken_copy
from orchestration.run_history import set_broken_history_aside


def repair(settings: Settings, tell: Callable[[str], None], *, rebuild: bool = False) -> bool:
    """Check all, mend what is broken; returns whether a run is needed. `rebuild` puts the warehouse aside as it is.

    Raises:
        HomeIsBusyError: a run holds the home.
    """
    prepare_home(settings)
    with hold_home(settings):
        copy = last_good_path(settings)
        needs_run = False
        problem = problem_of(copy, thorough=True)
        if problem or (rebuild and copy.exists()):
            copy.unlink()
            tell(f"last good copy: {problem or 'not used for a rebuild'}; deleted, the next good run keeps a new one")
        known = "to be rebuilt" if rebuild and settings.warehouse_path.exists() else None
        if heal(settings, tell, thorough=True, known=known):
            needs_run = True
        elif settings.warehouse_path.exists():
            tell("warehouse: every table was read, nothing is broken")
        else:
            tell("warehouse: there is none; the next run builds it from the files")
            needs_run = True
        connection = duckdb.connect()
        try:
            for part in KeptState(settings.state_dir).broken(connection):
                part.rename(part.with_name(part.name + ".broken"))
                tell(f"kept state: {part} cannot be read and was set aside; what the warehouse has is kept again")
                needs_run = True
        finally:
            connection.close()
        set_broken_history_aside(settings, tell)
        needs_run = remove_broken_copy(settings, tell, thorough=True) or needs_run
        return needs_run
