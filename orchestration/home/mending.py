"""What every run does first with the files that the one before may have left broken.

Put here: the order. Keep out: each kind of file (`last_good`, `run_history`), asked repairs (`running.repairing`).
"""

from __future__ import annotations

from collections.abc import Callable

from ingestion.config import Settings
from ingestion.landing.forgotten import read_forgotten
from orchestration.home.last_good import heal, problem_of
from orchestration.home.run_history import set_broken_history_aside

Tell = Callable[[str], None]


def mend(settings: Settings, tell: Tell, *, was_killed: bool, history: bool = True) -> None:
    """Mend the warehouse, the published copy and, where Dagster has it not open, the run history.

    The home must be held. After a run that was killed the files are read whole.

    Raises:
        UnreadableAccessError: nobody can say who people are; no run may go on without.
    """
    read_forgotten(settings.home)
    heal(settings, tell, thorough=was_killed)
    remove_broken_copy(settings, tell, thorough=was_killed)
    if history:
        set_broken_history_aside(settings, tell)


def remove_broken_copy(settings: Settings, tell: Tell, *, thorough: bool) -> bool:
    """Delete a published copy that is broken, as the next run publishes it again; returns whether it was."""
    published = settings.published_database
    problem = problem_of(published, thorough=thorough)
    if problem:
        published.unlink()
        tell(f"published copy: it was broken ({problem}); the next run that succeeds publishes it again")
    return problem is not None
