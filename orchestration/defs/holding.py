"""Keeps a scoring or alerting step from reading what is held back, and from doing again what is done.

Put here: these two questions. Keep out: what is held back (`mart_health`), what is due (`running.due`).
"""

import dagster as dg

from orchestration.publishing.mart_health import read_health
from orchestration.resources import Home
from orchestration.running.due.days_over import DATED_BY
from orchestration.running.due.planning import is_planned, step_is_due
from orchestration.running.due.steps import STEPS

LONGEST = 80
"""Characters of a reason that are said again; the build said all of it."""


def skipped(context: dg.AssetExecutionContext, home: Home, step: str) -> dict[str, str] | None:
    """Metadata of a step that must not run, as a table it reads is held back, or need not; None where it has to."""
    read = {*STEPS[step].reads, DATED_BY} - {*STEPS[step].may_lack}
    held = read_health(home.settings().dbt_dir).held(sorted(read))
    if held:
        name, first = next(iter(held.items()))
        words = f"skipped: it reads {name}, which is held back ({first.reason[:LONGEST]}...)"
        context.log.warning(f"{context.op_execution_context.op.name}: {words}")
        return {"skipped": words}
    if is_planned(context.run) and not step_is_due(home.settings(), step, home.now().date()):
        return {"unchanged": "nothing it reads has changed, and the day is the same"}
    return None
