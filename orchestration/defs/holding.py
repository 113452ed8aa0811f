"""Keeps a scoring or alerting step from reading what is held back.

Put here: that question. Keep out: what is held back (`orchestration.publishing.mart_health`).
"""

import dagster as dg

from orchestration.publishing.mart_health import read_health
from orchestration.resources import Home

DATED_BY = "marts.fct_allocated_costs_daily"
"""What every score takes its day from (`scoring_date`)."""
LONGEST = 80
"""Characters of a reason that are said again; the build said all of it."""


def skipped(context: dg.AssetExecutionContext, home: Home) -> dict[str, str] | None:
    """Metadata of a step that must not run because a table it reads is held back; None where it may run."""
    read = {".".join(key.path) for keys in context.assets_def.asset_deps.values() for key in keys}
    read.add(DATED_BY)
    held = read_health(home.settings().dbt_dir).held(sorted(read))
    if not held:
        return None
    name, first = next(iter(held.items()))
    words = f"skipped: it reads {name}, which is held back ({first.reason[:LONGEST]}...)"
    context.log.warning(f"{context.op_execution_context.op.name}: {words}")
    return {"skipped": words}
