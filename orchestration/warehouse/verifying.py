"""Recommendations that people acted on: how they were then, what they have saved since.

Put here: taking and keeping snapshots, reading for verification, writing its rows. Keep out: measuring
(`ml.optimization.verification`), asking strategies (`recommending`).
"""

from __future__ import annotations

from datetime import date, datetime

import duckdb

from ml.contracts import TABLES
from orchestration.warehouse.frames import read_frame, replace_rows


def take_snapshots(connection: duckdb.DuckDBPyConnection, now: datetime) -> int:
    """Note how recommendations are that somebody acted on, once each and before they change; returns how many."""
    columns = [name for name in TABLES["recommendation_snapshots"] if name != "taken_at_utc"]
    names = ", ".join(columns)
    found = connection.execute(
        f"insert into ml.recommendation_snapshots ({names}, taken_at_utc) select {names}, ? from ml.recommendations "
        "where recommendation_id in (select recommendation_id from staging.stg_org__recommendation_actions) "
        "and recommendation_id not in (select recommendation_id from ml.recommendation_snapshots)",
        [now],
    ).fetchone()
    return int(found[0]) if found else 0


def verify(connection: duckdb.DuckDBPyConnection, as_of: date, now: datetime) -> int:
    """Replace what is known of savings; returns how many recommendations were acted on."""
    from ml.optimization.verification.inputs import INPUTS
    from ml.optimization.verification.lifecycle import verify as judge

    row = connection.execute("select count(*) from staging.stg_org__recommendation_actions").fetchone()
    if not row or not row[0]:
        connection.execute("delete from ml.verified_savings")
        return 0
    inputs = {name: read_frame(connection, query) for name, query in INPUTS.items()}
    return replace_rows(connection, "verified_savings", judge(inputs, as_of=as_of, scored_at_utc=now))
